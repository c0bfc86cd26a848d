"""What a database really has, to hold migrations against the schema in the code."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect

from data_access.schema import metadata


def differences(engine: Engine) -> list[Any]:
    """Return what a new migration would have to do."""
    with engine.connect() as conn:
        return compare_metadata(MigrationContext.configure(conn), metadata)


def tables(engine: Engine) -> set[str]:
    """Return the names of the tables and views that are there."""
    found = inspect(engine)
    return {*found.get_table_names(), *found.get_view_names()}


def reflected(engine: Engine) -> dict[str, dict[str, Any]]:
    """Return every table as the database describes it, checks and partial indexes too.

    Two databases of one kind with the same description refuse and find the same rows;
    ``differences`` alone looks at no check and no server default.
    """
    found = inspect(engine)
    kinds = {
        "columns": found.get_multi_columns,
        "primary key": found.get_multi_pk_constraint,
        "foreign keys": found.get_multi_foreign_keys,
        "unique": found.get_multi_unique_constraints,
        "checks": found.get_multi_check_constraints,
        "indexes": found.get_multi_indexes,
    }
    if engine.dialect.supports_comments:
        kinds["comment"] = found.get_multi_table_comment
    described: dict[str, dict[str, Any]] = {}
    for kind, read in kinds.items():
        for (_, table), content in read().items():
            described.setdefault(table, {})[kind] = _plain(content)
    return described


def _plain(content: Any) -> Any:
    """Turn types and clauses into text; the order in which rules are told means nothing."""
    match content:
        case dict():
            return {key: _plain(value) for key, value in content.items()}
        case list() if content and isinstance(content[0], dict):
            return sorted(map(_plain, content), key=str)
        case list():
            return [_plain(each) for each in content]
        case _:
            return str(content)
