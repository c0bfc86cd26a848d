"""专项检查: who was checked for what, what was found, what is still open."""

from data_access.accounts import Permission
from ui import filters
from ui.session import require

user = require(Permission.CHECK_VIEW)
chosen = filters.shared(user)
