"""县区自查."""

from data_access.accounts import Permission
from ui.session import require

user = require(Permission.SELF_REVIEW_VIEW)
