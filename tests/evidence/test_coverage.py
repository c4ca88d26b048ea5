"""Counts without a cap: where nothing is enumerated, what figure and table make of them."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from identifiability.circuits.reach import Reach, every_circuit
from identifiability.errors import UserError
from identifiability.evidence.coverage import CELL_LEVEL, compared_cells, coverage
from identifiability.evidence.sparsity_caps import shares
from identifiability.protocols import PROTOCOLS
from identifiability.stages.circuits import circuits
from identifiability.stages.interpretations import interpretations
from identifiability.stages.rows import STANDARD_ERRORS
from identifiability.stages.summary import summary
from identifiability.store import artifacts
from tests.circuits.test_responses import random_network
from tests.configured import parse
from tests.stages.test_devices import reference_rows, rows

ROOT = Path(__file__).parents[2]
SHAPE = (2, 3, 3, 1)
NO_MAPPINGS = pd.DataFrame(
    columns=["network_id", "target", "protocol", "n_variables", "n_mappings"]
)
EVEN = [[250, 250, 250, 250]]


def settings_of(hidden, **family):
    """The configuration with one more family."""
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    config["families"]["more"] = {"gates": ["XOR"], "hidden": hidden, **family}
    return parse(config)


def counted(networks, reach, drawn_per_cell=None):
    """The artifacts `cells` and `summary` of a family with two hidden layers of three neurons."""
    listed = circuits(networks, reach)
    _, cells = interpretations(networks, listed, reach, drawn_per_cell=drawn_per_cell)
    return cells, summary(networks, cells, NO_MAPPINGS, PROTOCOLS.values(), reach)


# Nothing enumerated ------------------------------------------------------------------------------


def test_a_wide_family_is_counted_where_not_all_can_be_enumerated():
    settings = settings_of([6, 6])
    wide = settings.families["more"]
    assert settings.reach(wide) == Reach((2, 6, 6, 1), 6, 12, 10_000, "meet in the middle")
    single = settings.experiments["exact"].single
    assert [family.hidden for family in single] == [(6, 6)]
    assert set(single).isdisjoint(settings.used)


@pytest.mark.parametrize(
    ("hidden", "training"), [([7, 7], {}), ([6, 6], {"input_probabilities": "skewed"})]
)
def test_a_family_that_cannot_be_counted_is_refused(hidden, training):
    with pytest.raises(UserError, match=r"families\.more\.hidden: .* too many under every"):
        settings_of(hidden, training=training)


@pytest.mark.parametrize("name", ["xor-k3-0", "xor-k3-1", "xor-k3-2"])
@pytest.mark.parametrize("enumerated", [0, 4])
def test_counts_are_the_same_whether_circuits_are_enumerated_or_not(name, enumerated):
    networks = reference_rows(name).assign(validation=EVEN)
    _, whole = counted(networks, every_circuit(SHAPE))
    reach = Reach(SHAPE, enumerated, 6, 10_000, "meet in the middle")
    cells, found = counted(networks, reach, drawn_per_cell=10**9)
    artifacts.to_table(cells, "cells")
    # With as many drawn as there are, interpretations are exact as well.
    same = ["network_id", "target", "protocol", "counted", "n_circuits", "n_interpretations",
            "n_interpretations_reachable", "how", "q1", "q2"]  # fmt: skip
    pd.testing.assert_frame_equal(found[same], whole[same])
    _, drawn = counted(networks, reach, drawn_per_cell=20)
    assert drawn["n_circuits"].tolist() == whole["n_circuits"].tolist()
    assert set(drawn["how"]) <= {"exact", "estimate"}


def test_no_circuit_is_listed_where_none_is_enumerated():
    networks = rows(random_network(0, (2, 6, 6, 1)), [["XOR"]])
    reach = Reach((2, 6, 6, 1), 0, 12, 10_000, "meet in the middle")
    assert circuits(networks, reach).empty


# Coverage ----------------------------------------------------------------------------------------


def made_up_cells(estimates, errors):
    """Two networks of two cells each, of 100 interpretations, all of them reachable."""
    keys = [(n, h) for n in ("f/0", "f/1") for h in (2, 6)]
    frame = pd.DataFrame(keys, columns=["network_id", "n_hidden"])
    frame = frame.assign(target="XOR", n_edges=frame["n_hidden"] + 3, how="estimate")
    for quantity, error in STANDARD_ERRORS.items():
        frame[quantity], frame[error], frame[f"true_{quantity}"] = estimates, errors, 100.0
    return frame


def test_coverage_of_hand_made_cells():
    cells = made_up_cells([101.0, 103.0, 100.0, 150.0], [1.0, 1.0, 0.0, 30.0])
    cells.loc[2, "how"] = "exact"
    table = coverage({"f": (SHAPE, cells)}, [PROTOCOLS["released"], PROTOCOLS["strict"]])
    rows = table[table["quantity"] == "n_interpretations"].set_index("level")
    # 101 ± 1.96 and 150 ± 59 hold 100, 103 ± 1.96 does not; the cell drawn whole is none.
    assert tuple(rows.loc[CELL_LEVEL, ["n", "networks"]]) == (3, 2)
    assert rows.loc[CELL_LEVEL, "share_held"] == pytest.approx(2 / 3)
    assert rows.loc[CELL_LEVEL, "share_undetermined"] == pytest.approx(1 / 3)
    assert rows.loc[CELL_LEVEL, "relative_error"] == pytest.approx(1 / 101)
    # Released leaves out what keeps all six neurons, and so all of the second that was drawn.
    assert tuple(rows.loc["released", ["n", "share_held"]]) == (1, 1)
    # 204 ± 2.8 does not hold 200, 250 ± 59 does.
    assert tuple(rows.loc["strict", ["n", "share_held"]]) == (2, 0.5)
    low, high = rows.loc["strict", ["share_held_low", "share_held_high"]]
    assert 0 < low < 0.5 < high < 1
    assert table["quantity"].nunique() == 2


def test_coverage_of_nothing():
    cells = made_up_cells(100.0, 0.0).assign(how="exact")
    for frame in (cells, cells[:0], pd.DataFrame()):
        table = coverage({"f": (SHAPE, frame)}, list(PROTOCOLS.values()))
        assert (table["n"] == 0).all()
        assert table["share_held"].isna().all()


def test_estimates_stand_beside_exact_numbers():
    networks = reference_rows("xor-k3-0").assign(validation=EVEN)
    cells, found = counted(networks, every_circuit(SHAPE))
    compared = compared_cells(networks, cells, per_cell=20)
    assert not compared.isna().any(axis=None)
    assert compared["n_circuits"].sum() == found.set_index("protocol")["n_circuits"]["strict"]
    exact = compared[compared["how"] == "exact"]
    for quantity in STANDARD_ERRORS:
        assert exact[quantity].astype(float).tolist() == exact[f"true_{quantity}"].tolist()
    assert 0 < len(exact) < len(compared)
    table = coverage({"xor-k3": (SHAPE, compared)}, list(PROTOCOLS.values()))
    assert (
        table.loc[table["level"] == CELL_LEVEL, "n"].tolist() == [len(compared) - len(exact)] * 2
    )
    nothing = compared_cells(
        networks.assign(converged=False, functional=False), cells[:0], per_cell=20
    )
    assert nothing.empty


# Shares ------------------------------------------------------------------------------------------

COUNTS = {
    "f/0": {"released": (1, 10), "text": (0, 0), "strict": (4, 1000)},
    "f/1": {"released": (2, 10), "text": (1, 5), "strict": (4, None)},
    "f/2": {"released": (0, 0), "text": (0, 0), "strict": (0, 0)},
}


def made_up_summary(numbers=COUNTS, how="exact", family="f"):
    """The artifact `summary` of three networks."""
    return pd.DataFrame(
        [
            {
                "family": family,
                "network_id": network,
                "target": "XOR",
                "protocol": protocol,
                "analysed": True,
                "n_circuits": circuits,
                "how": "exact",
                "n_interpretations": None if n is None else str(n),
            }
            | ({"how": how} if protocol == "strict" else {})
            for network, own in numbers.items()
            for protocol, (circuits, n) in own.items()
        ]
    )


def test_shares_of_hand_made_networks():
    table = shares(made_up_summary(how="estimate"), ["released", "text", "mine"])
    by = table.set_index(["protocol", "quantity", "network_id"])
    # Where there is nothing, or a number is left open, there is no share.
    circuits = by.xs("n_circuits", level="quantity")
    assert circuits["share"].to_dict() == {
        ("released", "f/0"): 0.25,
        ("released", "f/1"): 0.5,
        ("text", "f/0"): 0,
        ("text", "f/1"): 0.25,
    }
    assert set(circuits["how"]) == {"exact"}
    whole = by.xs("n_interpretations", level="quantity")
    assert whole["share"].to_dict() == {("released", "f/0"): 0.01, ("text", "f/0"): 0}
    assert set(whole["how"]) == {"estimate"}


def test_a_network_with_several_targets_counts_with_their_mean():
    one = made_up_summary()
    two = pd.concat([one, one.assign(target="AND", n_circuits=[4, 0, 4, 4, 0, 4, 0, 0, 4])])
    table = shares(two, ["released"])
    found = table[table["quantity"] == "n_circuits"].set_index("network_id")["share"]
    assert found.to_dict() == {"f/0": (0.25 + 1) / 2, "f/1": (0.5 + 1) / 2, "f/2": 0}
