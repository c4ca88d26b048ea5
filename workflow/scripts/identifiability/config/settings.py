"""The configuration: read, validated, and turned into settings (config/README.md)."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isfinite
from pathlib import Path
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator, ValidationError, validators
from jsonschema.exceptions import best_match

from identifiability.authors.settings import (
    FILE,
    SLUG,
    Authors,
    family_of_authors,
    parse_authors,
)
from identifiability.circuits.reach import Reach, reach_of, why_not_counted
from identifiability.circuits.shapes import count_all
from identifiability.config.shards import Shard, shards_of
from identifiability.digits.settings import DigitsFamily, Source, parse_families, parse_source
from identifiability.errors import UserError
from identifiability.networks.families import Analysed, Family, Training
from identifiability.networks.gates import gates_of_one_arity
from identifiability.protocols import ABSTRACTION, PROTOCOLS, VARIANTS, Protocol
from identifiability.store.paths import SCHEMAS

# JSON takes 12.0 for an integer, and YAML has NaN and infinity; neither is meant here.
_Validator = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(
        {
            "integer": lambda _, value: type(value) is int,
            "number": lambda _, value: type(value) in (int, float) and isfinite(value),
        }
    ),
)
CONFIG_SCHEMA = SCHEMAS / "config.schema.yaml"


@dataclass(frozen=True)
class Experiment:
    """What some figures and tables compare.

    Attributes:
        name: What the paper's section 4 calls it, in one word.
        families: The settings compared.
        released: The settings that the released code runs instead (D14).
        single: Settings that are only run when asked for.
        paired: Settings whose networks are those of one of ``families``, stopped at another loss.
    """

    name: str
    families: tuple[Family, ...]
    released: tuple[Family, ...] = ()
    single: tuple[Family, ...] = ()
    paired: tuple[Family, ...] = ()


@dataclass(frozen=True)
class Config:
    """A valid configuration.

    Attributes:
        prefix: Folder in which everything is written.
        families: By slug.
        protocols: By name: the three of the paper, ``abstraction``, variants, those of the file.
        experiments: By name.
        example_protocol: Protocol under which the example is shown.
        engine: The section of that name.
        digits: Where the images of digits come from.
        digit_families: Networks that tell two digits apart, by slug: those of the experiment
            ``digits``, the one of the paper's claim first.
        shards: Of every family, by slug.
        explorer_networks: Most networks of a family that the explorer shows.
        analysed: Which networks figures, tables and claims are about.
        authors: Where the authors' own network comes from.
    """

    prefix: str
    families: Mapping[str, Family]
    protocols: Mapping[str, Protocol]
    experiments: Mapping[str, Experiment]
    example_protocol: str
    engine: Mapping[str, Any]
    digits: Source
    digit_families: Mapping[str, DigitsFamily]
    shards: Mapping[str, tuple[Shard, ...]]
    explorer_networks: int
    analysed: Analysed
    authors: Authors

    @property
    def shown(self) -> tuple[Protocol, ...]:
        """The protocols that figures and tables compare: the three, and those of the file."""
        return tuple(p for p in self.listed if p is not ABSTRACTION)

    @property
    def listed(self) -> tuple[Protocol, ...]:
        """Those whose mappings are listed, not only counted: all but the variants."""
        return tuple(p for p in self.protocols.values() if p.name not in VARIANTS)

    @property
    def used(self) -> tuple[Family, ...]:
        """The families of the experiments, each once."""
        listed = [
            family
            for e in self.experiments.values()
            for family in (*e.families, *e.released, *e.paired)
        ]
        return tuple({family.name: family for family in listed}.values())

    @property
    def independent(self) -> tuple[Family, ...]:
        """Those of them whose networks are no other's, stopped at another loss."""
        return tuple(family for family in self.used if family.draws_of is None)

    @property
    def explored(self) -> tuple[Family, ...]:
        """Those that the explorer shows: the independent ones, and networks of one's own."""
        own = [f for f in self.families.values() if f.files is not None and f.name != SLUG]
        return tuple(dict.fromkeys([*self.independent, *own]))

    @property
    def left_out(self) -> Analysed:
        """The other networks, on which claims are measured as well."""
        return "functional" if self.analysed == "converged" else "converged"

    @property
    def slugs(self) -> list[str]:
        """Slugs of all families of the experiments, those that tell digits apart included."""
        return [*(family.name for family in self.used), *self.digit_families]

    def protocols_of(self, family: Family) -> list[Protocol]:
        """The protocols that make sense of a family.

        Protocols on noisy inputs need noise to read on, and joint interventions no more inputs
        than there is time for; networks of one's own, but for the authors', are looked at without
        variants.
        """
        if family.files is not None and family.name != SLUG:
            protocols = [p for p in self.listed if p.inputs == "clean"]
        else:
            noise = self.reading_noise(family) > 0
            protocols = [p for p in self.protocols.values() if p.inputs == "clean" or noise]
        return [p for p in protocols if p.is_for(family.n_inputs)]

    def reading_noise(self, family: Family) -> float:
        """Standard deviation of the noise on which circuits are read, beside clean inputs.

        That of training; for families trained without noise that the experiment ``noise`` has,
        that of the others there, unless their circuits are too many to be listed. 0 for all the
        others, which are read on clean inputs alone.
        """
        noise = family.training.noise
        compared = self.experiments["noise"].families if "noise" in self.experiments else ()
        within = count_all(family.single_output_sizes) <= self.engine["max_listed"]
        if noise or family not in compared or not within:
            return noise
        return max(other.training.noise for other in compared)

    def reach(self, family: Family) -> Reach:
        """How far the circuits of a family's networks are looked into."""
        return reach_of(
            family.single_output_sizes,
            self.protocols.values(),
            max_candidates=self.engine["max_candidates"],
            max_listed=self.engine["max_listed"],
            # An input that is rare in training may be learnt wrongly.
            right_everywhere=family.training.input_probabilities == "uniform",
        )


