"""What an audit finds: checks, each with what was looked at and what does not agree."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something that does not agree.

    Attributes:
        where: The file, or the network, target and protocol.
        what: What is wrong with it.
    """

    where: str
    what: str


@dataclass(frozen=True)
class Check:
    """One question asked of many things.

    Attributes:
        name: The question, as a statement that should hold.
        of: What it was asked of, in the plural.
        checked: How many of these.
        findings: Where it does not hold.
        coverage: What was left out, or how the things were chosen.
    """

    name: str
    of: str
    checked: int
    findings: tuple[Finding, ...] = ()
    coverage: str = ""

    @property
    def disagreed(self) -> int:
        """Number of things that do not agree."""
        return len({finding.where for finding in self.findings})

    @property
    def agreed(self) -> int:
        """Number of things that agree."""
        return max(self.checked - self.disagreed, 0)


def findings(checks: Iterable[Check]) -> list[Finding]:
    """Everything that does not agree."""
    return [finding for check in checks for finding in check.findings]
