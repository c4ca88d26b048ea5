"""How far the circuits of a network are looked into: enumerated, counted, listed, and by what.

The one place that decides it, from the shape, the protocols and the engine's settings; every stage
is handed the ``Reach`` that comes out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from identifiability.circuits.shapes import (
    code_bits,
    count_candidates,
    n_hidden,
    n_within,
)
from identifiability.errors import UserError
from identifiability.protocols import Protocol

Method = Literal["one by one", "meet in the middle"]
MAX_WIDTH = 6
"""Widest hidden layer of networks whose circuits are counted only: days of work at the next."""
MAX_MINIMAL_BITS = 26
"""Longest code for which minimal circuits are sought: a bit set of 2 ** 26 bits is 8 MiB."""
MAX_COMPLETE_HIDDEN = 16
"""Most hidden neurons of networks whose complete circuits are sought: there are 2 ** 16 sets."""


@dataclass(frozen=True)
class Reach:
    """How far the circuits of networks of one shape are looked into.

    Attributes:
        sizes: Neurons per layer, seen through one output.
        enumerated: Most hidden neurons of the circuits that are enumerated, and all of whose
            interpretations are counted; 0 if none is.
        counted: Most hidden neurons of the circuits that are counted. The interpretations of those
            that keep more than ``enumerated`` are estimated from circuits drawn.
        listed: Most perfect circuits that become rows of their own, whole cells of (edges, hidden
            neurons), sparsest first. None: all.
        method: How perfect circuits are found: every candidate is judged (``one by one``), or
            halves of circuits are matched (``meet in the middle``), which lists what is asked for.
    """

    sizes: tuple[int, ...]
    enumerated: int
    counted: int
    listed: int | None
    method: Method

    def __post_init__(self) -> None:
        """Raises a ValueError if circuits were left out of a list that should have all."""
        if (self.listed is None) != (self.method == "one by one") or (
            self.listed is None and self.estimated
        ):
            raise ValueError(f"circuits judged one by one are all listed: {self!r}")

    @property
    def estimated(self) -> bool:
        """Whether some interpretations are estimated."""
        return self.counted > self.enumerated

    @property
    def minimal_known(self) -> int:
        """Most hidden neurons of the circuits of which it is known whether they are minimal."""
        return self.enumerated if code_bits(self.sizes) <= MAX_MINIMAL_BITS else 0

    @property
    def complete_known(self) -> int:
        """Most hidden neurons of the circuits of which it is known whether they are complete."""
        return self.enumerated if n_hidden(self.sizes) <= MAX_COMPLETE_HIDDEN else 0

    @property
    def tolerance_known(self) -> int:
        """Most hidden neurons of the circuits of which it is known how near the network they are.

        Those that are near without being rounded to the same have to be found besides, and the
        minimal ones among all of them: where minimal circuits are known, this is.
        """
        return self.minimal_known

    def covers(self, protocol: Protocol) -> bool:
        """Whether all candidates of a protocol are counted; else its counts are left open."""
        known = self.counted
        if protocol.complete:
            known = min(known, self.complete_known)
        if protocol.tolerance is not None:
            known = min(known, self.tolerance_known)
        if protocol.circuits == "minimal":
            known = min(known, self.minimal_known)
        return protocol.max_hidden(self.sizes, count_candidates(self.sizes)) <= known

    def __str__(self) -> str:
        """One line for logs and terminals."""
        candidates, most = n_within(self.sizes, self.enumerated), n_hidden(self.sizes)
        up_to = "" if self.enumerated == most else f" of at most {self.enumerated} hidden neurons"
        how = "one by one" if self.listed is None else "by meeting in the middle"
        parts = [f"{candidates:,} candidate circuits{up_to} enumerated {how}"]
        if self.listed is not None:
            parts.append(
                f"at most {self.listed:,} perfect ones listed" if self.listed else "none listed"
            )
        if self.estimated:
            first, last = self.enumerated + 1, self.counted
            which = f"{first}" if first == last else f"{first} to {last}"
            parts.append(f"those of {which} counted, their interpretations estimated")
        return "; ".join(parts)


def reach_of(
    sizes: tuple[int, ...],
    protocols: Iterable[Protocol],
    *,
    max_candidates: int,
    max_listed: int | None,
    right_everywhere: bool = True,
) -> Reach:
    """Decides how far the circuits of networks are looked into.

    Circuits are enumerated for every protocol whose candidates are within ``max_candidates``.
    Where those of another protocol are not, and can be counted, circuits are enumerated as far as
    possible and the rest is counted.

    Args:
        sizes: Neurons per layer of the single-output network.
        protocols: Those whose candidates are wanted.
        max_candidates: Most circuits enumerated per network.
        max_listed: Where there are more candidates than this, only so many perfect circuits are
            listed. None: all that are enumerated, and none is only counted.
        right_everywhere: Whether the networks are right on every input, so that a circuit that is
            perfect in one sense is so in all.
    """
    cells = count_candidates(sizes)
    wanted = {protocol.max_hidden(sizes, cells) for protocol in protocols}
    enumerated = max(
        (hidden for hidden in wanted if n_within(sizes, hidden) <= max_candidates), default=0
    )
    counted = enumerated
    if max_listed is not None and right_everywhere and not why_not_counted(sizes):
        counted = max(wanted, default=0)
        while enumerated < counted and n_within(sizes, enumerated + 1) <= max_candidates:
            enumerated += 1
    # Only what can be counted can be found otherwise than one by one.
    listed_whole = max_listed is None or n_within(sizes, counted) <= max_listed
    if counted == enumerated and (listed_whole or not _has_codes(sizes)):
        return Reach(sizes, enumerated, counted, None, "one by one")
    return Reach(sizes, enumerated, counted, max_listed, "meet in the middle")


def reach_within(
    sizes: tuple[int, ...], protocol: Protocol, *, max_candidates: int, max_listed: int | None
) -> Reach:
    """How far the circuits of networks are looked into that are right on every input.

    Args:
        sizes: As of ``reach_of``.
        protocol: Whose candidates all have to be counted.
        max_candidates: As of ``reach_of``.
        max_listed: As of ``reach_of``.

    Raises:
        UserError: If they are not all counted.
    """
    reach = reach_of(sizes, [protocol], max_candidates=max_candidates, max_listed=max_listed)
    if reach.covers(protocol):
        return reach
    cells, hidden = count_candidates(sizes), f"hidden layers of {list(sizes[1:-1])} neurons"
    number = protocol.n_candidates(sizes, cells)
    readable = f"{number:,}" if number < 10**15 else f"about 10^{len(str(number)) - 1}"
    if protocol.max_hidden(sizes, cells) <= reach.counted:
        raise UserError(
            f"{hidden} are too wide to search for minimal or complete circuits, or for those "
            f"within a tolerance (protocol {protocol.name})"
        )
    raise UserError(
        f"{hidden} have {readable} candidate circuits under "
        f"{protocol.name}; at most {max_candidates:,} are enumerated, and "
        + (why_not_counted(sizes) or "--counts-only counts the rest without listing them")
    )


def every_circuit(sizes: tuple[int, ...]) -> Reach:
    """The reach in which every circuit is enumerated and every perfect one listed."""
    return Reach(sizes, n_hidden(sizes), n_hidden(sizes), None, "one by one")


def why_not_counted(sizes: tuple[int, ...]) -> str | None:
    """Why circuits of a network cannot be counted beyond those enumerated; None if they can."""
    if not _has_codes(sizes):
        return "beyond that, circuits are counted for two inputs and two hidden layers only"
    if max(sizes[1:-1]) > MAX_WIDTH:
        return f"beyond that, circuits are counted for at most {MAX_WIDTH} neurons in a layer"
    return None


def _has_codes(sizes: tuple[int, ...]) -> bool:
    """Whether circuits of such networks can be met in the middle: two layers of two inputs."""
    return len(sizes) == 4 and sizes[0] == 2 and sizes[-1] == 1
