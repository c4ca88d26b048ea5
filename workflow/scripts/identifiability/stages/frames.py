"""Between artifacts' rows and batches of networks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from identifiability.networks.gates import Gate, gate
from identifiability.networks.networks import Networks
from identifiability.stages.rows import NETWORK_KEYS, sought


@dataclass(frozen=True, eq=False)
class Batch:
    """Networks whose circuits are sought, seen through one output each, that share a target.

    Attributes:
        keys: Their ``NETWORK_KEYS`` and ``target``, one row per network.
        networks: The networks with that output alone.
        target: What the output should compute.
        validation: How often each input row occurs in their validation samples, [network, row].
    """

    keys: pd.DataFrame
    networks: Networks
    target: Gate
    validation: NDArray[np.int64]

    @property
    def targets(self) -> NDArray[np.int64]:
        """Truth tables, [network, row]."""
        return np.tile(np.array(self.target.table), (len(self.networks), 1))

    def select(self, networks: slice) -> "Batch":
        """Some of the networks."""
        return Batch(
            self.keys.iloc[networks].reset_index(drop=True),
            self.networks.select(networks),
            self.target,
            self.validation[networks],
        )

    def rows(self, network: NDArray[np.int64], **columns: Any) -> pd.DataFrame:
        """Rows of an artifact: the keys of the networks indexed, and further columns."""
        return self.keys.iloc[network].reset_index(drop=True).assign(**columns)


def networks_of(frame: pd.DataFrame) -> Networks:
    """The networks of the artifact ``networks``, which all have one shape."""
    first = frame.iloc[0]
    weights, biases = (
        tuple(
            np.array([_nested(value[layer]) for value in frame[column]], np.float32)
            for layer in range(len(first[column]))
        )
        for column in ("weights", "biases")
    )
    return Networks(
        weights,
        biases,
        first["activation"],
        first["output_activation"],
        float(first["negative_slope"]),
        *_reading(first),
    )


def _reading(row: "pd.Series[Any]") -> tuple[tuple[float, float], float | None]:
    """The values of the inputs and the readout; networks that read digits have the usual."""
    false, true = row.get("levels", (0, 1))
    above = row.get("above")
    return (float(false), float(true)), None if pd.isna(above) else float(above)


def network_columns(batch: Networks, targets: list[list[str]]) -> dict[str, object]:
    """The columns of ``networks`` that describe the networks themselves."""
    outputs = batch.outputs().transpose(0, 2, 1)
    n = len(batch)
    return {
        "targets": targets,
        "layer_sizes": [list(batch.layer_sizes)] * n,
        "activation": batch.activation,
        "output_activation": batch.output_activation,
        "negative_slope": batch.negative_slope,
        "levels": [list(batch.levels)] * n,
        "above": np.nan if batch.above is None else batch.above,
        "weights": [[w[i].tolist() for w in batch.weights] for i in range(n)],
        "biases": [[b[i].tolist() for b in batch.biases] for i in range(n)],
        "outputs": outputs.tolist(),
    }


def batches(frame: pd.DataFrame) -> Iterator[Batch]:
    """The networks of a family that are sought, by output and target, in a stable order."""
    frame = frame[sought(frame)]
    if frame.empty:
        return
    networks = networks_of(frame)
    for output in range(networks.layer_sizes[-1]):
        names = np.array([targets[output] for targets in frame["targets"]])
        for name in dict.fromkeys(names):
            index = np.flatnonzero(names == name)
            keys = frame.iloc[index][NETWORK_KEYS].assign(target=name)
            yield Batch(
                keys.reset_index(drop=True),
                networks.single_output(output).select(index),
                gate(name),
                np.array(_nested(list(frame["validation"].iloc[index])), np.int64),
            )


def _nested(value: object) -> object:
    """Arrays of arrays, as Parquet gives them, as lists of lists."""
    if isinstance(value, np.ndarray | list):
        return [_nested(item) for item in value]
    return value
