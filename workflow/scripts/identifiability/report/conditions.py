"""What sentences of the report take for granted: SQL beside them in ``paper/replication.typ``."""

import re
from collections.abc import Iterable, Mapping

import pandas as pd

_CONDITION = re.compile(r'"(SELECT [^"]*)"')


def conditions(source: str) -> list[str]:
    """The conditions in a Typst source: its strings that begin with ``SELECT``."""
    return list(dict.fromkeys(_CONDITION.findall(source)))


def hold(queries: Iterable[str], tables: Mapping[str, pd.DataFrame]) -> dict[str, bool | None]:
    """Whether conditions hold.

    Args:
        queries: Each gives one row with one truth value.
        tables: What they read, by name.

    Returns:
        The answers by query; None where the run has nothing to say: no row, or no such column.

    Raises:
        duckdb.Error: If one is no SQL.
    """
    import duckdb

    found: dict[str, bool | None] = {}
    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        for query in queries:
            try:
                row = connection.execute(query).fetchone()
            except duckdb.BinderException:  # an empty table lacks the columns that rows have
                row = None
            found[query] = row[0] if row else None
    return found
