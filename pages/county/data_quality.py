"""数据质量: what is wrong in the ledgers, who mends it, and whether it got better."""

from data_access.accounts import Permission
from ui import data_quality, filters
from ui.session import require

user = require(Permission.DATA_QUALITY_VIEW)
chosen = filters.shared(user)
data_quality.show(user, chosen)
