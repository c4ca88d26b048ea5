"""The network that the paper's illustrations show (experiment ``example``)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from identifiability.networks.networks import Networks
from identifiability.protocols import Protocol
from identifiability.stages.frames import networks_of
from identifiability.stages.protocol_filters import admitted, perfect
from identifiability.store import artifacts

_LONG = ("circuits", "interpretations", "mappings")
"""Artifacts with many rows a network."""


@dataclass(frozen=True)
class Example:
    """One network and everything found in it under one protocol.

    Attributes:
        network: Its row of the artifact ``networks``, a frame of one row.
        circuits: Its perfect circuits, sparsest first, with their interpretations.
        formulas: Candidate algorithms for its target.
        mappings: Its minimal mappings.
        protocol: The one in question.
    """

    network: pd.DataFrame
    circuits: pd.DataFrame
    formulas: pd.DataFrame
    mappings: pd.DataFrame
    protocol: Protocol

    @property
    def network_id(self) -> str:
        """Its key."""
        return str(self.network.iloc[0]["network_id"])

    @property
    def target(self) -> str:
        """What the output in question should compute."""
        return str(self.formulas["target"].iloc[0])

    @property
    def single_output(self) -> Networks:
        """The network with the output in question alone, a batch of one."""
        output = list(self.network.iloc[0]["targets"]).index(self.target)
        return networks_of(self.network).single_output(output)

    @property
    def title(self) -> str:
        """What figures call it; says so where the protocol's cap on sparsity is lifted."""
        capped = self.protocol.cap(self.single_output.layer_sizes) is not None
        lifted = " without its cap" if capped else ""
        return f"{self.network_id} ({self.target}), protocol {self.protocol.name}{lifted}"


def read_frames(files: Mapping[str, Path], protocol: Protocol) -> dict[str, pd.DataFrame]:
    """Reads what the example is chosen from, and of the long artifacts what it shows.

    Args:
        files: The artifacts of a family, by name.
        protocol: Under which it is shown.
    """
    frames = {n: artifacts.read(path) for n, path in files.items() if n not in _LONG}
    first = _first(frames["summary"], protocol)
    network_id = "" if first is None else first["network_id"]
    return frames | {n: artifacts.read(files[n], network_id=network_id) for n in _LONG}


def _first(summary: pd.DataFrame, protocol: Protocol) -> "pd.Series[Any] | None":
    """The row of the first network, by seed, that has a mapping; None if there is none."""
    own = summary[(summary["protocol"] == protocol.name) & summary["analysed"]]
    mapped = own[own["n_mappings"] > 0]
    return None if mapped.empty else mapped.sort_values("seed", kind="stable").iloc[0]


def first_mapped(frames: Mapping[str, pd.DataFrame], protocol: Protocol) -> Example | None:
    """The first network, by seed, that has a mapping; None if there is none.

    Args:
        frames: The artifacts of a family, by name.
        protocol: Under which it is shown.
    """
    first = _first(frames["summary"], protocol)
    if first is None:
        return None

    def own(artifact: str) -> pd.DataFrame:
        frame = frames[artifact]
        keys = [k for k in ("network_id", "target") if k in frame]
        chosen = (frame[keys] == first[keys]).all(axis=1)
        if "protocol" in frame:
            chosen &= frame["protocol"] == protocol.name
        return frame[chosen].reset_index(drop=True)

    network = own("networks")
    sizes = (*map(int, network.iloc[0]["layer_sizes"][:-1]), 1)
    # The example is exhaustive: no cap on sparsity (paper, section 4).
    exhaustive = replace(protocol, sparsity="none")
    circuits = admitted(perfect(own("circuits"), protocol), sizes, exhaustive)
    circuits = circuits.merge(own("interpretations"))
    return Example(network, circuits, own("formulas"), own("mappings"), protocol)


def why_none(frames: Mapping[str, pd.DataFrame], protocol: Protocol) -> str:
    """Says in one line why there is no example."""
    networks = frames["networks"]
    family, n, converged = networks["family"].iloc[0], len(networks), networks["converged"].sum()
    if not converged:
        return f"{family}: none of {n} networks converged"
    return f"{family}: none of {converged} converged networks has a mapping under {protocol.name}"
