"""How tables are written: checked, beside their place, then renamed."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from identifiability.exhibits.exhibit import Exhibit
from identifiability.report.numerals import number, with_interval
from identifiability.store.artifacts import stamped, to_table
from identifiability.store.files import written_whole

NOTE = "note"
"""The attribute of a table's frame that says in words what this run's rows are about."""


def write(
    table: pd.DataFrame, exhibit: Exhibit, paths: Mapping[str, str], made_by: Mapping[str, str]
) -> None:
    """Writes a table in all its formats.

    Args:
        table: What its module makes.
        exhibit: What it declares.
        paths: Where to, by format.
        made_by: What ``artifacts.provenance`` says; goes into the metadata of the Parquet file.

    Raises:
        ContractError: If the table breaks its contract. Nothing is written then.
    """
    checked = stamped(to_table(table, f"tables/{exhibit.name}"), made_by)
    note = f"\n\n{table.attrs[NOTE]}." if table.attrs.get(NOTE) else ""
    text = f"{exhibit.heading}. {exhibit.caption}{note}\n\n{markdown(table)}\n"
    writers: dict[str, Callable[[Path], object]] = {
        "parquet": lambda path: pq.write_table(checked, path),
        "csv": lambda path: table.to_csv(path, index=False),
        "md": lambda path: path.write_text(text),
    }
    for format, write_format in writers.items():
        with written_whole(Path(paths[format])) as file:
            write_format(file)


def markdown(table: pd.DataFrame) -> str:
    """A Markdown table; numbers to be read, intervals beside their values, null as nothing."""
    if table.empty:
        return "(no rows)"
    shown = table.copy()
    for column in table.columns[table.dtypes == "str"]:
        shown[column] = table[column].str.replace(r"([|*])", r"\\\1", regex=True).fillna("")
    for column in table.columns:
        ends = [f"{column}_low", f"{column}_high"]
        if set(ends) <= set(table.columns):
            numbers = zip(table[column], table[ends[0]], table[ends[1]], strict=True)
            shown[column] = [with_interval(*row) for row in numbers]
            shown = shown.drop(columns=ends)
    for column in shown.columns[shown.dtypes == "float64"]:
        shown[column] = ["" if np.isnan(v) else number(v) for v in shown[column]]
    return str(shown.to_markdown(index=False, disable_numparse=True))