ReadNetworks = Callable[[str, Mapping[str, Any], Training], Family]
"""What makes a family out of networks of one's own: slug, section, common settings of training."""


def parse_config(config: Mapping[str, Any], read_networks: ReadNetworks) -> Config:
    """Validates a configuration and turns it into settings.

    Args:
        config: The configuration, as read from YAML.
        read_networks: Makes a family out of networks of one's own (``networks.own.family_of``). A
            parameter, so that code that reads the configuration does not import the engine.

    Raises:
        UserError: One line that names the key, its value and what would be right.
    """
    _check_schema(config)
    protocols = {**PROTOCOLS, ABSTRACTION.name: ABSTRACTION, **VARIANTS}
    for name, changes in config["protocols"].items():
        protocols[name] = _protocol(name, changes, protocols)
    families = {name: _family(name, config, read_networks) for name in config["families"]}
    if SLUG in families:
        raise UserError(
            f"config: families.{SLUG}: the slug is the authors' network's; choose another"
        )
    file = Path(config["prefix"], "data", "authors", FILE).as_posix()
    families[SLUG] = family_of_authors(file, Training(**config["training"]))
    experiments = {
        name: Experiment(
            name,
            *(
                _families_of(f"experiments.{name}.{key}", settings.get(key, ()), families)
                for key in ("families", "released", "single", "paired")
            ),
        )
        for name, settings in config["experiments"].items()
        if name != "digits"
    }
    for family in experiments["untrained"].families:
        if family.untrained_draws is None:
            raise UserError(
                f"config: experiments.untrained.families: {family.name!r} is not a family of "
                "untrained networks; name one with the key untrained"
            )
    example = config["experiments"]["example"]["protocol"]
    _known("protocol", "experiments.example.protocol", example, protocols)
    if protocols[example].name in VARIANTS:
        raise UserError(
            f"config: experiments.example.protocol: {example!r} only counts mappings; choose one "
            f"of {', '.join(p for p in protocols if p not in VARIANTS)}"
        )
    parsed = Config(
        config["prefix"],
        families,
        protocols,
        experiments,
        example,
        config["engine"],
        parse_source(config["digits"]),
        _digit_families(config, families),
        {name: _shards(family, config) for name, family in families.items()},
        config["explorer"]["networks"],
        config["analysed"],
        parse_authors(config["authors"]),
    )
    for family in families.values():
        _check_size(family, parsed)
    return parsed


