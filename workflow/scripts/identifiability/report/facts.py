"""What the report's text says: every number of ``paper/replication.typ``, by name.

A fact is text to be printed, or None where the run has nothing to say it of. The names are put
together from what they are about, such as ``mixed-k3.released.q4.unique``; the report prints "not
run" for a fact that is None or not there.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from math import ceil, log10
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from identifiability.circuits.shapes import count_candidates
from identifiability.config.settings import Config
from identifiability.evidence import noise
from identifiability.evidence.claims import estimated_in_part
from identifiability.evidence.differences import QUANTITIES, effects_of
from identifiability.evidence.ladder import LADDER, ladder_shares
from identifiability.evidence.ledger import OURS, TESTS
from identifiability.evidence.sparsity_caps import ALL, COMPARED, shares
from identifiability.evidence.statistics import CONFIDENCE, POWER
from identifiability.evidence.sweeps import cutoff_of, estimated
from identifiability.evidence.verdicts import MIN_TALLY, VERDICTS, tallied, tally
from identifiability.exhibits.example import Example
from identifiability.protocols import SAMPLE_ACCURACY, VARIANTS, pair_mask
from identifiability.report.every_reading import reading_facts
from identifiability.report.findings import LEFT_OPEN, Findings, label_of, setting_of, sweeps_of
from identifiability.report.numerals import (
    NO_BREAK,
    about,
    equals,
    interval,
    listed,
    number,
    percent,
    power_of_ten,
    small_percent,
    with_powers,
)
from identifiability.stages.rows import ESTIMATE, NOT_DETERMINED

Facts = dict[str, str | bool | None]

_COUNTS = (*QUANTITIES, "n_interpretations_reachable")
_INTERPRETATIONS = ("n_interpretations", "n_interpretations_reachable", "q2")
"""The counts, and the question, that may rest on estimates."""
_QUESTIONS = (*QUANTITIES.values(), "q4_mapped")
_MOST = 0.5


def answers_of(question: str) -> tuple[str, ...]:
    """How a network may answer a question."""
    answers = ("unique", "none", "several")
    return (*answers, "empty") if question == "q4" else answers


def facts(found: Findings) -> Facts:
    """Every fact of a run, by name."""
    parts = (
        _settings(found.settings),
        _networks(found),
        _estimates(found),
        _formulas(found.formulas),
        _families(found),
        _pool(found),
        _series(found),
        _claims(found),
        _empty(found),
        _differences(found),
        _ladder(found),
        reading_facts(found),
        _exact(found),
        _noise(found),
        _digits(found),
        _untrained(found.tables["untrained"]),
        _example(found.example),
        {f"several_from.{q}": _several_from(found, q) for q in QUANTITIES.values()},
    )
    return {name: fact for part in parts for name, fact in part.items()}


def _settings(settings: Config) -> Facts:
    """How networks are trained, and what is tried on them."""
    basic = settings.experiments["basic"].families[0]
    training = basic.training
    inputs = 2**basic.n_inputs
    sizes = {f.single_output_sizes for f in settings.used}
    made: Facts = {
        "seeds": number(basic.seeds),
        "samples": number(training.samples),
        "validation": number(training.validation_samples),
        "batch": number(training.batch_size),
        "epochs": number(training.max_epochs),
        "rate": power_of_ten(round(log10(training.learning_rate))),
        "decay": f"{training.weight_decay:g}",
        "cutoff": cutoff_of(basic),
        "patience": number(training.patience),
        "accuracy": f"{training.min_accuracy:g}",
        "slope": f"{training.negative_slope:g}",
        "depth": number(len(basic.layer_sizes) - 1),
        "pairs.all": number(int(pair_mask("all", inputs).sum())),
        "pairs.released": number(int(pair_mask("source_before_base", inputs).sum())),
        "listed": number(settings.engine["max_listed"]),
        "tie": power_of_ten(round(log10(settings.engine["tie_tolerance"]))),
        "enumerated": f"{settings.engine['max_candidates']:,}",
        "confidence": percent(CONFIDENCE),
        "variants": number(len(VARIANTS)),
        "noise": listed(
            sorted({f"{f.training.noise:g}" for f in settings.used if f.training.noise})
        ),
        "widths": listed(sorted({str(max(size[1:-1])) for size in sizes})),
    }
    for name in ("size", "tasks"):
        gates = settings.experiments[name].families[0].gates
        made[f"pool.{name}"] = listed([gate.name for gate in gates])
    for size in sorted(sizes):
        cells = count_candidates(size)
        for protocol in settings.protocols.values():
            admitted = protocol.n_candidates(size, cells)
            made[f"candidates.{protocol.name}.k{max(size[1:-1])}"] = f"{admitted:,}"
    return made


def _networks(found: Findings) -> Facts:
    """How many networks were trained, and how many converged."""
    made: Facts = {}
    trained = converged = drawn = 0
    for name, summary in found.summaries.items():
        networks = summary.groupby("network_id")["converged"].all()
        n, learned = len(networks), int(networks.sum())
        made |= {
            f"{name}.label": label_of(found.settings.families[name]),
            f"{name}.trained": number(n),
            f"{name}.converged": number(learned),
        }
        family = found.settings.families[name]
        if family.untrained_draws:
            drawn += n
        elif family.is_trained and family.draws_of is None:
            trained, converged = trained + n, converged + learned
    others = pd.concat(found.summaries[f.name] for f in found.settings.independent)
    left_out = others[~others["converged"]].drop_duplicates("network_id")
    return made | {
        "trained": number(trained),
        "converged": number(converged),
        "left_out": number(len(left_out)),
        "analyses.functional": found.settings.analysed == "functional",
        "left_out.functional": number(int(left_out["functional"].sum())),
        "analysed.untrained": number(drawn),
        "families": number(len(found.settings.independent)),
    }


def _estimates(found: Findings) -> Facts:
    """How many networks have interpretations that are estimated, and how well."""
    rows = pd.concat(found.summaries.values())
    guessed = rows[rows["how"] == "estimate"]
    error = guessed["standard_error"] / guessed["n_interpretations"].astype(float)
    return {
        "estimated.networks": number(guessed["network_id"].nunique()),
        "estimated.error": percent(error.max()) if len(guessed) else None,
    }


def _formulas(formulas: pd.DataFrame) -> Facts:
    """How many formulas compute a gate, by protocol."""
    return {
        f"formulas.{target}.{protocol}": number(len(rows))
        for (target, protocol), rows in formulas.groupby(["target", "protocol"])
    }


def _families(found: Findings) -> Facts:
    """Means, medians and answers of every family under every protocol; one value per network."""
    made: Facts = {}
    for name, protocol, rows in _converged(found):
        for count in _COUNTS:
            values = _per_network(rows, count)
            key = f"{name}.{protocol}.{count}"
            known = len(values) > 0 and not values.isna().any()
            guessed = count in _INTERPRETATIONS and estimated(rows)
            made[f"{key}.mean"] = about(number(values.mean()), guessed) if known else None
            made[f"{key}.median"] = about(number(values.median()), guessed) if known else None
        for question in _QUESTIONS:
            for answer in answers_of(question):
                share = share_answering(rows, question, answer)
                key = f"{name}.{protocol}.{question}.{answer}"
                guessed = question in _INTERPRETATIONS and estimated(rows)
                made[key] = None if np.isnan(share) else about(percent(share), guessed)
    return made


def _converged(found: Findings) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Rows of the converged networks by family and protocol, of those that the text compares."""
    for name, summary in found.summaries.items():
        shown = summary[summary["protocol"].isin(found.shown)]
        for protocol, rows in shown.groupby("protocol", sort=False):
            yield name, str(protocol), rows[rows["analysed"]]


