"""The audit of files: manifest, hashes, metadata, contracts, and what holds across files.

Nothing of it recomputes a number; what it finds is what was changed after the run, or what the run
should never have written.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from identifiability.audit.checks import Check, Finding
from identifiability.errors import UserError
from identifiability.protocols import protocol_of
from identifiability.stages.protocol_filters import protocol_tables
from identifiability.store.contracts import ARTIFACTS, TABLES, ContractError, contract
from identifiability.store.crate import NAME as CRATE
from identifiability.store.crate import crate
from identifiability.store.hashes import hash_bytes, hash_input, hash_table, hash_text
from identifiability.store.invariants import across_of, broken, check_rows, statement_in_words
from identifiability.store.manifest import OF_RUNS, hash_config, keep_schema

MANIFEST = "results/manifest.json"
_REQUIRED = (
    "settings",
    "settings_sha256",
    "code_sha256",
    "rule",
    "inputs",
    "seed_rule",
    "packages",
)
"""Metadata that every Parquet file has, beside ``content_sha256``."""
_OF_ARTIFACTS = ("artifact", "schema_version")
_SAYS = "Every Parquet file says what made it, as the manifest does"
_CONTRACT = "Every artifact keeps its contract"
_ACROSS = "What holds across rows and files"


@dataclass(frozen=True)
class Results:
    """A run's folder, with what its manifest says.

    Attributes:
        folder: Where its ``results`` lie.
        manifest: What the manifest holds; empty if there is none that can be read.
        unreadable: Why it cannot be read, or None.
    """

    folder: Path
    manifest: Mapping[str, Any] = field(default_factory=dict)
    unreadable: str | None = None

    @cached_property
    def there(self) -> list[str]:
        """Every Parquet file that lies in the folder, by its path below it."""
        found = [
            path
            for part in ("data", "results")
            for path in (self.folder / part).rglob("*.parquet")
            if not path.name.startswith(".")
        ]
        return sorted(path.relative_to(self.folder).as_posix() for path in found)

    @cached_property
    def parquet(self) -> list[str]:
        """The Parquet files of the run: those of the manifest, or all if there is none."""
        return [file for file in self.there if file in self.files or not self.files]

    @property
    def files(self) -> Mapping[str, Any]:
        """What the manifest says of each file."""
        found: Mapping[str, Any] = self.manifest.get("files", {})
        return found

    @cached_property
    def project(self) -> Path | None:
        """The project's folder, if the run lies in one."""
        prefix = Path(self.manifest.get("config", {}).get("prefix", "."))
        depth = len(prefix.parts)
        if prefix.is_absolute() or ".." in prefix.parts or depth > len(self.folder.parents):
            return None
        root = self.folder.parents[depth - 1] if depth else self.folder
        return root if (root / "Snakefile").exists() else None


def find(results: Path) -> Results:
    """A folder ``results``, to be audited.

    Raises:
        UserError: If it is no folder, or there is nothing in it to audit.
    """
    if not results.is_dir():
        raise UserError(f"{results}: no such folder; give the folder `results` of a run")
    folder = results.absolute().parent
    if results.absolute().name != "results":
        raise UserError(f"{results}: not called `results`; give the folder `results` of a run")
    if not any((results / artifact).is_dir() for artifact in ARTIFACTS):
        raise UserError(f"{results}: holds no artifact, such as {results / 'networks'}")
    path = folder / MANIFEST
    if not path.exists():
        return Results(folder, {}, "no such file: nothing says what the run's files were")
    try:
        manifest = json.loads(path.read_text())
        keep_schema(manifest, MANIFEST)
    except (ValueError, OSError) as error:
        return Results(folder, {}, one_line(error))
    return Results(folder, manifest)


def artifact_of(file: str) -> str | None:
    """The artifact that a file is, by where it lies; None of others."""
    folder, *parts = Path(file).with_suffix("").parts
    name = "/".join(parts) if parts[0] == "tables" else parts[0]
    known = name in ARTIFACTS or name.removeprefix("tables/") in TABLES
    return name if known and contract(name).folder == folder else None


def stem_of(file: str) -> str:
    """What a file is about: its family or shard, as files of other artifacts are called."""
    return Path(*Path(file).parts[2:] or (file,)).with_suffix("").as_posix()


# One file ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Looked:
    """What was found in one Parquet file.

    Attributes:
        file: Its path below the run's folder.
        content: Its content hash, or None if it cannot be read.
        metadata: What it says of itself.
        findings: By the name of the check.
        n_rows: Its rows.
        n_statements: Statements across rows and files that were checked.
        not_asked: Statements of its contract that were not, as what they read is not there.
    """

    file: str
    content: str | None
    metadata: Mapping[str, str]
    findings: Mapping[str, Sequence[Finding]]
    n_rows: int = 0
    n_statements: int = 0
    not_asked: tuple[str, ...] = ()


