"""The references that are generated: of the configuration, and the data dictionaries.

``python -m identifiability.reference`` writes them; a test holds them against the schemas.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from identifiability.config import load_schema
from identifiability.contracts import ARTIFACTS, contract
from identifiability.manifest import SCHEMA

ROOT = Path(__file__).parents[3]
_GENERATED = "<!-- Written by `make docs` from {source}; do not edit. -->\n\n"
_TABLES = """
## tables

`results/tables/<name>` as Parquet, CSV and Markdown.

| name | one row is | columns |
|---|---|---|
| `table_1` | an interpretation of one circuit of the example | `circuit_id`, `interpretation` (its number), and per neuron kept `<neuron> gate` and `<neuron> separator`; `h1.0` is the first neuron of the first hidden layer, `out` the output |
| `table_2` | a minimal mapping of the example | `algorithm`, `mapping` (its number among the algorithm's), `places` of the intermediate variables |
| `table_3` | a quantity without and with noise, under one protocol | the paper's claim and values, ours with n, interval and effect size, Welch's test and a rank test with corrected p-values |
| `table_4` | a regression of a quantity on the entropy of the input distribution, under one protocol | the paper's claim and values, ours with n, interval and effect size, the test of the slope and a rank correlation with corrected p-values |
| `tests` | a comparison of two numbers of tasks, or of two loss cutoffs | as `table_3` |
| `untrained` | a gate under one protocol | how many initialisations compute it, and how many of those analysed have several explanations |
| `table_ladder` | a step of the ladder in one family | shares of networks with exactly one explanation, and with none |
| `coverage` | a quantity of the cells, or of all circuits under one protocol, of one family | how many are estimated, from how many networks, the share whose interval holds the exact number, the median standard error, the share not determined |
| `digits` | a network that tells two digits apart | its accuracy, its circuits under every protocol, and beside those of the first family the published numbers |
| `digit_families` | a family of such networks under one protocol | how many converged, the median of their circuits with its interval, the fewest and the most, the share with several |
| `claims` | a part of a claim under one protocol | as the artifact `claims` |
| `verdicts` | a claim | its verdict under every protocol |
| `differences` | a count before and after one difference between text and code is switched | both families and protocols, n, means, medians, shares of unique and none, the ratio with its interval |
"""  # noqa: E501
_READINGS = ("protocols", "admitted")
_CONTRACTS = (
    " What is said of them here is checked when a file is written, and again by `identifiability "
    "audit`; the statements across files are SQL, in `workflow/schemas/artifacts`.\n"
)
_METADATA = """
## What every file says of itself

Every Parquet file carries in its schema metadata: `artifact`, `schema_version`, the `settings`
that made it and their SHA-256, the SHA-256 of the code (`code_sha256`), its `inputs` with their
hashes, the hash of its own content (`content_sha256`), `seed_rule`, and the versions of Python and
of the packages. The hash of a content is that of names, types and values, whatever the layout and
the writer (`identifiability.hashes`). Figures carry the same in their metadata, as JSON. Two equal
runs write equal files, byte for byte; times and machines are in the manifest. `integer` is an
exact integer of any size, kept as decimal digits.
"""
_MANIFEST = """
## manifest.json

`results/manifest.json`: what made every file of the run, also those that have no room for it, when
and where. Its schema is `workflow/schemas/manifest.schema.yaml`.

| key | meaning |
|---|---|
"""


def references() -> dict[Path, str]:
    """Every generated text by its path in the project."""
    return {
        Path("config/README.md"): config_reference(),
        Path("data/README.md"): _GENERATED.format(source="workflow/schemas/artifacts")
        + "# Data\n\nWhat networks are trained on, made by rules `datasets`, `digit_images`."
        + _CONTRACTS
        + _dictionary("data")
        + _METADATA,
        Path("results/README.md"): _GENERATED.format(source="workflow/schemas/artifacts")
        + "# Results: the data dictionary\n\nOne folder an artifact, one Parquet file a family. "
        "Keys join across files. Of a family that is cut into shards, a folder beside the file "
        "holds what each range of seeds was found to have, by the same contract."
        + _CONTRACTS
        + _dictionary("results")
        + _TABLES
        + _manifest()
        + _METADATA,
    }


def config_reference() -> str:
    """The reference of the configuration."""
    schema = load_schema()
    defaults = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    lines = [
        _GENERATED.format(source="workflow/schemas/config.schema.yaml"),
        "# Configuration\n\n",
        f"{schema['description']}\n\n",
        "| key | type | in config.yaml | meaning |\n|---|---|---|---|\n",
    ]
    for key, node in _keys(schema, ""):
        default = _lookup(defaults, key)
        shown = "" if default is None else f"`{default}`"
        lines.append(f"| `{key}` | {_type(node)} | {shown} | {node.get('description', '')} |\n")
    return "".join(lines)


def _manifest() -> str:
    """The keys of the manifest, and of what it says of jobs, machines and files."""
    schema = yaml.safe_load(SCHEMA.read_text())
    rows = [_MANIFEST]
    for key, node in schema["properties"].items():
        rows.append(f"| `{key}` | {node['description']} |\n")
        entry = node.get("items", node.get("additionalProperties"))
        for name, own in (entry or {}).get("properties", {}).items():
            rows.append(f"| `{key}…{name}` | {own.get('description', '')} |\n")
    return "".join(rows)


def _keys(schema: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every key of the configuration, dotted, with its part of the schema."""
    for name, node in schema.get("properties", {}).items():
        yield f"{prefix}{name}", node
        yield from _keys(node, f"{prefix}{name}.")
    entry = schema.get("additionalProperties")
    if isinstance(entry, dict) and "properties" in entry:
        yield from _keys(entry, f"{prefix}<name>.")


def _lookup(values: Any, key: str) -> Any:
    """The value of a dotted key, if it is a plain one."""
    for part in key.split("."):
        values = values.get(part) if isinstance(values, dict) else None
    return None if isinstance(values, dict) else values


def _type(node: Mapping[str, Any]) -> str:
    """A key's type and range in words."""
    if "enum" in node:
        return " or ".join(f"`{value}`" for value in node["enum"])
    limits = [
        f"{sign} {node[limit]}"
        for limit, sign in (
            ("minimum", "≥"),
            ("exclusiveMinimum", ">"),
            ("maximum", "≤"),
            ("exclusiveMaximum", "<"),
        )
        if limit in node
    ]
    kind: str = node["type"]
    if kind == "array":
        kind = f"list of {_type(node['items'])}"
    return " ".join([kind, *limits])


def _dictionary(folder: str) -> str:
    """The contracts of the artifacts in one folder."""
    parts = []
    for rules in map(contract, ARTIFACTS):
        if rules.folder != folder:
            continue
        parts.append(
            f"\n## {rules.artifact}\n\n`{rules.path}`, version {rules.version}. "
            f"One row is {rules.row}. Key: "
            f"{', '.join(f'`{name}`' for name in rules.key)}.\n\n"
            "| column | type | unit | allowed | meaning |\n|---|---|---|---|---|\n"
        )
        for name, column in rules.columns.items():
            allowed = [
                f"≥ {column.min}" if column.min is not None else "",
                f"≤ {column.max}" if column.max is not None else "",
                ", ".join(column.values or ()),
                f"`{column.pattern}`".replace("|", r"\|") if column.pattern else "",
                "or null" if column.nullable else "",
            ]
            parts.append(
                f"| `{name}` | {column.type.replace('<', '&lt;')} | {column.unit or ''} | "
                f"{' '.join(filter(None, allowed))} | "
                f"{column.description.replace('|', '&#124;')} |\n"
            )
        if rules.invariants:
            holds = "; ".join(f"`{invariant}`" for invariant in rules.invariants)
            parts.append(f"\nIn every row: {holds}.\n")
        if rules.across:
            parts.append("\nAcross rows and files:\n\n")
        for one in rules.across:
            beside = [name for name in one.reads if name not in _READINGS]
            about = f" ({', '.join(f'`{name}`' for name in beside)})" if beside else ""
            parts.append(f"- {one.holds}{about}\n")
    return "".join(parts)


def main() -> None:
    """Writes every generated text."""
    for path, text in references().items():
        (ROOT / path).write_text(text)
        print(path)


if __name__ == "__main__":
    main()
