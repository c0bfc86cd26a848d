"""Every chart that these tests draw is one."""

from tests.charts import charts_are_held_to_their_schema

__all__ = ["charts_are_held_to_their_schema"]
