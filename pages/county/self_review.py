"""县区自查: what to do before Thursday, the action plan as a checklist, what each town has open."""

from data_access.accounts import Permission
from ui import filters, self_review, towns
from ui.session import require

user = require(Permission.SELF_REVIEW_VIEW)
chosen = self_review.choose(user, filters.shared(user, by_category=False))
seen = self_review.view(user, chosen)
self_review.show_to_do(user, chosen, seen)
self_review.show_checklist(user, chosen, seen)
towns.show(user, chosen)
