"""底数比对."""

from data_access.accounts import Permission
from ui.session import require

user = require(Permission.RECONCILIATION_VIEW)
