"""Families of networks of one's own: files instead of training; the stage ``own_networks``."""

import glob
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from identifiability.errors import UserError
from identifiability.networks.checks import check_network
from identifiability.networks.families import Family, NetworkFiles, Training, network_id
from identifiability.networks.files import load
from identifiability.networks.gates import Gate
from identifiability.networks.networks import Networks
from identifiability.networks.stack import Reading
from identifiability.protocols import PROTOCOLS
from identifiability.stages.frames import network_columns
from identifiability.store.paths import PROJECT

_log = logging.getLogger(__name__)
SAID = ("activation", "output_activation", "readout", "levels", "targets")
"""What may be said of files that do not say it themselves."""
_KEYS = {"networks", "seeds_per_job", *SAID}


def family_of(name: str, settings: Mapping[str, Any], training: Training) -> Family:
    """A family of networks of one's own, from its section of the configuration.

    Args:
        name: Its slug.
        settings: ``networks``, a pattern of files, relative to the project, and what they do not
            say themselves.
        training: The common settings; what is meant for training has no effect.

    Raises:
        UserError: If there is no such file, or one cannot be explained or has another shape.
    """
    for setting in settings.keys() - _KEYS:
        raise UserError(
            f"config: families.{name}.{setting}: networks of one's own are taken as they are; "
            "leave it out"
        )
    files = NetworkFiles(
        tuple(sorted(glob.glob(settings["networks"], root_dir=PROJECT, recursive=True))),
        Reading(
            settings.get("activation"),
            settings.get("output_activation"),
            settings.get("readout"),
            tuple(settings["levels"]) if "levels" in settings else None,
        ),
        tuple(settings["targets"]) if "targets" in settings else None,
    )
    key = f"config: families.{name}"
    if not files.paths:
        raise UserError(f"{key}.networks: no file matches {settings['networks']!r}")
    try:
        networks, gates = load_all(files)
    except UserError as error:
        raise UserError(f"{key}: {error}") from None
    return Family(
        name,
        tuple(dict.fromkeys(gate for own in gates for gate in own)),
        networks.layer_sizes[1:-1],
        len(files.paths),
        replace(training, noise=0.0, input_probabilities="uniform"),
        networks.layer_sizes[-1],
        files=files,
    )


def own_networks(family: Family, seeds: Sequence[int] | None = None) -> pd.DataFrame:
    """Rows of the artifact ``networks``: those of a family's files, numbered in their order.

    Args:
        family: The setting.
        seeds: Which of them; by default all.
    """
    if family.files is None:
        raise ValueError(f"{family.name} has no files")
    seeds = range(family.seeds) if seeds is None else seeds
    paths = [family.files.paths[seed] for seed in seeds]
    networks, gates = load_all(replace(family.files, paths=tuple(paths)))
    for seed, path in zip(seeds, paths, strict=True):
        _log.info("%s: %s", network_id(family.name, seed), path)
    n = len(networks)
    return pd.DataFrame(
        {
            "family": family.name,
            "seed": list(seeds),
            "network_id": [network_id(family.name, seed) for seed in seeds],
            **network_columns(networks, [[gate.name for gate in own] for own in gates]),
            "validation": [[1] * 2**family.n_inputs] * n,
            "epochs": pd.Series([None] * n, dtype="Int64"),
            "loss": np.nan,
            "accuracy": 1.0,
            "converged": True,
            "functional": True,
        }
    )


def load_all(files: NetworkFiles) -> tuple[Networks, list[list[Gate]]]:
    """Reads the networks of a family, in the order of their files.

    Args:
        files: Which.

    Returns:
        The networks, and the gate of each output, [network][output].

    Raises:
        UserError: One line that names the file: if it is no network, has another shape or
            activation than the first, does not compute its targets, or is out of reach under
            every protocol.
    """
    found: list[Networks] = []
    gates: list[list[Gate]] = []
    for path in files.paths:
        network, named, _ = load(PROJECT / path, *vars(files.reading).values())
        first = found[0] if found else network
        for what in (
            "layer_sizes",
            "activation",
            "output_activation",
            "negative_slope",
            "levels",
            "readout",
        ):
            own, other = getattr(network, what), getattr(first, what)
            if own != other:
                raise UserError(
                    f"{path}: {what} {own}, but {files.paths[0]} has {other}; the networks of a "
                    "family are alike"
                )
        found.append(network)
        gates.append(_gates(path, network, list(files.targets or named or ()) or None))
    together = replace(
        found[0],
        weights=tuple(np.concatenate(w) for w in zip(*(n.weights for n in found), strict=True)),
        biases=tuple(np.concatenate(b) for b in zip(*(n.biases for n in found), strict=True)),
    )
    return together, gates


def _gates(path: str, network: Networks, targets: list[str] | None) -> list[Gate]:
    """What the outputs compute, if the network is within reach under some protocol."""
    refusals = []
    for protocol in PROTOCOLS.values():
        try:
            return check_network(network, targets, protocol)[0]
        except UserError as error:
            refusals.append(str(error))
    raise UserError(f"{path}: {refusals[0]}")
