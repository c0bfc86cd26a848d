"""材料报送."""

from data_access.accounts import Permission
from ui.session import require

user = require(Permission.SUBMISSION_VIEW)
