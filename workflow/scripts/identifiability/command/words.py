"""Explanations of a network for people: counts side by side, then some of them in words."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from identifiability.algorithms.formulas import UNTRIED
from identifiability.command.explanation import QUESTIONS, Explanation, count_in_words
from identifiability.drawing.style import save
from identifiability.stages.summary import answer, answer_of_places

_OF_FORMULAS = ("n_algorithms", "n_mappings")
_VERDICTS = {"unique": "unique", "none": "none found", "empty": "the empty one"}


def print_explanations(
    console: Console,
    explained: Sequence[Explanation],
    refused: Mapping[str, str],
    listed: int,
) -> None:
    """Prints what was found in one network, under one protocol or several.

    Args:
        console: Where to.
        explained: The explanations, one a protocol.
        refused: By protocol under which it is out of reach, why.
        listed: How many circuits and mappings are shown in words.
    """
    first = explained[0]
    console.print(Text(f"read as: {first.assumed}", "dim"), soft_wrap=True)
    for index, target in enumerate(first.frames["networks"]["targets"].iloc[0]):
        console.print(Text.assemble((first.name, "bold"), f" computes {target}"))
        rows = [{**found.frames["summary"].iloc[index]} for found in explained]
        console.print(_counts(explained, rows))
        said = {why: [name] for name, why in refused.items()}
        for found, row in zip(explained, rows, strict=True):
            for note in _notes(found, row):
                said.setdefault(note, []).append(found.protocol.name)
        for note, names in said.items():
            console.print(Text(f"{', '.join(names)}: {note}", "dim"), soft_wrap=True)
        if listed:
            _print_listed(console, explained, rows, target, listed)
        console.print()


def _counts(explained: Sequence[Explanation], rows: Sequence[dict[str, Any]]) -> Table:
    """The counts, a column per protocol; in it, what is unique and what is none."""
    names = [found.protocol.name for found in explained]
    table = Table("", "", *names, box=None, pad_edge=False, header_style="dim")
    for column in table.columns[2:]:
        column.justify, column.no_wrap = "right", True
    for question, count, what in QUESTIONS:
        cells = []
        for one, row in zip(explained, rows, strict=True):
            if count in _OF_FORMULAS and UNTRIED in one.formulas_searched.get(row["target"], ""):
                cells.append(Text("none tried"))
                continue
            found = answer(row[count])
            if count == "n_mappings":
                found = answer_of_places(row[count], row["n_mappings_empty"])
            verdict = _VERDICTS.get(str(found)) if question else None
            text = Text(count_in_words(row, count))
            cells.append(text.append(f" {verdict}", "bold") if verdict else text)
        table.add_row(question, what, *cells)
    return table


def _notes(found: Explanation, row: dict[str, Any]) -> list[str]:
    """What has to be known of the counts of one protocol."""
    notes = [str(found.reach)]
    if row["n_circuits"] == 0 and not found.protocol.full_node_set:
        notes.append(
            "the circuits that keep every hidden neuron are no candidates, as in the released code"
        )
    if row["target"] in found.formulas_searched:
        notes.append(found.formulas_searched[row["target"]])
    return notes


def _print_listed(
    console: Console,
    explained: Sequence[Explanation],
    rows: Sequence[dict[str, Any]],
    target: str,
    listed: int,
) -> None:
    """Prints mappings and circuits in words, of the last protocol that has some."""
    with_mappings = [f for f, row in zip(explained, rows, strict=True) if row["n_mappings"]]
    for found in with_mappings[-1:]:
        n = len(found.of_target("mappings", target)[1])
        console.print(Text(f"mappings under {found.protocol.name}, {min(listed, n)} of {n:,}:"))
        for i in range(min(listed, n)):
            console.print(f"  {found.mapping_in_words(i, target=target)}", soft_wrap=True)
    with_circuits = [f for f, row in zip(explained, rows, strict=True) if row["n_circuits"]]
    for found in with_circuits[-1:]:
        n = len(found.of_target("circuits", target)[1])
        said = f"circuits under {found.protocol.name}, sparsest first, {min(listed, n)} of {n:,}:"
        console.print(Text(said))
        for i in range(min(listed, n)):
            read = found.interpretations(i, target=target, most=1).to_dict("records")
            words = "; ".join(f"{neuron} = {gate}" for one in read for neuron, gate in one.items())
            console.print(f"  {words or 'without an interpretation'}", soft_wrap=True)


def draw_explanations(folder: Path, explained: Sequence[Explanation], listed: int) -> None:
    """Writes drawings of the first circuits and mappings of every protocol and target.

    Args:
        folder: Where to, as ``NETWORK-PROTOCOL-TARGET-circuit-1.svg``.
        explained: The explanations, one a protocol.
        listed: How many of each.
    """
    for found in explained:
        for target in found.frames["networks"]["targets"].iloc[0]:
            for kind, draw in (("circuit", found.draw_circuit), ("mapping", found.draw_mapping)):
                n = len(found.of_target(f"{kind}s", target)[1])
                for i in range(min(listed, n)):
                    name = f"{found.name}-{found.protocol.name}-{target}-{kind}-{i + 1}.svg"
                    save(draw(i, target=target), [folder / name])