def _digit_families(
    config: Mapping[str, Any], others: Mapping[str, Family]
) -> dict[str, DigitsFamily]:
    """The families of the experiment ``digits``."""
    known = parse_families(config["digits"])
    for name in known:
        if name in others:
            raise UserError(f"config: digits.families.{name}: families has this slug as well")
    used = {}
    for key in ("families", "further"):
        for name in config["experiments"]["digits"][key]:
            _known("family", f"experiments.digits.{key}", name, known)
            used[name] = known[name]
            number = count_all(known[name].circuit_sizes)
            if number > config["engine"]["max_candidates"]:
                raise UserError(
                    f"config: digits.families.{name}.last: {list(known[name].last)} gives "
                    f"{number:,} candidate circuits; engine.max_candidates allows "
                    f"{config['engine']['max_candidates']:,}"
                )
    return used


def _families_of(
    key: str, names: Sequence[str], families: Mapping[str, Family]
) -> tuple[Family, ...]:
    """Families by name."""
    for name in names:
        _known("family", key, name, families)
    return tuple(families[name] for name in names)


def _check_size(family: Family, config: Config) -> None:
    """Raises a UserError if a family has more circuits than can be enumerated or counted."""
    sizes, engine = family.single_output_sizes, config.engine
    number = count_all(sizes)
    hidden = f"config: families.{family.name}.hidden: {list(family.hidden)}"
    if not config.reach(family).counted:
        why = why_not_counted(sizes) or "beyond that, circuits are counted for uniform inputs only"
        raise UserError(
            f"{hidden} gives {number:,} candidate circuits per network, and too many under every "
            f"protocol; engine.max_candidates allows {engine['max_candidates']:,}, and {why}"
        )
    limit = engine["max_listed"]
    if family.training.noise and number > limit:
        raise UserError(
            f"{hidden} gives {number:,} candidate circuits per network; a family with noise may "
            f"have {limit:,} (engine.max_listed)"
        )


def load_schema() -> dict[str, Any]:
    """The schema of the configuration, its ``$ref`` filled in."""
    schema: dict[str, Any] = yaml.safe_load(CONFIG_SCHEMA.read_text())
    definitions = schema.pop("$defs")

    def resolve(node: Any) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                target = definitions[node["$ref"].rsplit("/", 1)[1]]
                node = target | {k: v for k, v in node.items() if k != "$ref"}
            return {key: resolve(value) for key, value in node.items()}
        return [resolve(item) for item in node] if isinstance(node, list) else node

    resolved: dict[str, Any] = resolve(schema)
    return resolved


def _check_schema(config: Mapping[str, Any]) -> None:
    """Raises the most telling violation of the schema as a UserError."""
    _check_keys(config, "")
    error = best_match(_Validator(load_schema()).iter_errors(config))
    if error is not None:
        raise UserError(_one_line(error))
    prefix = Path(config["prefix"])
    if prefix.exists() and not prefix.is_dir():
        raise UserError(f"config: prefix: {config['prefix']!r} is a file; give a folder")


def _check_keys(node: object, path: str) -> None:
    """Raises a UserError for a key that is not text, which YAML allows."""
    for key, value in node.items() if isinstance(node, dict) else ():
        if not isinstance(key, str):
            raise UserError(f"config: {path}{key}: the key {key!r} is not text; write '{key}'")
        _check_keys(value, f"{path}{key}.")


def _one_line(error: ValidationError) -> str:
    """A violation as one line: key, value, what would be right."""
    key = ".".join(map(str, error.absolute_path)) or "(top level)"
    message, schema = error.message, cast(dict[str, Any], error.schema)
    if error.validator == "additionalProperties":
        known = list(schema["properties"])
        unknown = next(k for k in cast(dict[str, Any], error.instance) if k not in known)
        close = difflib.get_close_matches(str(unknown), known, 1)
        key = f"{key}.{unknown}" if error.absolute_path else str(unknown)
        hint = f"did you mean {close[0]!r}? " if close else ""
        message = f"no such key; {hint}known here are {', '.join(known)}"
    elif error.validator == "type" and schema.get("type") in ("number", "integer"):
        with_point = isinstance(error.instance, str) and _is_number(error.instance)
        message += "; in YAML write 1.0e-3 or 0.001, not 1e-3" if with_point else ""
    return f"config: {key}: {message}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _known(kind: str, key: str, value: str, known: Mapping[str, Any]) -> None:
    """Raises a UserError unless ``value`` is one of the names in ``known``."""
    if value not in known:
        raise UserError(f"config: {key}: unknown {kind} {value!r}; known are {', '.join(known)}")


