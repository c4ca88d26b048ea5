"""Every reading: what the protocols count one by one is what the crossed criteria answer."""

import pandas as pd
import pytest

from identifiability.circuits.reach import every_circuit
from identifiability.circuits.shapes import count_candidates
from identifiability.networks.own import own_networks
from identifiability.protocols import ABSTRACTION, PROTOCOLS, VARIANTS
from identifiability.readings import SIDES, reading_of, readings
from identifiability.stages.alignment import algorithms, alignment
from identifiability.stages.circuits import circuits
from identifiability.stages.formulas import formulas
from identifiability.stages.interpretations import interpretations
from identifiability.stages.readings import readings as answered
from identifiability.stages.rows import single_output_sizes
from identifiability.stages.summary import answer, summary
from identifiability.store import artifacts
from tests.networks.test_own import REFERENCE, family

PROTOCOLS_CROSSED = [
    protocol
    for protocol in (*PROTOCOLS.values(), ABSTRACTION, *VARIANTS.values())
    if protocol.inputs == "clean" and protocol.tolerance is None
]
# Combinations that have no name, counted as if they were protocols.
PROTOCOLS_CROSSED += [reading.protocol for side in SIDES for reading in readings(side)[5::19]]
ANSWERS = {
    "circuits": ["n_circuits", "n_interpretations", "n_interpretations_reachable", "q1", "q2"],
    "mappings": ["n_algorithms", "q3", "q4", "q4_mapped"],
}


@pytest.fixture(scope="module", params=["xor-k2-*", "xor-k3-*", "and-k3-0", "imp-k3-0"])
def both(request):
    """The answers under every reading, and the summary under every protocol."""
    rows = own_networks(family(networks=str(REFERENCE / f"{request.param}.json")))
    # Networks of one's own have no seed, by which rows are sorted.
    rows = rows.assign(seed=range(len(rows)))
    (gate,) = {name for targets in rows["targets"] for name in targets}
    reach = every_circuit(single_output_sizes(rows))
    _, cells = interpretations(rows, circuits(rows))
    listed = formulas(3, family(networks=str(REFERENCE / f"{request.param}.json")).gates,
                      PROTOCOLS_CROSSED)  # fmt: skip
    aligned = alignment(rows, listed)
    mapped, _ = algorithms(rows, listed, aligned, PROTOCOLS_CROSSED)
    assert gate in set(listed["target"])
    found = answered(rows, cells, aligned, listed, reach)
    return found, summary(rows, cells, mapped, PROTOCOLS_CROSSED, reach)


def test_the_table_holds_its_contract(both):
    found, _ = both
    artifacts.to_table(found, "readings")
    for side in SIDES:
        own = found[found["protocol"].str.startswith(side)]
        assert own["protocol"].nunique() == len(readings(side))
        assert len(own) == len(readings(side)) * own["network_id"].nunique()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("protocol", PROTOCOLS_CROSSED, ids=lambda protocol: protocol.name)
def test_protocols_are_corners(both, protocol, side):
    """To the unit; mappings as far as none, one and several go."""
    sparsest = protocol.algorithms == "sparsest" or protocol.mappings == "sparsest"
    if sparsest and side == "mappings":
        pytest.skip("sparsest algorithms and mappings are not crossed")
    found, totals = both
    name = reading_of(protocol, side).protocol.name
    ours = found[found["protocol"] == name].set_index(["network_id", "target"])
    theirs = totals[totals["protocol"] == protocol.name].set_index(["network_id", "target"])
    assert len(ours) == len(theirs) > 0
    for column in ANSWERS[side]:
        pd.testing.assert_series_equal(
            ours[column], theirs[column].loc[ours.index], check_dtype=False
        )
    if side == "circuits":
        reachable = theirs["n_interpretations_reachable"].map(answer)
        assert (ours["q2_reachable"] == reachable.loc[ours.index]).all()


def test_readings_are_all_different_and_begin_with_what_admits_most():
    sizes = (2, 3, 3, 1)
    for side, number in (("circuits", 108), ("mappings", 240)):
        every = readings(side)
        assert len(every) == number
        assert len({reading.protocol.name for reading in every}) == number
        settings = {(p.reference, p.full_node_set, p.sparsity, p.complete, p.circuits, p.pairs,
                     p.formulas, p.twins, p.layers, p.steps, p.interventions, p.unmapped)
                    for p in (reading.protocol for reading in every)}  # fmt: skip
        assert len(settings) == number
        first, last = every[0], every[-1]
        assert [*first.values.values()] == [next(iter(c.values)) for c in SIDES[side]]
        assert [*last.values.values()] == [[*c.values][-1] for c in SIDES[side]]
    cells = count_candidates(sizes)
    most, least = (r.protocol.n_candidates(sizes, cells) for r in readings("circuits")[::107])
    assert most > least > 0
