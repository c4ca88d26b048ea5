"""The report's tables: rows of text, ready to be set (paper/replication.typ).

Everything a reader sees is decided here: labels, digits, what is put together in a cell. The Typst
source only places it.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from identifiability.circuits.shapes import count_candidates
from identifiability.digits.tables import PUBLISHED_PREFIX
from identifiability.evidence.claims import (
    CANNOT_BE_COMPARED,
    NOT_REPRODUCED,
    REPRODUCED,
    SAME_DIRECTION,
    estimated_in_part,
)
from identifiability.evidence.coverage import CELL_LEVEL
from identifiability.evidence.differences import QUANTITIES
from identifiability.evidence.ladder import LADDER
from identifiability.evidence.ledger import TESTS, WITHOUT_NOISE, Difference, Side
from identifiability.exhibits.tables.untrained import QUESTIONS
from identifiability.networks.families import Family
from identifiability.report.criteria import of_circuits, of_interventions, of_variables
from identifiability.report.facts import (
    LEFT_OPEN,
    Findings,
    cutoff_of,
    effects_of,
    label_of,
    ladder_shares,
    setting_of,
    sweeps_of,
)
from identifiability.report.numerals import (
    MISSING,
    about,
    decimal,
    exact,
    interval,
    listed,
    number,
    p_value,
    percent,
    small_percent,
    with_powers,
)

Rows = list[dict[str, Any]]

NAMES: Mapping[str, str] = {
    "n_circuits": "Perfect circuits",
    "interpretations_per_circuit": "Interpretations per circuit",
    "n_interpretations": "Interpretations in all",
    "n_algorithms": "Algorithms",
    "mappings_per_algorithm": "Minimal mappings per algorithm",
    "n_mappings": "Minimal mappings in all",
}
"""Quantities as headings."""
CODES: Mapping[str, str] = {
    REPRODUCED: "full",
    SAME_DIRECTION: "half",
    NOT_REPRODUCED: "empty",
    CANNOT_BE_COMPARED: "none",
}
"""Signs for verdicts."""
_IN_OTHER_TABLES = {f"C{number}" for number in (*range(11, 14), *range(15, 27))}
"""Claims whose values stand in Tables 3 and 4 and in that of the tests."""
_NOT_RUN = "not in this run"
_MOST_ROWS = 24
_SIGNIFICANT = 0.05
_EXPERIMENTS: Mapping[str, str] = {
    "basic": "nothing",
    "size": "width k of the hidden layers",
    "tasks": "number of tasks n",
    "gate": "gate",
    "loss": "loss cutoff",
    "noise": "noise on training inputs, at two cutoffs",
    "distribution": "probabilities of the inputs",
    "untrained": "nothing: no training",
    "exact": "width k, counted without a cap",
}
"""What the experiments vary."""


def report_tables(found: Findings) -> dict[str, Any]:
    """Every table of the report, by name."""
    tables = found.tables
    return {
        "experiments": experiments(found),
        "protocols": protocols_table(found),
        "table_1": interpretations_table(tables["table_1"]),
        "table_2": mappings(tables["table_2"]),
        "table_3": noise(tables["table_3"], found),
        "table_4": entropy(tables["table_4"]),
        "tests": tests(tables["tests"]),
        "untrained": untrained_table(tables["untrained"]),
        "differences": differences(tables["differences"], found),
        "verdicts": verdicts_table(found),
        "values": values(found),
        "ladder": ladder_table(found),
        "coverage": coverage_table(tables["coverage"], found),
        "digits": digits(tables["digits"], found),
        "digit_families": digit_families(tables["digit_families"], found),
    }


# Settings ----------------------------------------------------------------------------------------


def experiments(found: Findings) -> Rows:
    """Experiments: what varies, the gates, and how many networks converged at every setting."""
    rows: Rows = []
    for name, varied in _EXPERIMENTS.items():
        experiment = found.settings.experiments.get(name)
        for families in (experiment.families, experiment.released) if experiment else ():
            if families:
                rows.append(
                    {
                        "experiment": name,
                        "varied": varied,
                        "gates": _gates(families),
                        "hidden": listed(sorted({str(max(f.hidden)) for f in families})),
                        **_converged(name, families, found),
                    }
                )
    return rows


def _gates(families: Sequence[Family]) -> str:
    """What the networks of some families learn."""
    pools = dict.fromkeys(tuple(gate.name for gate in family.gates) for family in families)
    words = [pool[0] if len(pool) == 1 else f"drawn from {len(pool)}" for pool in pools]
    return listed(words)


def _converged(experiment: str, families: Sequence[Family], found: Findings) -> dict[str, Any]:
    """How many networks of every setting of an experiment converged, and of how many."""
    networks = [found.summaries[f.name].groupby("network_id")["converged"].all() for f in families]
    trained = list(dict.fromkeys(number(len(n)) for n in networks))
    return {
        "networks": [
            {"setting": _setting(experiment, family), "n": number(int(n.sum()))}
            for family, n in zip(families, networks, strict=True)
        ],
        "trained": listed(trained) + (" each" if len(families) > 1 else ""),
    }


def _setting(experiment: str, family: Family) -> str:
    """What tells a family from the others of its experiment; empty where there is no other."""
    if experiment == "noise":
        noise = "noise" if family.training.noise else "no noise"
        return f"{noise}, {cutoff_of(family)}"
    return (
        setting_of(experiment, family) if experiment in ("size", "tasks", "gate", "loss") else ""
    )


def protocols_table(found: Findings) -> dict[str, Any]:
    """The three protocols, criterion by criterion, and their candidates by width."""
    settings = found.settings
    protocols = [settings.protocols[name] for name in found.shown]
    numbers = found.formulas.groupby(["target", "protocol"]).size()
    inputs = settings.experiments["basic"].families[0].n_inputs
    criteria = [
        of_circuits(p)
        | of_interventions(p, inputs)
        | {"Formulas for XOR (D05, D06)": number(int(numbers["XOR", p.name]))}
        | of_variables(p)
        for p in protocols
    ]
    sizes = sorted({family.single_output_sizes for family in settings.used})
    candidates = {
        f"Candidate circuits, k = {max(size[1:-1])}": [
            f"{p.n_candidates(size, count_candidates(size)):,}" for p in protocols
        ]
        for size in sizes
    }
    return {
        "protocols": [p.name for p in protocols],
        "rows": [
            {"criterion": name, "cells": [one[name] for one in criteria]} for name in criteria[0]
        ],
        "candidates": [{"criterion": name, "cells": cells} for name, cells in candidates.items()],
    }


# One network -------------------------------------------------------------------------------------


def interpretations_table(table: pd.DataFrame) -> dict[str, Any]:
    """Table 1: neurons as columns; a column that never varies is one cell.

    Returns:
        Neurons with what they read, and rows of gate and separator per neuron; ``more`` rows are
        left out.
    """
    gates = [column for column in table.columns if column.endswith(" gate")]
    shown = table.head(_MOST_ROWS)
    columns = []
    for column in gates:
        neuron = column.removesuffix(" gate")
        split = shown[column].str.partition(" over ")
        cells = [
            {"gate": gate, "separator": number(separator)}
            for gate, separator in zip(split[0], shown[f"{neuron} separator"], strict=True)
        ]
        columns.append(
            {
                "neuron": neuron,
                "over": split[2].iloc[0],
                "cells": cells[:1] if all(cell == cells[0] for cell in cells) else cells,
            }
        )
    return {"columns": columns, "rows": len(shown), "more": len(table) - len(shown)}


def mappings(table: pd.DataFrame) -> dict[str, Any]:
    """Table 2: algorithms, and the places of their variables."""
    shown = table.head(_MOST_ROWS)
    groups = [
        {
            "algorithm": _formula(str(algorithm)),
            "places": [_formula(place) for place in rows["places"]],
        }
        for algorithm, rows in shown.groupby("algorithm", sort=False)
    ]
    return {"groups": groups, "more": len(table) - len(shown)}


def _formula(text: str) -> str:
    """A formula in the usual signs."""
    return text.replace("*", "∧").replace("+", "∨")


# Comparisons -------------------------------------------------------------------------------------


def noise(table: pd.DataFrame, found: Findings) -> dict[str, Any]:
    """Table 3: without and with noise, at two cutoffs side by side, protocol by protocol."""
    basic = found.settings.experiments["basic"].families[0]
    comparisons = list(dict.fromkeys(table["comparison"]))
    cutoffs = [_cutoff(comparison, cutoff_of(basic)) for comparison in comparisons]
    blocks = []
    for quantity, rows in table.groupby("quantity", sort=False):
        first = rows.iloc[0]
        before, after = exact(first["published_before"]), exact(first["published_after"])
        lines = [
            {
                "protocol": protocol,
                "cells": [
                    _means(own[own["comparison"] == comparison].iloc[0])
                    for comparison in comparisons
                ],
            }
            for protocol, own in rows.groupby("protocol", sort=False)
        ]
        published = f"{before} → {after}, {_p_words(first['published'])}"
        distinct = [line for i, line in enumerate(lines) if line["cells"] not in _cells(lines[:i])]
        blocks.append(
            {"quantity": NAMES[str(quantity)], "published": published, "lines": distinct}
        )
    return {"cutoffs": cutoffs, "blocks": blocks}


def _cells(lines: Rows) -> list[Any]:
    """What stands in some lines of Table 3, whatever their protocol."""
    return [line["cells"] for line in lines]


def _cutoff(comparison: str, default: str) -> str:
    """The cutoff of a comparison of Table 3."""
    before = comparison.partition(" → ")[0].removeprefix(WITHOUT_NOISE).strip(", ")
    return with_powers(before) if before else default


def _p_words(published: str) -> str:
    """A published p-value, without the direction before it."""
    return published.rpartition(", ")[2]


def _means(row: "pd.Series[Any]") -> dict[str, str]:
    """Two means with their intervals, and the tests between them."""
    guessed = estimated_in_part(row["reason"])
    return {
        "before": about(number(row["mean_before"]), guessed),
        "before_interval": interval(row["mean_before_low"], row["mean_before_high"]),
        "after": about(number(row["mean_after"]), guessed),
        "after_interval": interval(row["mean_after_low"], row["mean_after_high"]),
        **_tests(row),
        "effect": MISSING if np.isnan(row["hedges_g"]) else decimal(row["hedges_g"]),
    }


def _tests(row: "pd.Series[Any]") -> dict[str, Any]:
    """P-values of a row; the reason where there is none."""
    return {
        "p": p_value(row["p"]),
        "p_rank": p_value(row["p_rank"]),
        "kept": bool(row["p_holm"] < _SIGNIFICANT),
        "rank_kept": bool(row["p_rank_holm"] < _SIGNIFICANT),
        "reason": _why(row["reason"]) if np.isnan(row["p"]) else "",
    }


def _why(reason: Any) -> str:
    """Why there is no test, in a few words."""
    if not isinstance(reason, str):
        return ""
    for words in (LEFT_OPEN, _NOT_RUN):
        if reason.startswith(words):
            return "not run" if words == _NOT_RUN else words
    return reason.partition(":")[0].replace(" and ", ", ")


def entropy(table: pd.DataFrame) -> Rows:
    """Table 4: lines on the entropy, quantity by quantity."""
    blocks = []
    for quantity, rows in table.groupby("quantity", sort=False):
        first = rows.iloc[0]
        lines = [
            {
                "protocol": row["protocol"],
                "n": number(row["n"]),
                "slope": about(number(row["slope"]), estimated_in_part(row["reason"])),
                "slope_interval": interval(row["slope_low"], row["slope_high"]),
                "intercept": about(number(row["intercept"]), estimated_in_part(row["reason"])),
                "intercept_interval": interval(row["intercept_low"], row["intercept_high"]),
                **_tests(row),
                "explained": percent(row["r_squared"]),
            }
            for _, row in rows.iterrows()
        ]
        blocks.append(
            {
                "quantity": NAMES[str(quantity)],
                "slope": exact(first["published_slope"]),
                "intercept": exact(first["published_intercept"]),
                "p": _p_words(first["published"]).removeprefix("p ").removeprefix("= "),
                "lines": lines,
            }
        )
    return blocks


def tests(table: pd.DataFrame) -> dict[str, Any]:
    """The tests of C11 to C13: differences of means and p, a column per protocol."""
    blocks: Rows = []
    protocols = list(dict.fromkeys(table["protocol"]))
    for (claim, quantity), rows in table.groupby(["claim", "quantity"], sort=False):
        lines = []
        for comparison, own in rows.groupby("comparison", sort=False):
            by_protocol = own.set_index("protocol")
            published = own["published"].iloc[0]
            lines.append(
                {
                    "comparison": with_powers(str(comparison)),
                    "published": _published_change(published),
                    "cells": [_difference_cell(by_protocol.loc[p]) for p in protocols],
                }
            )
        heading = f"{str(quantity)[0].upper()}{str(quantity)[1:]}"
        blocks.append({"claim": claim, "quantity": heading, "lines": lines})
    return {"protocols": protocols, "blocks": blocks}


def _published_change(published: Any) -> str:
    """The published change in a word."""
    if not isinstance(published, str):
        return "not said"
    change = published.partition(",")[0]
    return "none" if change == "no significant change" else change


def _difference_cell(row: "pd.Series[Any]") -> dict[str, Any]:
    """A difference of means with its tests."""
    difference = about(number(row["difference"]), estimated_in_part(row["reason"]))
    return {"difference": difference, **_tests(row)}


def untrained_table(table: pd.DataFrame) -> dict[str, Any]:
    """Untrained networks: how rare, and how many have several explanations, by protocol."""
    protocols = list(dict.fromkeys(table["protocol"])) if len(table) else []
    rows = []
    for gate, own in table.groupby("gate", sort=False):
        first = own.iloc[0]
        by_protocol = own.set_index("protocol")
        rows.append(
            {
                "gate": gate,
                "found": number(int(first["n_found"])),
                "drawn": number(int(first["n_draws"])),
                "rate": percent_small(first["rate"]),
                "interval": f"[{percent_small(first['rate_low'])}; "
                f"{percent_small(first['rate_high'])}]",
                "n": number(int(first["n"])),
                "several": [
                    [str(by_protocol.loc[p, f"several_{name}"]) for name in QUESTIONS.values()]
                    for p in protocols
                ],
            }
        )
    return {"protocols": protocols, "counts": list(QUESTIONS.values()), "rows": rows}


def percent_small(share: float) -> str:
    """A small share in percent, with two significant digits."""
    return f"{100 * share:.2g}%"


# Differences, claims, ladder ---------------------------------------------------------------------


def differences(table: pd.DataFrame, found: Findings) -> Rows:
    """Every difference, and its effect on the four counts, comparison by comparison."""
    rows = effects_of(table)
    return [
        {
            "id": difference.id,
            "text": with_powers(difference.text),
            "released": with_powers(difference.released),
            "lines": [
                {
                    "networks": _sides(before, after, difference, found),
                    "cells": [
                        _effect(rows[difference.id, before.words, after.words, count])
                        for count in QUANTITIES
                    ],
                }
                for before, after in difference.comparisons
            ],
        }
        for difference in found.differences
    ]


def _sides(before: Side, after: Side, difference: Difference, found: Findings) -> str:
    """Which networks a difference is measured on."""
    families = found.settings.families
    if before.family == after.family:
        gate = f", without {after.without_gate}" if after.without_gate else ""
        return f"{label_of(families[before.family])}{gate}"
    if difference.id == "D14":
        return setting_of("size", families[before.family])
    return f"{label_of(families[before.family])}: to {cutoff_of(families[after.family])}"


def _effect(row: Mapping[str, Any]) -> dict[str, Any]:
    """The effect on one count: the ratio of the means, and the shares with exactly one."""
    known = not np.isnan(row["ratio"])
    same = bool(known and row["ratio"] == row["ratio_low"] == row["ratio_high"] == 1)
    guessed = estimated_in_part(row["reason"])
    ratio = about(f"× {number(row['ratio'])}", guessed)
    return {
        "ratio": ratio if known else _why(row["reason"]) or MISSING,
        "interval": interval(row["ratio_low"], row["ratio_high"]) if known else "",
        "same": same,
        "unique": ""
        if np.isnan(row["unique_before"]) or np.isnan(row["unique_after"])
        else about(f"{percent(row['unique_before'])} → {percent(row['unique_after'])}", guessed),
    }


def verdicts_table(found: Findings) -> dict[str, Any]:
    """The claims with their verdicts, a sign per part and protocol."""
    measured = found.measured
    protocols = list(dict.fromkeys(measured["protocol"]))
    rows = []
    for claim, own in measured.groupby("claim", sort=False):
        known = found.ledger.claims[str(claim)]
        rows.append(
            {
                "claim": known.id,
                "place": known.place,
                "statement": with_powers(known.statement),
                "signs": [
                    [CODES[verdict] for verdict in own[own["protocol"] == p]["verdict"]]
                    for p in protocols
                ],
            }
        )
    return {"protocols": protocols, "rows": rows}


def values(found: Findings) -> dict[str, Any]:
    """The values behind the verdicts that no other table has, a row per part.

    A claim that is not about a protocol has no cell there.
    """
    measured = found.measured[~found.measured["claim"].isin(_IN_OTHER_TABLES)]
    protocols = [p for p in found.shown if p in set(measured["protocol"])]
    blocks = []
    for claim, parts in groupby(
        measured.groupby(["claim", "part"], sort=False), key=lambda item: item[0][0]
    ):
        lines = []
        for (_, part), own in parts:
            by_protocol = {str(row["protocol"]): row for _, row in own.iterrows()}
            lines.append(
                {
                    "part": part,
                    "published": with_powers(own["published"].iloc[0]),
                    "cells": [
                        _value(by_protocol[p]) if p in by_protocol else None for p in protocols
                    ],
                }
            )
        blocks.append({"claim": claim, "lines": lines})
    return {"protocols": protocols, "blocks": blocks}


def _value(row: "pd.Series[Any]") -> dict[str, str]:
    """A measured value with its interval and the sign of its verdict."""
    share = row["statistic"] == "share"
    sign = CODES[row["verdict"]]
    if np.isnan(row["value"]):
        return {"sign": sign, "value": _why(row["reason"]), "interval": ""}
    value = percent(row["value"]) if share else number(row["value"])
    value = about(value, estimated_in_part(row["reason"]))
    bare = row["statistic"] in ("count", *TESTS)
    return {
        "sign": sign,
        "value": value,
        "interval": "" if bare else interval(row["low"], row["high"], share=share),
    }


def ladder_table(found: Findings) -> dict[str, Any]:
    """The ladder: shares of networks with exactly one, steps as rows, families as columns."""
    table = found.tables["table_ladder"]
    groups, columns = [], []
    for _, experiment, families in sweeps_of(found.settings):
        if experiment in ("size", "tasks"):
            groups.append(
                {
                    "heading": _ladder_heading(experiment, families),
                    "settings": [setting_of(experiment, f).split()[-1] for f in families],
                }
            )
            columns += [f.name for f in families]
    blocks = []
    for question, steps in LADDER.items():
        shares = ladder_shares(table, question, columns)
        guessed = ladder_shares(table, question, columns, "estimated").astype(bool)
        blocks.append(
            {
                "question": f"Exactly one {question}",
                "lines": [
                    {
                        "step": step.name,
                        "cells": [
                            "open" if np.isnan(v) else about(percent_of(v), bool(g))
                            for v, g in zip(row, own, strict=True)
                        ],
                    }
                    for step, row, own in zip(steps, shares, guessed, strict=True)
                ],
            }
        )
    return {"groups": groups, "blocks": blocks}


def percent_of(share: float) -> str:
    """A share in whole percent, without the sign."""
    return f"{100 * share:.0f}"


def coverage_table(table: pd.DataFrame, found: Findings) -> Rows:
    """Estimates against exact numbers: how often intervals hold them, by family and level."""
    every = table[table["quantity"] == "n_interpretations"].to_dict("records")
    reachable = table[table["quantity"] == "n_interpretations_reachable"].to_dict("records")
    return [
        {
            "setting": label_of(found.settings.families[one["family"]]),
            "level": "cells" if one["level"] == CELL_LEVEL else one["level"],
            "protocol": one["level"] != CELL_LEVEL,
            "n": f"{one['n']:,}",
            "cells": [
                {
                    "held": percent(row["share_held"]),
                    "interval": interval(
                        row["share_held_low"], row["share_held_high"], share=True
                    ),
                    "error": small_percent(row["relative_error"]),
                }
                for row in (one, other)
            ],
        }
        for one, other in zip(every, reachable, strict=True)
        if one["n"]
    ]


def digits(table: pd.DataFrame, found: Findings) -> dict[str, Any]:
    """Circuits of the networks of the claim, by seed, and beside them the published numbers."""
    family = next(iter(found.settings.digit_families))
    own = table[table["family"] == family]
    protocols = [p for p in found.shown if p in own]
    beside = [str(column) for column in own if str(column).startswith(PUBLISHED_PREFIX)]
    return {
        "protocols": protocols,
        "published": [column.removeprefix(PUBLISHED_PREFIX) for column in beside],
        "rows": [
            {
                "seed": str(row["seed"]),
                "accuracy": percent(row["accuracy"]),
                "cells": [
                    f"{row[p]:,.0f}" if row["converged"] else "not converged" for p in protocols
                ],
                "published": [f"{row[column]:,.0f}" for column in beside],
            }
            for row in own.to_dict("records")
        ],
    }


def digit_families(table: pd.DataFrame, found: Findings) -> dict[str, Any]:
    """Circuits of networks that tell two digits apart: a row per family, a column per protocol."""
    protocols = [p for p in found.shown if p in set(table["protocol"])]
    rows = []
    for name, family in found.settings.digit_families.items():
        own = table[table["family"] == name].set_index("protocol").to_dict("index")
        rows.append(
            {
                "digits": "{} and {}".format(*family.digits),
                "layers": ", ".join(map(str, family.circuit_sizes)),
                "networks": f"{own[protocols[0]]['converged']} of {own[protocols[0]]['networks']}",
                "cells": [
                    {
                        "median": number(own[p]["median"]),
                        "range": f"{own[p]['fewest']:,.0f}–{own[p]['most']:,.0f}"
                        if own[p]["converged"]
                        else "",
                    }
                    for p in protocols
                ],
            }
        )
    return {"protocols": protocols, "rows": rows}


def _ladder_heading(experiment: str, families: Sequence[Family]) -> str:
    """What a group of the ladder's columns varies."""
    if experiment == "tasks":
        return "tasks n"
    gates = families[0].gates
    return f"k, {gates[0].name if len(gates) == 1 else f'{len(gates)} gates'}"
