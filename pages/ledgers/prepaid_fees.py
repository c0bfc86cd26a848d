"""预收费监管: whose prepaid money is supervised, what broke the rules, what is at risk."""

from data_access.accounts import Permission
from ui import filters
from ui.session import require

user = require(Permission.FEE_VIEW)
chosen = filters.shared(user)