def _per_network(rows: pd.DataFrame, count: str) -> "pd.Series[float]":
    """A count per network, the mean over its targets."""
    return pd.to_numeric(rows[count]).astype(float).groupby(rows["network_id"]).mean()


def share_answering(rows: pd.DataFrame, question: str, answer: str) -> float:
    """Share of the networks with an answer; of several targets their mean. NaN if left open."""
    if rows.empty or rows[question].isna().any():
        return np.nan
    return float((rows[question] == answer).groupby(rows["network_id"]).mean().mean())


def _pool(found: Findings) -> Facts:
    """Answers of all networks together, and the settings that C28 leaves out of its own pool."""
    made: Facts = {}
    independent = found.settings.independent
    for protocol in found.shown:
        rows = converged_of((found.summaries[f.name] for f in independent), protocol)
        made["pool.converged"] = number(rows["network_id"].nunique())
        for question in _QUESTIONS:
            for answer in answers_of(question):
                share = share_answering(rows, question, answer)
                guessed = question in _INTERPRETATIONS and estimated(rows)
                known = None if np.isnan(share) else about(percent(share), guessed)
                made[f"pool.{question}.{protocol}.{answer}"] = known
    pooled = {Path(file).stem for file in found.ledger.claims["C28"].files}
    left_out = [family for family in independent if family.name not in pooled]
    gates = {gate.name for family in left_out for gate in family.gates}
    widths = [setting_of("size", family) for family in left_out]
    return made | {
        "C28.left_out": f"{listed(sorted(gates))} at {listed(widths)}" if gates else None
    }