def _family(name: str, config: Mapping[str, Any], read_networks: ReadNetworks) -> Family:
    settings = config["families"][name]
    if "draws_of" in settings:
        settings = _stopped(name, config)
    if "networks" in settings:
        return read_networks(name, settings, Training(**config["training"]))
    for key in ("activation", "output_activation", "readout", "levels", "targets"):
        if key in settings:
            raise UserError(
                f"config: families.{name}.{key}: is said of networks of one's own; write "
                "networks: FILES, or leave it out"
            )
    try:
        gates = gates_of_one_arity(settings["gates"])
    except UserError as error:
        raise UserError(f"config: families.{name}.gates: {error}") from None
    outputs = settings.get("outputs")
    untrained = settings.get("untrained")
    if outputs is not None and outputs > len(gates):
        raise UserError(
            f"config: families.{name}.outputs: {outputs} targets cannot be drawn without "
            f"replacement from {len(gates)} gates"
        )
    if untrained is not None and outputs != 1:
        raise UserError(
            f"config: families.{name}.outputs: untrained networks have one output; "
            "write outputs: 1"
        )
    for number, gate in enumerate(gates):
        if gate in gates[:number]:
            raise UserError(f"config: families.{name}.gates: {gate.name} is given twice")
    if gates[0].n_inputs != 2:
        raise UserError(
            f"config: families.{name}.gates: {gates[0].name} takes {gates[0].n_inputs} inputs; "
            "only gates with two can be analysed"
        )
    return Family(
        name,
        tuple(gates),
        tuple(settings["hidden"]),
        settings.get("seeds", config["seeds"]),
        Training(**(config["training"] | settings.get("training", {}))),
        outputs,
        None if untrained is None else untrained["draws"],
        draws_of=settings.get("draws_of"),
    )


def _stopped(name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a family whose networks are another's, stopped at another loss."""
    own = config["families"][name]
    key, other = f"families.{name}.draws_of", own["draws_of"]
    _known("family", key, other, config["families"])
    theirs = config["families"][other]
    if {"draws_of", "networks", "untrained"} & set(theirs):
        raise UserError(
            f"config: {key}: {other!r} has no trainings of its own; name a family that has"
        )
    # As many as of any family: 10,000 of the other are no reason for 10,000 of these.
    shared = {key: value for key, value in theirs.items() if key != "seeds"}
    return {**shared, **own, "training": theirs.get("training", {}) | own["training"]}


def _shards(family: Family, config: Mapping[str, Any]) -> tuple[Shard, ...]:
    """A family's shards; untrained networks are drawn together, their seeds not known before."""
    own = config["families"].get(family.name, {}).get("seeds_per_job")
    if family.untrained_draws is None:
        return shards_of(family.name, family.seeds, own or config["engine"]["seeds_per_job"])
    if own is not None:
        raise UserError(
            f"config: families.{family.name}.seeds_per_job: untrained networks are drawn "
            "together, by one job; leave it out"
        )
    return (Shard(family.name),)


def _protocol(name: str, changes: Mapping[str, Any], known: Mapping[str, Protocol]) -> Protocol:
    if name in known:
        raise UserError(f"config: protocols.{name}: {name!r} exists already; choose another name")
    _known("protocol", f"protocols.{name}.like", changes["like"], known)
    fields = {key: value for key, value in changes.items() if key != "like"}
    if "sparsity_above" in fields:
        fields["sparsity_above"] = {
            int(width): Fraction(str(share)) for width, share in fields["sparsity_above"].items()
        }
    protocol = replace(known[changes["like"]], name=name, **fields)
    if protocol.inputs == "noisy" and (protocol.circuits == "minimal" or protocol.complete):
        raise UserError(
            f"config: protocols.{name}: minimal and complete circuits are known on clean inputs "
            "only; write inputs: clean, or circuits: all and complete: false"
        )
    if protocol.complete and protocol.reference != "model":
        raise UserError(
            f"config: protocols.{name}.complete: complete circuits are compared with the network; "
            "write reference: model"
        )
    rounded = protocol.reference != "model" or protocol.inputs == "noisy" or protocol.complete
    if protocol.tolerance is not None and rounded:
        raise UserError(
            f"config: protocols.{name}.tolerance: circuits within a tolerance are compared with "
            "the network's output on clean inputs, and complete ones once it is rounded; write "
            "reference: model, inputs: clean and complete: false"
        )
    return protocol
