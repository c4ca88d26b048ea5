"""The pages that are generated: configuration, data dictionaries, definitions.

``python -m identifiability.report.reference`` writes them; a test holds them against the schemas.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from identifiability.config.settings import load_schema
from identifiability.exhibits.exhibit import FIGURES
from identifiability.report import definitions
from identifiability.report.explorer import EXPLORER_SCHEMA as EXPLORER
from identifiability.report.explorer import EXPLORER_VERSION
from identifiability.store.contracts import ARTIFACTS, TABLES, Column, Contract, contract
from identifiability.store.manifest import MANIFEST_SCHEMA as MANIFEST
from identifiability.store.paths import PROJECT

_GENERATED = "<!-- Written by `make docs` from {source}; do not edit. -->\n\n"
_TABLES = """
# Tables of the report

`results/tables/<name>` as Parquet, CSV and Markdown; the contract is that of the Parquet file.
Columns in italics are called as the pattern says.
"""
_FIGURES = """# Figures

Each as SVG, PNG and PDF, and a target of its own. Figures whose number is a letter are not in the
paper.

| file | in the report | shows | |
|---|---|---|---|
"""
_READINGS = ("protocols", "admitted")
_CONTRACTS = (
    " What is said of them here is checked when a file is written, and again by `identifiability "
    "audit`; the statements across files are SQL, in `workflow/schemas/artifacts`.\n"
)
_METADATA = """
## What every file says of itself

Every Parquet file carries in its schema metadata: `artifact`, `schema_version`, the `rule` whose
job made it (of a family's shards that were gathered, the rule that made the shards), the
`settings` and their SHA-256, the SHA-256 of the code (`code_sha256`), its `inputs` with their
hashes, the hash of its own content (`content_sha256`), `seed_rule`, and the versions of Python and
of the packages. The hash of a content is that of names, types and values, whatever the layout and
the writer (`identifiability.store.hashes`). Figures carry the same in their metadata, as JSON. Two
equal runs write equal files, byte for byte; times and machines are in the manifest. `integer` is
an exact integer of any size, kept as decimal digits.
"""
_MANIFEST = """
## manifest.json

`results/manifest.json`: what made every file of the run, also those that have no room for it, when
and where. Its schema is `workflow/schemas/manifest.schema.yaml`.

| key | meaning |
|---|---|
"""
_EXPLORER = """
## explorer

`results/explorer/index.html`: a page in which every explanation of a network can be looked at,
made from the artifacts above ([what it shows](../docs/explorer.md)). Its data lie beside it, as
scripts that hand it a JSON object: `data/index.js`, and `data/<family>.js` with all that is shown
of a family. Their schema is `workflow/schemas/explorer.schema.yaml`, version {version}.

| file | key | meaning |
|---|---|---|
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
        + "".join(_entry(contract(f"tables/{name}")) for name in TABLES)
        + _explorer()
        + _manifest()
        + _METADATA,
        Path("figures/README.md"): _GENERATED.format(
            source="workflow/scripts/identifiability/exhibits/figures"
        )
        + _FIGURES
        + "".join(f"| `{e.name}` | {e.heading} | {e.title} | {e.caption} |\n" for e in FIGURES),
        Path("docs/definitions.md"): _GENERATED.format(
            source="workflow/scripts/identifiability/report/definitions.py"
        )
        + definitions.page(),
    }


def config_reference() -> str:
    """The reference of the configuration."""
    schema = load_schema()
    defaults = yaml.safe_load((PROJECT / "config" / "config.yaml").read_text())
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


def _explorer() -> str:
    """The keys of the explorer's data."""
    schema = yaml.safe_load(EXPLORER.read_text())
    files = {"index.js": "index", "<family>.js": "family"}
    return _EXPLORER.format(version=EXPLORER_VERSION) + "".join(
        f"| `{file}` | {row}\n"
        for file, kind in files.items()
        for row in _entries(schema["$defs"][kind])
    )


def _manifest() -> str:
    """The keys of the manifest, and of what it says of jobs, machines and files."""
    rows = _entries(yaml.safe_load(MANIFEST.read_text()))
    return _MANIFEST + "".join(f"| {row}\n" for row in rows)


def _entries(schema: Mapping[str, Any]) -> Iterator[str]:
    """The keys of a JSON object and of the objects in its lists, each with what it means."""
    for key, node in schema["properties"].items():
        yield f"`{key}` | {node['description']} |"
        entry = node.get("items", node.get("additionalProperties"))
        for name, own in (entry or {}).get("properties", {}).items():
            yield f"`{key}…{name}` | {own.get('description', '')} |"


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
    return "".join(_entry(rules) for rules in map(contract, ARTIFACTS) if rules.folder == folder)


def _entry(rules: Contract) -> str:
    """One contract."""
    parts = [
        f"\n## {rules.artifact}\n\n`{rules.path}`, version {rules.version}. "
        f"One row is {rules.row}. Key: {', '.join(f'`{name}`' for name in rules.key)}.\n\n"
        "| column | type | unit | allowed | meaning |\n|---|---|---|---|---|\n"
    ]
    parts += [_row(f"`{name}`", column) for name, column in rules.columns.items()]
    parts += [_row(f"*{_code(pattern)}*", column) for pattern, column in rules.further.items()]
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


def _row(name: str, column: Column) -> str:
    """One column, under its name or the pattern of its names."""
    allowed = [
        f"≥ {column.min}" if column.min is not None else "",
        f"≤ {column.max}" if column.max is not None else "",
        ", ".join(column.values or ()),
        _code(column.pattern) if column.pattern else "",
        "or null" if column.nullable else "",
    ]
    return (
        f"| {name} | {column.type.replace('<', '&lt;')} | {column.unit or ''} | "
        f"{' '.join(filter(None, allowed))} | {column.description.replace('|', '&#124;')} |\n"
    )


def _code(pattern: str) -> str:
    """A pattern, inside a table."""
    return f"`{pattern}`".replace("|", r"\|")


def main() -> None:
    """Writes every generated text."""
    for path, text in references().items():
        (PROJECT / path).write_text(text)
        print(path)


if __name__ == "__main__":
    main()
