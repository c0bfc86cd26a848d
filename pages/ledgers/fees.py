"""收费监管: whose prices may have been raised, and what lessons cost in the city."""

from data_access.accounts import Permission
from ui import filters
from ui.session import require

user = require(Permission.FEE_VIEW)
chosen = filters.shared(user)