def look(results: Results, file: str) -> Looked:
    """Looks into one Parquet file: content, metadata, contract, and what holds across files."""
    found: dict[str, list[Finding]] = defaultdict(list)
    try:
        table = pq.read_table(results.folder / file)
        content = hash_table(table)
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        reason = f"cannot be read as Parquet: {one_line(error)}"
        return Looked(file, None, {}, {_CONTRACT: [Finding(file, reason)]})
    metadata = metadata_of(table.schema)
    artifact = artifact_of(file)
    found[_SAYS] = [Finding(file, text) for text in _metadata(artifact, metadata, content)]
    if artifact is None:
        return Looked(file, content, metadata, found, table.num_rows)
    try:
        _keep_contract(artifact, table)
    except ContractError as error:
        found[_CONTRACT].append(Finding(file, str(error)))
    asked: set[str] = set()
    try:
        relations = {artifact: table, **related(results, file, metadata)}
        asked = {one.holds for one in across_of(artifact, relations)}
        for one, rows in broken(artifact, relations):
            found[_ACROSS].append(Finding(file, statement_in_words(one, rows)))
    except Exception as error:  # whatever DuckDB makes of what was tampered with
        found[_ACROSS].append(Finding(file, f"cannot be compared: {one_line(error)}"))
    missing = [f"{artifact}: {s.holds}" for s in contract(artifact).across if s.holds not in asked]
    return Looked(file, content, metadata, found, table.num_rows, len(asked), tuple(missing))


def metadata_of(schema: pa.Schema) -> dict[str, str]:
    """What a Parquet file says of itself."""
    return {
        key.decode(errors="replace"): text.decode(errors="replace")
        for key, text in (schema.metadata or {}).items()
    }


def _metadata(artifact: str | None, metadata: Mapping[str, str], content: str) -> Iterator[str]:
    """What is wrong with what a file says of itself."""
    required = (*_REQUIRED, "content_sha256", *(_OF_ARTIFACTS if artifact else ()))
    if missing := [key for key in required if key not in metadata]:
        yield f"its metadata lack {', '.join(missing)}"
        return
    if metadata["content_sha256"] != content:
        yield "its rows are not those that its metadata hash"
    if metadata["settings_sha256"] != hash_text(metadata["settings"]):
        yield "its settings are not those that its metadata hash"
    if artifact is None:
        return
    if metadata["artifact"] != artifact:
        yield f"says that it is {metadata['artifact']}, and lies where {artifact} does"
    if metadata["schema_version"] != str(contract(artifact).version):
        yield (
            f"version {metadata['schema_version']} of its contract; this code knows "
            f"{contract(artifact).version}"
        )


def _keep_contract(artifact: str, table: pa.Table) -> None:
    """Makes sure that a table keeps the contract: names, types, and rows.

    Raises:
        ContractError: If it does not.
    """
    contract(artifact).check_names(table.schema.names)
    wanted = contract(artifact).arrow_schema(table.schema.names)
    if not table.schema.equals(wanted):
        differs = ", ".join(field.name for field in wanted if field not in table.schema)
        raise ContractError(f"{artifact}: types differ from the contract: {differs}")
    check_rows(artifact, table)


# What belongs together ---------------------------------------------------------------------------


def related(
    results: Results, file: str, metadata: Mapping[str, str]
) -> dict[str, pa.Table | Path]:
    """What the statements of a file's contract read: files of the same networks, and protocols."""
    found: dict[str, pa.Table | Path] = {
        name: results.folder / other
        for name in ARTIFACTS
        for other in [f"{contract(name).folder}/{name}/{stem_of(file)}.parquet"]
        if other in results.parquet and name != artifact_of(file)
    }
    for name, path in _made_from(results, file, metadata):
        found.setdefault(name, path)
    asked = {name for one in contract(str(artifact_of(file))).across for name in one.reads}
    return found | (readings_of(metadata, found) if {"protocols", "admitted"} & asked else {})


def _made_from(
    results: Results, file: str, metadata: Mapping[str, str]
) -> Iterator[tuple[str, Path]]:
    """The artifacts that a file was made from; those that its shards were, if it has shards."""
    for other in json.loads(metadata.get("inputs", "{}")):
        if other not in results.parquet:
            continue
        name, path = artifact_of(other), results.folder / other
        if name is None:
            continue
        if name == artifact_of(file):
            yield from _made_from(results, other, metadata_of(pq.read_schema(path)))
        else:
            yield name, path


