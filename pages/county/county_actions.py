"""行动机制."""

from data_access.accounts import Permission
from ui.session import require

user = require(Permission.COUNTY_ACTION_VIEW)
