"""The rows of a chart's data, as they travel."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def decoded(stream: bytes) -> list[dict[str, Any]]:
    with pa.ipc.open_stream(stream) as reader:
        rows: list[dict[str, Any]] = reader.read_all().to_pylist()
    return rows
