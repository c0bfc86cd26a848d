"""材料报送: what is due by which day, what was sent, and putting it on record."""

from data_access.accounts import Permission
from ui import filters, submissions
from ui.session import require

user = require(Permission.SUBMISSION_VIEW)
submissions.show(user, filters.shared(user))
