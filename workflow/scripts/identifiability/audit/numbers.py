"""The recount of a run: which networks and lists, on several processors, and what it covers."""

import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq

from identifiability.audit.cases import (
    MANY_EDGES,
    MAX_JOINT_VARIABLES,
    RECOUNTED,
    Compared,
    Drawn,
    Effort,
    draw_networks,
    population,
)
from identifiability.audit.checks import Check, Finding
from identifiability.audit.recount import IMPROBABLE, listed_formulas, recount
from identifiability.networks.gates import gate

_OF_NETWORKS = ("results/networks/", "results/digit_networks/")
_WHOLE_FAMILY = 3
"""Parts of the path of a file that holds a whole family, and not a shard of it."""
_DEPTH = 3
"""Largest depth of formulas that the plain module lists."""
CHECK_TITLES = {
    "outputs": "Outputs are those of the weights",
    "circuits": "Circuits are perfect, and all are there",
    "candidates": "Candidates drawn of wide networks agree with lists and totals",
    "interpretations": "Circuits have as many interpretations",
    "formulas": "The formulas are all that there are",
    "mappings": "Formulas have these minimal mappings",
    "IIA": "Variables have this IIA at this place",
}
"""Every check, as a statement that should hold."""


def check_numbers(
    folder: Path,
    files: Sequence[str],
    effort: Effort,
    processes: int,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[list[Check], str]:
    """Recounts some networks of a run.

    Args:
        folder: The run's folder.
        files: Its Parquet files, below the folder.
        effort: How much.
        processes: Number of processors.
        progress: Is told what is being recounted.

    Returns:
        The checks, and what was covered, in words.
    """
    failed: list[Finding] = []

    def tried(name: str, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except Exception as error:  # whatever comes of a file that was tampered with
            reason = f"cannot be recounted: {type(error).__name__}: {error}"
            failed.append(Finding(name, " ".join(reason.split())))
            return []

    every = [
        network
        for file in files
        if file.startswith(_OF_NETWORKS) and len(Path(file).parts) == _WHOLE_FAMILY
        for network in tried(file, partial(population, folder, [file]))
    ]
    drawn = draw_networks(every, effort)
    lists = tried("results/formulas", partial(lists_of, folder, files, effort)) if drawn else []
    compared: list[Compared] = []
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        jobs = {
            f"formulas of {target}, {protocol}": pool.submit(
                listed_formulas, folder, file, target, protocol
            )
            for file, target, protocol in lists
        }
        jobs |= {one.network_id: pool.submit(recount, folder, one, effort) for one in drawn}
        for name, job in jobs.items():
            progress(name)
            compared += tried(name, job.result)
    checks = [
        Check(
            name,
            "numbers",
            len(own := [one for one in compared if one.about == about]),
            tuple(
                Finding(
                    one.where, f"{one.quantity}: {one.written} written, {one.recounted} recounted"
                )
                for one in own
                if not one.agrees
            ),
            _coverage(about, own, effort),
        )
        for about, name in CHECK_TITLES.items()
    ]
    checks.append(
        Check("Every network drawn can be recounted", "networks", len(drawn), tuple(failed))
    )
    return checks, _covered(every, drawn, effort)


def lists_of(folder: Path, files: Iterable[str], effort: Effort) -> list[tuple[str, str, str]]:
    """The lists of formulas that are listed again: file, target and protocol.

    All short ones; of those of ``strict``, which take long, one is drawn.
    """
    found = []
    for file in files:
        named = re.fullmatch(r"results/formulas/depth-(\d+)\.parquet", file)
        if named is None or int(named[1]) > _DEPTH:
            continue
        table = pq.read_table(folder / file, columns=["target", "protocol"]).to_pandas()
        found += [
            (file, target, protocol)
            for target, protocol in table.drop_duplicates().itertuples(index=False)
            if protocol in RECOUNTED and gate(target).n_inputs == 2
        ]
    long = [one for one in found if one[2] == "strict"]
    chosen = Random(f"audit {effort.seed} formulas").sample(long, min(1, len(long)))
    return [one for one in found if one[2] != "strict" or one in chosen]


def _coverage(about: str, compared: Sequence[Compared], effort: Effort) -> str:
    """What a check covers."""
    listed = sum(one.quantity == "interpretations, listed" for one in compared)
    multiplied = sum(one.quantity == "interpretations, multiplied" for one in compared)
    return {
        "outputs": "a forward pass per input",
        "circuits": f"below {MANY_EDGES} edges a forward pass per candidate and input, else "
        f"{effort.sampled_circuits} circuits drawn of those listed",
        "candidates": f"{effort.candidates} drawn per network; totals disagree where the draws "
        f"are less probable than {IMPROBABLE:g}",
        "interpretations": f"{listed:,} circuits listed one by one, {multiplied:,} multiplied; "
        f"limits {effort.listed:,} a circuit and {effort.listed_in_all:,} a network",
        "formulas": f"depth {_DEPTH} at most, of strict one target",
        "mappings": f"{effort.formulas} formulas drawn per protocol, {effort.sampled_formulas} of "
        f"wide networks, of abstraction with at most {MAX_JOINT_VARIABLES} variables; "
        "interventions one by one",
        "IIA": f"{effort.places} drawn per network; interventions one at a time",
    }[about]


def _covered(
    every: Sequence[tuple[str, str, int | None]], drawn: Sequence[Drawn], effort: Effort
) -> str:
    """What was drawn, and what is never recounted."""
    families = {Path(one.file).stem for one in drawn}
    return (
        f"{len(drawn):,} of {len(every):,} converged networks were drawn (seed {effort.seed}), of "
        f"{len(families)} families, each seen through one output, under {', '.join(RECOUNTED)}, "
        "and, for mappings, abstraction. "
        "Not recounted: training, variants and protocols of one's own, estimates, circuits read "
        "on noisy inputs, and totals of interpretations beyond the circuits named."
    )
