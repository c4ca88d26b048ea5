"""Formulas as the artifacts print them: read back as trees, and written in the signs of logic."""

from collections.abc import Sequence

from identifiability.algorithms.trees import Node

_OPERATORS = {"*": "∧", "+": "∨", "¬": "¬"}


def parse_formula(text: str) -> Node:
    """Reads a printed formula: ``*`` is AND, ``+`` is OR, ``¬`` is NOT.

    The inverse of ``Node.text``: every binary node but the root stands in brackets.
    """
    node, rest = _parse_pair(text)
    if rest:
        raise ValueError(f"{text!r}: cannot read {rest!r}")
    return node


def _parse_pair(text: str) -> tuple[Node, str]:
    """Reads one child, or two and the operator between them; returns what follows, too."""
    left, rest = _parse_child(text)
    if rest[:1] not in ("*", "+"):
        return left, rest
    right, after = _parse_child(rest[1:])
    return Node(rest[0], left, right), after


def _parse_child(text: str) -> tuple[Node, str]:
    """Reads an input or a bracket, perhaps negated; returns what follows, too."""
    negated = text.startswith("¬")
    text = text.removeprefix("¬")
    if text.startswith("("):
        node, rest = _parse_pair(text[1:])
        rest = rest.removeprefix(")")
    else:
        node, rest = Node(text[:1]), text[1:]
    return node._replace(negated=node.negated != negated), rest


def variable_nodes(root: Node, variables: Sequence[str]) -> dict[int, int]:
    """Finds the intermediate variables of a formula in its tree.

    Args:
        root: The tree.
        variables: The variables in pre-order, each as its sub-formula.

    Returns:
        Position of the variable by pre-order number of its node.
    """
    found: dict[int, int] = {}
    for number, node in enumerate(root.preorder()):
        if number and len(found) < len(variables) and node.text == variables[len(found)]:
            found[number] = len(found)
    return found


def printed_formula(formula: str) -> str:
    """A formula in the signs of logic."""
    return "".join(_OPERATORS.get(sign, sign) for sign in formula)


def sign(node: Node) -> str:
    """What stands in a node: its operator or input, with the NOT above it."""
    return ("¬" if node.negated else "") + printed_formula(node.op)