def converged_of(summaries: Iterable[pd.DataFrame], protocol: str) -> pd.DataFrame:
    """Rows of the converged networks of several families under one protocol."""
    return pd.concat([s[(s["protocol"] == protocol) & s["analysed"]] for s in summaries])


def _series(found: Findings) -> Facts:
    """Families of one sweep in a row: 2.7% (k = 2), 2.3% (k = 3) and 4.1% (k = 5)."""
    made: Facts = {}
    for sweep, experiment, families in sweeps_of(found.settings):
        for protocol in found.shown:
            columns: dict[str, list[str]] = {}
            for family in families:
                rows = found.summaries[family.name]
                rows = rows[(rows["protocol"] == protocol) & rows["analysed"]]
                setting = setting_of(experiment, family)
                for name, value in _values(rows):
                    columns.setdefault(name, []).append(f"{value} ({setting})")
            key = f"series.{sweep}.{protocol}"
            made |= {f"{key}.{name}": listed(values) for name, values in columns.items()}
    return made


def _values(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Medians and shares of some networks, by name; as in the figures, medians of those > 0."""
    for count in _COUNTS:
        values = _per_network(rows, count)
        guessed = count in _INTERPRETATIONS and estimated(rows)
        median = about(number(values[values > 0].median()), guessed)
        yield f"{count}.median", LEFT_OPEN if values.isna().any() else median
    for question in _QUESTIONS:
        guessed = question in _INTERPRETATIONS and estimated(rows)
        for answer in answers_of(question):
            share = share_answering(rows, question, answer)
            opened = np.isnan(share) and len(rows) > 0
            yield f"{question}.{answer}", LEFT_OPEN if opened else about(percent(share), guessed)


def _claims(found: Findings) -> Facts:
    """Every part of every claim under every protocol, and how many have which verdict."""
    made: Facts = {}
    measured = found.measured
    for row in measured.to_dict("records"):
        key = f"{row['claim']}.{row['part']}.{row['protocol']}"
        share = row["statistic"] == "share"
        known = row["value"] == row["value"]
        write = percent if share else number
        made |= {
            f"{row['claim']}.{row['part']}.published": with_powers(row["published"]),
            f"{key}.value": about(write(row["value"]), estimated_in_part(row["reason"]))
            if known
            else None,
            f"{key}.interval": interval(row["low"], row["high"], share=share) if known else None,
            f"{key}.n": number(row["n"]),
            f"{key}.verdict": row["verdict"],
            f"{key}.p": equals(row["p"]) if row["p"] == row["p"] else None,
            f"{key}.change": _change(row["value"]) if row["statistic"] in TESTS else None,
        }
    published = measured[~measured["claim"].str.startswith(OURS)]
    for claim, own in measured.groupby("claim"):
        for protocol, rows in own.groupby("protocol"):
            made |= _tallies(f"{claim}.{protocol}", rows["verdict"])
    for row in tally(measured).to_dict("records"):
        key = f"tally.{row['protocol']}.{row['kind']}"
        made |= {f"{key}.{name}": number(n) for name, n in row.items() if isinstance(n, int)}
    judged = tallied(measured)
    return made | {
        "claims": number(published["claim"].nunique()),
        "parts": number(len(published[["claim", "part"]].drop_duplicates())),
        "parts.unstable": percent(
            (judged["verdict_even_seeds"] != judged["verdict_odd_seeds"]).mean()
        ),
        "parts.other_networks": number(int((judged["verdict"] != judged["other_verdict"]).sum())),
        "parts.judged": number(len(judged)),
        "power": percent(POWER),
        "min_tally": number(MIN_TALLY),
    }


def _empty(found: Findings) -> Facts:
    """How many of the networks with exactly one minimal mapping map nothing.

    A formula without intermediate variables has one mapping, the empty one. Over the networks of
    the experiment on width, each of one output: those of "all widths" of C09.
    """
    names = [family.name for family in found.settings.experiments["size"].families]
    made: Facts = {}
    for protocol in found.shown:
        answers = converged_of((found.summaries[name] for name in names), protocol)["q4"]
        empty = int((answers == "empty").sum())
        made[f"C09.all widths.{protocol}.one"] = number(empty + int((answers == "unique").sum()))
        made[f"C09.all widths.{protocol}.empty"] = number(empty)
    return made


def _tallies(key: str, verdicts: "pd.Series[str]") -> Facts:
    """How many parts have which verdict."""
    numbers = verdicts.value_counts()
    made: Facts = {
        f"{key}.{verdict}": number(int(numbers.get(verdict, 0))) for verdict in VERDICTS
    }
    return made | {f"{key}.parts": number(len(verdicts))}


def _change(value: float) -> str | None:
    """The direction of a change in a word."""
    if value != value:
        return None
    return "rises" if value > 0 else "falls" if value < 0 else "stays"


def _differences(found: Findings) -> Facts:
    """The effect of every difference, by family and count."""
    rows = effects_of(found.tables["differences"])
    made: Facts = {}
    for difference in found.differences:
        for before, after in difference.comparisons:
            for count in QUANTITIES:
                row = rows[difference.id, before.words, after.words, count]
                key = f"{difference.id}.{before.family}.{count}"
                guessed = estimated_in_part(row["reason"])
                for name in ("ratio", "mean_before", "mean_after"):
                    known = not np.isnan(row[name])
                    made[f"{key}.{name}"] = about(number(row[name]), guessed) if known else None
                for name in ("unique_before", "unique_after", "none_before", "none_after"):
                    known = not np.isnan(row[name])
                    made[f"{key}.{name}"] = about(percent(row[name]), guessed) if known else None
    return made | _largest(found.tables["differences"])


def _largest(table: pd.DataFrame) -> Facts:
    """The difference that changes a count by the largest factor, the networks being the same."""
    same = table["paired"] & ~table["after"].str.contains(" without ")
    paired = table[same & (table["ratio"] > 0)]
    made: Facts = {}
    for count in QUANTITIES:
        own = paired[paired["quantity"] == count]
        factors = np.abs(np.log(own["ratio"].to_numpy(float)))
        known = len(own) > 0 and factors.max() > 0
        made[f"largest.{count}"] = str(own["difference"].iloc[factors.argmax()]) if known else None
    return made


def _ladder(found: Findings) -> Facts:
    """Shares of networks with exactly one explanation, step by step, and what they say."""
    table = found.tables["table_ladder"]
    made: Facts = {}
    for row in table.to_dict("records"):
        key = f"ladder.{row['question']}.{row['step']}.{row['family']}"
        known = row["share_unique"] == row["share_unique"]
        for name, share in ((key, "share_unique"), (f"{key}.none", "share_none")):
            made[name] = about(percent(row[share]), row["estimated"]) if known else None
    for sweep, experiment, families in sweeps_of(found.settings):
        if experiment not in ("size", "tasks"):
            continue
        names = [family.name for family in families]
        settings = [setting_of(experiment, family) for family in families]
        for question, steps in LADDER.items():
            shares = ladder_shares(table, question, names)
            guessed = ladder_shares(table, question, names, "estimated")
            for step, own, own_guessed in zip(steps, shares, guessed, strict=True):
                key = f"ladder.{question}.{sweep}.{step.name}"
                made[f"{key}.majority"] = _majority(own, settings)
                made[key] = listed(
                    [
                        f"{LEFT_OPEN if np.isnan(v) else about(percent(v), bool(g))} ({s})"
                        for v, g, s in zip(own, own_guessed, settings, strict=True)
                    ]
                )
            below = [[one.name for one in steps].index(step.on) for step in steps[1:]]
            gains = shares[1:] - shares[below]
            for family, own in zip(families, gains.T, strict=True):
                made |= _best_step(question, family.name, own)
    return made


def _best_step(question: str, family: str, gains: Any) -> Facts:
    """The step that leaves exactly one explanation in the most further networks of a family."""
    key = f"ladder.{question}.{family}.step"
    if np.isnan(gains).any() or gains.max() <= 0:
        return {key: None, f"{key}.gain": None}
    best = int(gains.argmax())
    return {key: LADDER[question][best + 1].name, f"{key}.gain": percent(gains[best])}


def _majority(shares: Any, settings: Sequence[str]) -> str:
    """Up to which setting most networks have exactly one, in words."""
    reached = [bool(share > _MOST) for share in shares]
    n = reached.index(False) if False in reached else len(reached)
    return f"up to {settings[n - 1]}" if n else "at no setting"


def _exact(found: Findings) -> Facts:
    """Counts under a cap against those without, what was judged for it, and how well estimated."""
    families = found.settings.experiments["exact"].families
    made: Facts = {}
    capped = [name for name in found.shown if name != ALL]
    judged = networks = 0
    for family in families:
        summary = found.summaries[family.name]
        medians = shares(summary, capped).groupby(["protocol", "quantity"])["share"].median()
        for protocol, count in product(capped, COMPARED):
            median = medians.get((protocol, count), 0)
            factor = number(1 / median) if median else None
            made[f"exact.{family.name}.{protocol}.{count}.factor"] = factor
        whole_rows = summary[(summary["protocol"] == ALL) & summary["analysed"]]
        judged += int(whole_rows.loc[whole_rows["counted"], "n_candidates"].sum())
        networks += whole_rows["network_id"].nunique()
        drawn = whole_rows[whole_rows["how"] == ESTIMATE]
        error = drawn["standard_error"] / pd.to_numeric(drawn["n_interpretations"]).astype(float)
        key = f"exact.{family.name}"
        made |= {
            f"{key}.estimated": number(len(drawn)),
            f"{key}.undetermined": number(int((whole_rows["how"] == NOT_DETERMINED).sum())),
            f"{key}.error": small_percent(error.median()) if len(drawn) else None,
            f"{key}.error.most": small_percent(error.max()) if len(drawn) else None,
        }
    for row in found.tables["coverage"].to_dict("records"):
        key = f"coverage.{row['family']}.{row['level']}.{row['quantity']}"
        known = row["n"] > 0
        made |= {
            f"{key}.held": percent(row["share_held"]) if known else None,
            f"{key}.interval": interval(row["share_held_low"], row["share_held_high"], share=True),
            f"{key}.n": f"{row['n']:,}",
            f"{key}.error": small_percent(row["relative_error"]) if known else None,
        }
    return made | {"exact.judged": number(judged), "exact.networks": number(networks)}


def _digits(found: Findings) -> Facts:
    """Circuits of networks that tell two digits apart, by family and protocol, and over all."""
    table, settings = found.tables["digit_families"], found.settings
    first, *_ = settings.digit_families.values()
    made: Facts = {
        "digits.images": {"sklearn": "scikit-learn’s 8 × 8 images"}.get(
            settings.digits.kind, "MNIST’s 28 × 28 images"
        ),
        "digits.updates": number(first.training.updates),
        "digits.pairs": number(
            len({f.digits for f in settings.digit_families.values() if f.last == first.last})
        ),
    }
    images = found.tables["digits"]["n_held_out"]
    fewest, most, wrong = int(images.min()), int(images.max()), may_err(int(images.max()))
    made |= {
        "digits.held_out": f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}",
        "digits.wrong": f"at most {number(wrong)}" if wrong else "none",
        "digits.share": percent(float(SAMPLE_ACCURACY)),
    }
    for row in table.to_dict("records"):
        key, some = f"digits.{row['family']}", row["converged"] > 0
        made |= {
            f"{key}.trained": number(row["networks"]),
            f"{key}.converged": number(row["converged"]),
            f"{key}.{row['protocol']}.candidates": f"{row['n_candidates']:,}",
            f"{key}.{row['protocol']}.median": number(row["median"]) if some else None,
            f"{key}.{row['protocol']}.fewest": number(row["fewest"]) if some else None,
            f"{key}.{row['protocol']}.most": number(row["most"]) if some else None,
            f"{key}.{row['protocol']}.several": percent(row["share_several"]) if some else None,
        }
    wide = [f.name for f in settings.digit_families.values() if f.last == first.last]
    for protocol, rows in table[table["family"].isin(wide)].groupby("protocol"):
        made[f"digits.wide.{protocol}.several"] = number(int(rows["several"].sum()))
        made["digits.wide.converged"] = number(int(rows["converged"].sum()))
    return made


def may_err(n_samples: int) -> int:
    """On how many samples a circuit may err and still be right on enough of them (D01)."""
    return ceil(n_samples * (1 - SAMPLE_ACCURACY)) - 1


def _noise(found: Findings) -> Facts:
    """By loss cutoff, how much more reading on noise changes where training had noise."""
    experiment = found.settings.experiments.get("noise")
    if experiment is None:
        return {}
    made: Facts = {}
    for cutoff, own in noise.pairs(experiment.families, found.summaries).items():
        for quantity in noise.QUANTITIES:
            between = noise.interaction(*(noise.values_of(rows, quantity) for rows in own))
            more, key = between.difference, f"noise.{cutoff:g}.{quantity}"
            known = between.reason is None
            made |= {
                f"{key}.interaction": number(more.value) if known else None,
                f"{key}.interval": interval(more.low, more.high) if known else None,
                f"{key}.p": equals(between.p) if known else None,
            }
    return made


def _untrained(table: pd.DataFrame) -> Facts:
    """How rare untrained networks that compute a gate are."""
    made: Facts = {}
    for row in table.drop_duplicates("gate").to_dict("records") if len(table) else ():
        key = f"untrained.{row['gate']}"
        made |= {
            "untrained.drawn": f"{row['n_draws']:,}",
            f"{key}.found": f"{row['n_found']:,}",
            f"{key}.one_in": number(1 / row["rate"]) if row["rate"] else None,
        }
    return made


def _example(example: Example | None) -> Facts:
    """The network shown in full."""
    if example is None:
        return {"example": False}
    numbers = example.circuits["n_interpretations"].map(int)
    return {
        "example": True,
        "example.id": example.network_id,
        "example.protocol": example.protocol.name,
        "example.circuits": number(len(numbers)),
        "example.interpretations": number(sum(numbers)),
        "example.uninterpretable": number(int((numbers == 0).sum())),
        "example.algorithms": number(example.mappings["formula_id"].nunique()),
        "example.candidates": number(len(example.formulas)),
        "example.mappings": number(len(example.mappings)),
    }


def _several_from(found: Findings, question: str) -> str | None:
    """From which width on most networks of every family have several answers, by any protocol."""
    least: dict[int, float] = {}
    for name, _, rows in _converged(found):
        share = share_answering(rows, question, "several")
        if not np.isnan(share):
            width = max(found.settings.families[name].hidden)
            least[width] = min(share, least.get(width, 1))
    few = [width for width, share in least.items() if share <= _MOST]
    widths = [width for width in sorted(least) if width > max(few, default=0)]
    return f"k = {widths[0]}".replace(" ", NO_BREAK) if widths else None
