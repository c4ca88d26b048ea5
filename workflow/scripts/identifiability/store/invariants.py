"""What holds in the rows of a file, across them and across files, as declared in the contracts.

Everything is asked of DuckDB. Every statement across rows is SQL that gives the rows which break
it. It reads the artifact itself and others that belong to the same networks, each under its own
name, and of the protocols (``identifiability.stages.protocol_filters.protocol_tables``):

* ``protocols`` (``protocol``, ``reference``, ``inputs``, ``selection``, ``complete``,
  ``tolerance``, ``pairs``, ``mappings_listed``): what each asks for, and whether its mappings are
  listed one by one;
* ``admitted`` (``protocol``, ``n_hidden``, ``n_edges``): the cells whose circuits are candidates.
"""

import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from identifiability.store.contracts import Across, ContractError, contract

if TYPE_CHECKING:
    import duckdb


def check_rows(artifact: str, table: pa.Table) -> None:
    """Makes sure that every row of a table keeps the contract: nulls, ranges, key, invariants.

    Args:
        artifact: Whose contract.
        table: The rows, with the contract's columns and types.

    Raises:
        ContractError: With the first few violations.
    """
    own = contract(artifact)
    # Conditions that no row may meet, each with what is shown of one that does, and words.
    rules = [
        (condition, f'"{name}"', f"{name}: ", words)
        for name, column in own.columns_of(table.schema.names).items()
        for words, condition in column.broken(name).items()
    ]
    key = ", ".join(f'"{name}"' for name in own.key)
    rules += [(f"NOT ({one})", f"({key})", "", f"breaks {one!r}") for one in own.invariants]
    found = []
    with _database().cursor() as connection:
        connection.register("own", table)
        # One scan for all.
        counts = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition, *_ in rules)
        (numbers,) = connection.sql(f"SELECT {counts} FROM own").fetchall()
        for (condition, shown, where, words), n in zip(rules, numbers, strict=True):
            if n:
                rows = connection.sql(f"SELECT {shown} FROM own WHERE {condition} LIMIT 1")
                more = f" (and {n - 1:,} more)" if n > 1 else ""
                found += [f"{where}{value!r} {words}{more}" for (value,) in rows.fetchall()]
        twice = f"SELECT ({key}), count(*) AS n FROM own GROUP BY ALL HAVING n > 1 LIMIT 1"
        for value, n in connection.sql(twice).fetchall():
            found.append(f"{value!r} is to be unique, and is in {n:,} rows")
    if found:
        raise ContractError(f"{artifact}: {'; '.join(found[:3])}")


def across_of(artifact: str, known: Mapping[str, Any]) -> Iterator[Across]:
    """The statements of an artifact's contract for which everything that they read is known."""
    return (one for one in contract(artifact).across if set(one.reads) <= set(known))


def broken(
    artifact: str, relations: Mapping[str, pa.Table | Path]
) -> Iterator[tuple[Across, pa.Table]]:
    """The statements of a contract that do not hold, each with the rows that break it.

    Args:
        artifact: Whose contract.
        relations: The artifact and those that its statements read, by name, as tables or Parquet
            files; statements that read others are left aside.
    """
    statements = [*across_of(artifact, relations)]
    if not statements:
        return
    # Relations are put into a connection of their own.
    with _database().cursor() as connection:
        connection.execute("SET enable_progress_bar = false")
        for name in sorted({artifact, *(name for one in statements for name in one.reads)}):
            _put(connection, name, relations[name])
        for one in statements:
            rows = connection.sql(one.broken).to_arrow_table()
            if rows.num_rows:
                yield one, rows


@cache
def _database() -> "duckdb.DuckDBPyConnection":
    """A database in memory, one a process, as opening it takes longer than most statements."""
    import duckdb

    # What takes more memory goes to the disk: jobs ask for what their own work needs.
    limits: dict[str, Any] = {
        "threads": 1,
        "memory_limit": "1GB",
        "temp_directory": tempfile.gettempdir(),
    }
    return duckdb.connect(config=limits)


def _put(connection: "duckdb.DuckDBPyConnection", name: str, relation: pa.Table | Path) -> None:
    """Gives a connection a relation to read."""
    if isinstance(relation, Path):
        # Of this connection alone, as is what is registered.
        quoted = str(relation).replace("'", "''")
        connection.execute(f"CREATE TEMP VIEW {name} AS FROM read_parquet('{quoted}')")
    else:
        connection.register(name, relation)


def check_across(artifact: str, relations: Mapping[str, pa.Table | Path]) -> int:
    """Makes sure that the statements of a contract hold.

    Args:
        artifact: Whose contract.
        relations: As ``broken`` takes them.

    Returns:
        How many statements were checked.

    Raises:
        ContractError: If one does not; names the first row that breaks it.
    """
    for one, rows in broken(artifact, relations):
        raise ContractError(f"{artifact}: {statement_in_words(one, rows)}")
    return sum(1 for _ in across_of(artifact, relations))


def statement_in_words(one: Across, rows: pa.Table) -> str:
    """What does not hold, with the first row that breaks it and how many do."""
    more = f" and {rows.num_rows - 1:,} more rows" if rows.num_rows > 1 else ""
    return f"{rows.slice(0, 1).to_pylist()[0]}{more} break: {one.holds}"
