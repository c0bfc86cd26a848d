"""Run a select and return a DataFrame whose columns and dtypes are declared."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from pandas.api.types import pandas_dtype
from sqlalchemy import Connection, Executable


def read_frame(conn: Connection, stmt: Executable, dtypes: Mapping[str, str]) -> pd.DataFrame:
    """Return the rows of ``stmt`` with exactly the columns and dtypes given.

    An empty result keeps its dtypes, so charts need no special case for it.

    Raises:
        TypeError: the columns of ``stmt`` are not those declared.
    """
    result = conn.execute(stmt)
    if list(result.keys()) != list(dtypes):
        raise TypeError(f"query returned {list(result.keys())}, declared {list(dtypes)}")
    rows = result.all()
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in dtypes]
    return pd.DataFrame(
        {
            name: pd.Series(list(values), dtype=pandas_dtype(dtype))
            for (name, dtype), values in zip(dtypes.items(), columns, strict=True)
        }
    )
