"""How counts react to the tie tolerance; writes docs/tolerance.md.

Every perfect circuit of the networks of family xor-k3 is interpreted with the tolerance set from
1e-12 to 1e-6. Circuits, algorithms and mappings do not depend on it.
"""

from pathlib import Path

import pandas as pd

from identifiability.evidence.runs import read_config
from identifiability.networks.networks import TIE_TOLERANCE
from identifiability.stages.circuits import circuits
from identifiability.stages.datasets import datasets
from identifiability.stages.interpretations import interpretations
from identifiability.stages.networks import networks

ROOT = Path(__file__).parents[1]
EXPONENTS = range(-12, -5)


def totals(rows: pd.DataFrame, found: pd.DataFrame, tolerance: float) -> pd.Series:
    """Interpretations per circuit, as exact integers by (network, circuit)."""
    counted, _ = interpretations(rows, found, tie_tolerance=tolerance)
    return counted.set_index(["network_id", "circuit_id"])["n_interpretations"].map(int)


def main() -> None:
    """Counts, and writes the table."""
    family = read_config().families["xor-k3"]
    rows = networks(family, datasets(family))
    found = circuits(rows)
    usual = totals(rows, found, TIE_TOLERANCE)
    lines = [
        "<!-- Written by `make bench`; do not edit. -->\n",
        "# The tie tolerance\n",
        " ".join((__doc__ or "").split("\n\n", 1)[1].split())
        + f" The protocols use {TIE_TOLERANCE:g}: {rows['converged'].sum()} converged networks, "
        f"{len(usual):,} circuits, {usual.sum():,} interpretations.\n",
        "| tolerance | interpretations | circuits that change | networks that change | "
        "largest change of a network's total |",
        "|---:|---:|---:|---:|---:|",
    ]
    for exponent in EXPONENTS:
        tolerance = 10.0**exponent
        these = totals(rows, found, tolerance)
        changed = these != usual
        per_network = these.groupby(level=0).sum() / usual.groupby(level=0).sum() - 1
        lines.append(
            f"| {tolerance:g} | {these.sum():,} | {changed.sum():,} | "
            f"{changed.groupby(level=0).any().sum()} | {per_network.abs().max():.2%} |"
        )
    (ROOT / "docs/tolerance.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
