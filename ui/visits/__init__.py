"""The parts of the pages of unannounced visits: plans (暗访计划) and what was found (暗访结果)."""
