"""数据质量."""

from data_access.accounts import Permission
from ui.session import require

user = require(Permission.DATA_QUALITY_VIEW)
