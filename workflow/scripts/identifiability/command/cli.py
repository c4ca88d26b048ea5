"""The command ``identifiability``."""

import dataclasses
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from identifiability.errors import UserError
from identifiability.store.files import beside, written_whole

# The engine is imported inside the commands, so that --help and wrong options answer at once.
if TYPE_CHECKING:
    from identifiability.protocols import Pairs, Protocol

_configfile = click.option(
    "--configfile",
    "configfiles",
    metavar="FILE",
    multiple=True,
    type=Path,
    help="What the run was given, if not config/config.yaml alone.",
)

_PROTOCOL = "Protocol (reading of the paper's criteria)."
_WIDTH, _NUMBER = click.IntRange(1, 12), click.IntRange(min=1)
_cores = click.option(
    "--cores", default=2, show_default=True, metavar="N", type=_NUMBER, help="Cores."
)
_run = click.argument("results", metavar="[DIR]", default="results", type=Path)


def main() -> None:
    """Runs the command; what a user can put right ends in one line and exit code 2."""
    try:
        command(standalone_mode=False)
    except UserError as error:
        _fail(str(error))
    except click.ClickException as error:
        _fail(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        _fail("interrupted")


def _fail(message: str) -> None:
    click.echo(f"identifiability: error: {message}", err=True)
    sys.exit(2)


@click.group()
@click.version_option(package_name="identifiability")
def command() -> None:
    """Is the mechanistic explanation of a tiny network unique? Exact answers."""


@command.command("explain")
@click.argument("networks", metavar="NETWORK...", nargs=-1, required=True, type=Path)
@click.option(
    "--target",
    "targets",
    metavar="GATE",
    multiple=True,
    help="Gate of each output, by name or truth table (MUX, 0110). [default: what it computes]",
)
@click.option(
    "--protocol",
    metavar="released|text|strict|…",
    help=f"{_PROTOCOL}  [default: released, text, strict and abstraction side by side]",
)
@click.option(
    "--list",
    "listed",
    default=1,
    show_default=True,
    metavar="N",
    type=click.IntRange(min=0),
    help="Circuits and mappings to show.",
)
@click.option(
    "--svg", metavar="DIR", type=Path, help="Write drawings of the circuits and mappings shown."
)
@click.option(
    "--pairs",
    type=click.Choice(["source_before_base", "all"]),
    help="Interchange interventions to try, if not the protocol's own.",
)
@click.option(
    "--activation",
    metavar="leaky_relu|relu|tanh|sigmoid",
    help="After every layer; for files that do not say.",
)
@click.option(
    "--output-activation",
    metavar="leaky_relu|relu|tanh|sigmoid|identity",
    help="After the last layer, if it is another one; for files that do not say.",
)
@click.option(
    "--readout",
    metavar="round|above:T|argmax",
    help="How an output is read: to the nearest integer, as in the paper; as 1 above a number; or "
    "as the larger of two.  [default: round]",
)
@click.option(
    "--inputs",
    metavar="A,B",
    callback=lambda _context, _option, text: _levels(text),
    help="What stands for false and for true, such as -1,1.  [default: 0,1]",
)
@click.option("--json", "json_file", metavar="FILE|-", help="Write everything found as JSON.")
@click.option(
    "--counts-only", is_flag=True, help="Count without listing; wider networks are within reach."
)
@click.option(
    "--out",
    metavar="DIR",
    type=Path,
    help="Write the artifacts as DIR/<artifact>/<network>.parquet.",
)
def explain_command(
    networks: tuple[Path, ...],
    targets: tuple[str, ...],
    protocol: str | None,
    listed: int,
    svg: Path | None,
    pairs: "Pairs | None",
    activation: str | None,
    output_activation: str | None,
    readout: str | None,
    inputs: tuple[float, float] | None,
    json_file: str | None,
    counts_only: bool,
    out: Path | None,
) -> None:
    """Find every circuit, interpretation, algorithm and mapping of networks of your own.

    NETWORK is a .json file (weights[layer][to][from], biases[layer][to], activation); a
    .safetensors, .npz, .pt or .pth file with the weights and biases of linear layers by name; or
    an .onnx graph. It has one to four Boolean inputs and one to four hidden layers.
    """
    from rich.console import Console

    from identifiability.command import explanation
    from identifiability.command.words import draw_explanations, print_explanations
    from identifiability.networks import files as network_files
    from identifiability.networks.checks import check_network
    from identifiability.networks.networks import ACTIVATIONS
    from identifiability.networks.stack import known_activation, parsed_readout

    if activation is not None:
        activation = known_activation("--activation", activation, ACTIVATIONS)
    if output_activation is not None:
        output_activation = known_activation("--output-activation", output_activation)
    if readout is not None:
        parsed_readout(readout)
    asked = _asked(protocol, pairs)
    if out is not None and len(asked) > 1:
        raise UserError("--out: results of several protocols would overwrite; give one --protocol")
    loaded = []
    for path in networks:
        read = network_files.load(path, activation, output_activation, readout, inputs)
        wanted = list(targets) or read.targets
        within, refusals = [], {}
        for one in asked:
            try:
                check_network(read.network, wanted, one, counts_only)
                within.append(one)
            except UserError as error:
                refusals[one.name] = str(error)
        if not within:
            raise UserError(f"{path}: {next(iter(refusals.values()))}")
        loaded.append((path, read, wanted, within, refusals))
    names = [path.stem for path, *_ in loaded]
    for option, folder in (("--out", out), ("--svg", svg)):
        if folder is not None and len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise UserError(
                f"{option}: two networks are called {twice!r}; results would overwrite"
            )
    _refuse_to_overwrite(json_file, networks)
    _make_ready(json_file, out)
    if svg is not None:
        _make_ready(None, svg)

    people = Console(stderr=json_file == "-", highlight=False)
    entries = []
    with Console(stderr=True).status("") as status:
        for path, read, wanted, within, refusals in loaded:
            explained = []
            for one in within:
                found = explanation.explain(
                    read,
                    wanted,
                    one,
                    counts_only=counts_only,
                    name=path.stem,
                    progress=_announcer(status.update, f"{path.stem}, {one.name}"),
                )
                explained.append(found)
                entries.append(found.to_dict(counts_only=counts_only))
                if out is not None:
                    found.write(out)
            print_explanations(people, explained, refusals, 0 if counts_only else listed)
            if svg is not None:
                draw_explanations(svg, explained, listed)
    _write_json(json_file, entries)


@command.command("trace")
@click.argument("what", metavar="WHAT")
@click.option("--protocol", metavar="NAME", help="Show one protocol alone.")
@click.option(
    "--network", metavar="FAMILY/SEED", help="Go on to one of the networks that it rests on."
)
@click.option(
    "--results",
    metavar="DIR",
    type=Path,
    help="Folder `results` of a run. [default: where the configuration puts it]",
)
@_configfile
@click.option("--json", "json_file", metavar="FILE|-", help="Write everything found as JSON.")
def trace_command(
    what: str,
    protocol: str | None,
    network: str | None,
    results: Path | None,
    configfiles: tuple[Path, ...],
    json_file: str | None,
) -> None:
    """Show what a claim, figure or table rests on, down to a network's weights.

    WHAT is a claim (C09), a difference between text and code (D04), a figure (figure_3, or 3), a
    table (table_4, differences, ladder), or a network (xor-k3/7).
    """
    from rich.console import Console

    from identifiability.command.terminal import print_trace
    from identifiability.evidence.runs import load_run
    from identifiability.evidence.trace import trace

    found = trace(load_run(configfiles, results), what, protocol, network)
    _make_ready(json_file, None)
    people = Console(stderr=json_file == "-", highlight=False)
    for one in found:
        print_trace(people, one)
    _write_json(json_file, [one.to_dict() for one in found])


@command.command("cost")
@click.option(
    "--hidden", metavar="WIDTH [WIDTH]...", type=_WIDTH, required=True, help="Hidden neurons."
)
@click.argument("further", metavar="", nargs=-1, type=_WIDTH)
@click.option("--inputs", default=2, show_default=True, metavar="N", type=_WIDTH, help="Inputs.")
@click.option("--protocol", default="strict", show_default=True, metavar="NAME", help=_PROTOCOL)
@click.option(
    "--networks", default=100, show_default=True, metavar="N", type=_NUMBER, help="Networks."
)
@_configfile
def cost_command(
    hidden: int,
    further: tuple[int, ...],
    inputs: int,
    protocol: str,
    networks: int,
    configfiles: tuple[Path, ...],
) -> None:
    """Predict, roughly, what the pipeline's jobs take on networks of some widths."""
    from rich.console import Console

    from identifiability.circuits.reach import reach_within
    from identifiability.config.cost import costs, networks_of_a_job, over_budget
    from identifiability.evidence.runs import read_config
    from identifiability.protocols import protocol_named
    from identifiability.report.numerals import duration

    config, people = read_config(configfiles), Console(highlight=False, width=500)
    limits = {key: config.engine[key] for key in ("max_candidates", "max_listed")}
    wanted = protocol_named(protocol, config.protocols)
    reach = reach_within((inputs, hidden, *further, 1), wanted, **limits)
    people.print(f"{networks:,} networks {reach.sizes}, protocol {protocol}: {reach}")
    found = costs(reach, networks)
    for stage, (seconds, megabytes) in found.items():
        people.print(f"{stage:<15}{duration(seconds):>10}{megabytes:>10,.0f} MB")
    people.print(f"recommended: at most {networks_of_a_job(reach, config.engine):,} per job")
    if reason := over_budget(found, config.engine):
        people.print(f"one job on all of them would be refused: {reason}")


@command.command("audit")
@_run
@click.option(
    "--networks",
    default=50,
    show_default=True,
    metavar="N",
    type=click.IntRange(min=0),
    help="Networks to recount; 0 checks the files alone.",
)
@click.option(
    "--seed", default=0, show_default=True, metavar="N", type=int, help="Seed of what is drawn."
)
@_cores
@click.option("--json", "json_file", metavar="FILE|-", help="Write everything found as JSON.")
def audit_command(
    results: Path, networks: int, seed: int, cores: int, json_file: str | None
) -> None:
    """Check a run's files, and have other code recount some of its networks.

    DIR is the folder `results` of a run, anyone's. Every file is held against the manifest, the
    contracts and the other files; networks drawn at random are recounted, from their weights, by
    the plain module, which shares no code with the engine. Exit code 1 if anything disagrees.
    """
    from rich.console import Console

    from identifiability.audit.cases import Effort
    from identifiability.audit.checks import findings
    from identifiability.audit.files import check_files, find
    from identifiability.audit.numbers import check_numbers
    from identifiability.command.terminal import print_audit

    run = find(results)
    _make_ready(json_file, None)
    people = Console(stderr=json_file == "-", highlight=False)
    with Console(stderr=True).status("") as status:
        checks = check_files(run, cores, _announcer(status.update, "files"))
        covered = None
        if networks:
            effort, said = Effort(networks, seed), _announcer(status.update, "numbers")
            numbers, covered = check_numbers(run.folder, run.parquet, effort, cores, said)
            checks += numbers
    print_audit(people, checks, covered)
    listed = [
        {**dataclasses.asdict(one), "agreed": one.agreed, "disagreed": one.disagreed}
        for one in checks
    ]
    _write_json(json_file, {"checks": listed, "covered": covered})
    if findings(checks):
        sys.exit(1)


@command.command("archive")
@_run
@click.option(
    "--to",
    default="replication.tar.gz",
    show_default=True,
    metavar="FILE",
    type=Path,
    help="The archive.",
)
@_cores
def archive_command(results: Path, to: Path, cores: int) -> None:
    """Pack a run: project, configuration, results, figures, report, manifest and RO-Crate.

    DIR is the folder `results` of a run, in the project's folder. Every file is held against the
    manifest first. Unpacked elsewhere, the archive passes the audit, and Snakemake finds nothing
    to do.
    """
    from identifiability.audit.archive import archive

    n_files = archive(results, to, cores)
    click.echo(f"{to}: {n_files:,} files, {to.stat().st_size / 1e6:,.1f} MB")


def _asked(protocol: str | None, pairs: "Pairs | None") -> "list[Protocol]":
    """The protocols asked for: one, or those that are shown side by side."""
    from identifiability.command import explanation
    from identifiability.protocols import ABSTRACTION, PROTOCOLS, protocol_named

    if protocol is None:
        chosen = [*PROTOCOLS.values(), ABSTRACTION]
        chosen = [one for one in chosen if one.inputs == "clean"]
    else:
        chosen = [protocol_named(protocol, explanation.OFFERED)]
    return [
        one
        if pairs in (None, one.pairs)
        else dataclasses.replace(one, name=f"{one.name}-{pairs}", pairs=pairs)
        for one in chosen
    ]


def _levels(text: str | None) -> tuple[float, float] | None:
    """What stands for false and for true, from ``A,B``."""
    if text is None:
        return None
    try:
        false, true = map(float, text.split(","))
    except ValueError:
        raise UserError(f"--inputs: {text!r} is not two numbers, as in -1,1") from None
    return false, true


def _write_json(json_file: str | None, entries: Any) -> None:
    """Writes what was found, if it was asked for."""
    if json_file == "-":
        click.echo(json.dumps(entries, ensure_ascii=False))
    elif json_file is not None:
        with written_whole(Path(json_file)) as file:
            file.write_text(json.dumps(entries, ensure_ascii=False, indent=1) + "\n")


def _announcer(update: Callable[[str], None], name: str) -> Callable[[str], None]:
    return lambda stage: update(f"{name}: {stage} …")


def _refuse_to_overwrite(json_file: str | None, inputs: Iterable[Path]) -> None:
    """Makes sure that what is written is not what is read.

    Raises:
        UserError: If it is.
    """
    if json_file is None or json_file == "-" or not Path(json_file).exists():
        return
    if any(path.samefile(json_file) for path in inputs):
        raise UserError(f"--json: {json_file} is the network itself; write elsewhere")


def _make_ready(json_file: str | None, out: Path | None) -> None:
    """Makes sure, before work starts, that results can be written.

    Raises:
        UserError: If they cannot.
    """
    if json_file is not None and json_file != "-":
        try:
            if Path(json_file).is_dir():
                raise UserError(
                    f"--json: {json_file!r} is a folder; give a file, or - for the terminal"
                )
            beside(Path(json_file)).touch()
        except OSError as error:
            raise UserError(f"--json: {json_file}: cannot be written ({error.strerror})") from None
    if out is not None:
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"--out: {out}: cannot be a folder ({error.strerror})") from None