def readings_of(
    metadata: Mapping[str, str], others: Mapping[str, pa.Table | Path]
) -> dict[str, pa.Table]:
    """The relations of the protocols that a file's settings name, if they do."""
    settings = json.loads(metadata.get("settings", "{}"))
    if "protocols" not in settings:
        return {}
    protocols = [protocol_of(plain) for plain in settings["protocols"]]
    sizes = settings.get("sizes")
    if sizes is None and isinstance(path := others.get("networks"), Path):
        first = pq.ParquetFile(path).read(["layer_sizes"]).slice(0, 1).to_pylist()
        sizes = [*first[0]["layer_sizes"][:-1], 1] if first else None
    return protocol_tables(protocols, None if sizes is None else tuple(sizes))


_run: list[Results] = []
"""The run that a process of the audit looks at; it has a manifest, which is large."""


def _begin(results: Results) -> None:
    _run.append(results)


def _look(file: str) -> Looked:
    return look(_run[0], file)


# All of them -------------------------------------------------------------------------------------


def check_files(
    results: Results, processes: int, progress: Callable[[str], None] = lambda _: None
) -> list[Check]:
    """Checks every file of a run.

    Args:
        results: The run.
        processes: Number of processors.
        progress: Is told what is being looked at.
    """
    # The largest first, so that no processor waits for one at the end.
    order = sorted(results.parquet, key=lambda f: -_size(results.folder / f))
    looked: list[Looked] = []
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (results,)) as pool:
        jobs = [pool.submit(_look, file) for file in order]
        for file, job in zip(order, jobs, strict=True):
            progress(file)
            try:
                looked.append(job.result())
            except Exception as error:  # whatever a library makes of what was tampered with
                reason = f"cannot be looked at: {type(error).__name__}: {one_line(error)}"
                looked.append(Looked(file, None, {}, {_CONTRACT: [Finding(file, reason)]}))
    found = {one.file: one for one in sorted(looked, key=lambda one: one.file)}
    checks = [
        check_manifest(results),
        check_whole(results),
        check_bytes(results, found),
        *check_project(results),
    ]
    artifacts = [one for one in found.values() if artifact_of(one.file)]
    n_rows = f"{sum(one.n_rows for one in artifacts):,} rows"
    n_asked = f"{sum(one.n_statements for one in artifacts):,} statements"
    if left_out := sorted({text for one in artifacts for text in one.not_asked}):
        n_asked += f"; not asked where what they read is not there: {'; '.join(left_out)}"

    def wrong(name: str) -> tuple[Finding, ...]:
        return tuple(f for one in found.values() for f in one.findings.get(name, ()))

    return [
        *checks,
        Check(_SAYS, "Parquet files", len(found), (*wrong(_SAYS), *_jobs(results, found))),
        Check(_CONTRACT, "artifacts", len(artifacts), wrong(_CONTRACT), n_rows),
        Check(_ACROSS, "artifacts", len(artifacts), wrong(_ACROSS), n_asked),
        _inputs(results, found),
    ]


def check_manifest(results: Results) -> Check:
    """Whether there is a manifest that keeps its schema."""
    name = "The manifest keeps its schema"
    if results.unreadable is None:
        return Check(name, "manifest", 1)
    return Check(name, "manifest", 1, (Finding(MANIFEST, results.unreadable),))


def check_whole(results: Results) -> Check:
    """Whether the manifest is whole: every file has a job, and what jobs made and read is there.

    The RO-Crate, which is made from it, has to say the same.
    """
    files, jobs = results.files, results.manifest.get("jobs", ())
    made = {file for job in jobs for file in job["outputs"]}
    found = [Finding(file, "no job of the manifest made it") for file in files.keys() - made]
    found += [
        Finding(file, "a job made it, and it is no file of the manifest")
        for file in made - files.keys()
    ]
    n_read = 0
    for job in jobs:
        for file in job["inputs"]:
            n_read += 1
            if (
                (results.folder / file).is_file()
                and file not in files
                and file.startswith(OF_RUNS)
            ):
                found.append(
                    Finding(file, f"rule {job['rule']} read it, and it is no file of the manifest")
                )
    crate_file, root = results.folder / CRATE, results.project
    if crate_file.exists() and root is not None:
        try:
            same = json.loads(crate_file.read_text()) == crate(
                results.manifest, root / "CITATION.cff"
            )
        except (ValueError, OSError, KeyError):
            same = False
        found += [] if same else [Finding(CRATE, "is not what the manifest gives")]
    name = "The manifest is whole: files, jobs, what they read, and the RO-Crate"
    return Check(
        name, "files", len(files.keys() | made), tuple(sorted(found, key=lambda f: f.where))
    )


