"""行动机制: what the plan asks every county to put in place, who has it, and whom to call."""

from data_access.accounts import Permission
from ui import county_actions, filters
from ui.session import require

user = require(Permission.COUNTY_ACTION_VIEW)
county_actions.show(user, filters.shared(user))