def check_bytes(results: Results, looked: Mapping[str, Looked]) -> Check:
    """Whether every file of the manifest is there with its bytes.

    Args:
        results: The run.
        looked: What was found in its Parquet files, by file.
    """
    found = []
    for file, said in results.files.items():
        path = results.folder / file
        if not path.is_file():
            found.append(Finding(file, "is not there"))
        elif path.stat().st_size != said["bytes"]:
            size = path.stat().st_size
            found.append(Finding(file, f"has {size:,} bytes, not {said['bytes']:,}"))
        elif hash_bytes(path) != said["sha256"]:
            found.append(Finding(file, "has other bytes"))
        else:
            continue
        if file in looked and "content_sha256" in said:
            same = looked[file].content == said["content_sha256"]
            rows = "the same" if same else "other"
            found[-1] = Finding(file, f"{found[-1].what}, and {rows} rows")
    further = [file for file in results.there if results.files and file not in results.files]
    coverage = ""
    if further:
        shown = ", ".join(further[:3]) + (", …" if len(further) > 3 else "")
        coverage = f"{len(further)} Parquet files are not of this run, and are left aside: {shown}"
    return Check(
        "Every file is as the manifest says", "files", len(results.files), tuple(found), coverage
    )


def check_project(results: Results) -> Iterator[Check]:
    """Whether configuration and code beside the results are those of the run."""
    root = results.project
    for name, of, listed, hashed in (
        ("The configuration is that of the run", "files", "config_files", hash_config),
        ("The code is that of the run", "files", "code", hash_bytes),
    ):
        said = results.manifest.get(listed, {})
        if root is None:
            yield Check(name, of, 0, (), "the results do not lie in a project's folder")
            continue
        found = []
        for file, digest in said.items():
            path = root / file
            if not path.is_file():
                found.append(Finding(file, "is not there"))
            elif _hashed(hashed, path) != digest:
                found.append(Finding(file, "has changed since the run"))
        yield Check(name, of, len(said), tuple(found))


def _size(path: Path) -> int:
    """Bytes of a file; 0 of a link that leads nowhere."""
    return path.stat().st_size if path.exists() else 0


def one_line(error: Exception) -> str:
    """What a library says went wrong, in one line of some length."""
    return " ".join(str(error).split())[:300]


def _hashed(hashed: Callable[[Path], str], path: Path) -> str | None:
    """A file's hash, or None if it cannot be read."""
    try:
        return hashed(path)
    except Exception:  # YAML that is none
        return None


def _jobs(results: Results, looked: Mapping[str, Looked]) -> Iterator[Finding]:
    """Where a file's metadata and the job of the manifest that made it say different things."""
    jobs = {output: job for job in results.manifest.get("jobs", ()) for output in job["outputs"]}
    for file, one in looked.items():
        if file not in jobs or not set(_REQUIRED) <= set(one.metadata):
            continue
        own, job = one.metadata, jobs[file]
        # What gathers shards keeps what they say of their making.
        same = ["rule", "settings_sha256", "code_sha256"] if job["rule"] != "gather" else []
        differs = [key for key in same if own[key] != job[key]]
        if own["inputs"] != json.dumps(job["inputs"]):
            differs.append("inputs")
        if differs:
            yield Finding(file, f"the manifest has other {', '.join(differs)}")


def _inputs(results: Results, looked: Mapping[str, Looked]) -> Check:
    """Whether what every job read is what lies there now."""
    hashes: dict[str, str | None] = {file: one.content for file, one in looked.items()}

    def now(file: str) -> str | None:
        if file not in hashes:
            inside, beside = results.folder / file, (results.project or results.folder) / file
            path = inside if inside.is_file() else beside
            hashes[file] = hash_input(path) if path.is_file() else None
        return hashes[file]

    found, n_checked, elsewhere = [], 0, set()
    for job in results.manifest.get("jobs", ()):
        for file, digest in job["inputs"].items():
            known = file in results.files or file in looked
            if now(file) is None and not known:
                elsewhere.add(file)
                continue
            n_checked += 1
            if now(file) != digest:
                made = ", ".join(job["outputs"][:1])
                found.append(Finding(file, f"is not what {made} was made from"))
    coverage = f"{len(elsewhere)} inputs lie elsewhere" if elsewhere else ""
    name = "Every file was made from the inputs that are there"
    return Check(name, "inputs of jobs", n_checked, tuple(found), coverage)
