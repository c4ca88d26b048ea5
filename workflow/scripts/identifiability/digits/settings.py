"""Settings of the experiment ``digits`` (paper, section 4.3): images, training, families."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from identifiability.errors import UserError

FILES = {
    "train-images-idx3-ubyte": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
"""MNIST's four files, and the SHA-256 of each as it is published, compressed by gzip."""
SPLITS = {
    "standard": tuple(FILES),
    "t10k": tuple(name for name in FILES if name.startswith("t10k")),
}
"""The files of which a data set is made: training and test set, or the test set alone."""


@dataclass(frozen=True)
class Source:
    """Where images come from.

    Attributes:
        kind: ``sklearn``, the 8 x 8 images that scikit-learn brings, or ``mnist``.
        path: Folder of MNIST's files; None to download them.
        split: Which of them are used, a key of ``SPLITS``.
        mirrors: Addresses of folders with the files, tried in order.
    """

    kind: str = "sklearn"
    path: Path | None = None
    split: str = "standard"
    mirrors: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        """What the file of images is called."""
        return self.kind if self.kind == "sklearn" else f"{self.kind}-{self.split}"

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files it needs, without ``.gz``."""
        return SPLITS[self.split] if self.kind == "mnist" else ()


@dataclass(frozen=True)
class DigitsTraining:
    """How networks are trained (paper, section 4.3).

    Attributes:
        layers: Neurons of the hidden layers below the last ones.
        updates: Steps of Adam, whatever the size of the data.
        batch_size: Images per step.
        learning_rate: Of Adam.
        held_out: Share of the images that are held out, where the data do not say which.
        min_accuracy: A network has converged when it is right on more than this share of the
            images held out.
        negative_slope: Slope of leaky ReLU below zero.
    """

    layers: tuple[int, ...]
    updates: int
    batch_size: int
    learning_rate: float
    held_out: float
    min_accuracy: float
    negative_slope: float


@dataclass(frozen=True)
class DigitsFamily:
    """Networks that tell two digits apart.

    Attributes:
        name: Its slug.
        digits: The digit that is read as 0, and the one that is read as 1.
        last: Neurons of the last hidden layers: the first is the input of the circuits.
        seeds: Number of networks.
        training: How they are trained.
    """

    name: str
    digits: tuple[int, int]
    last: tuple[int, ...]
    seeds: int
    training: DigitsTraining

    @property
    def circuit_sizes(self) -> tuple[int, ...]:
        """Neurons per layer of the part whose circuits are sought."""
        return (*self.last, 1)

    def layer_sizes(self, n_pixels: int) -> tuple[int, ...]:
        """Neurons per layer, inputs and output included."""
        return (n_pixels, *self.training.layers, *self.last, 1)


def parse_source(settings: Mapping[str, Any]) -> Source:
    """Where images come from, by the section ``digits`` of the configuration.

    Raises:
        UserError: If a folder or a file is not there.
    """
    if settings["source"] == "sklearn":
        for key in ("path", "split"):
            if key in settings:
                raise UserError(
                    f"config: digits.{key}: scikit-learn brings its images; write source: mnist, "
                    f"or leave out {key}"
                )
        return Source()
    path = None if settings.get("path") is None else Path(settings["path"])
    source = Source(
        "mnist", path, settings.get("split", "standard"), tuple(settings.get("mirrors", ()))
    )
    for name in source.files if path is not None else ():
        if found_in(path, name) is None:
            raise UserError(
                f"config: digits.path: {path}: has no {name}.gz and no {name}; {other_sources()}"
            )
    return source


def found_in(folder: Path | None, name: str) -> Path | None:
    """One of MNIST's files in a folder, compressed or plain; None if it is not there."""
    if folder is None:
        return None
    found = [path for path in (folder / f"{name}.gz", folder / name) if path.is_file()]
    return found[0] if found else None


def other_sources(but: str = "path") -> str:
    """What would work as well, if one source of images does not.

    Args:
        but: The source that does not: ``path`` or ``download``.
    """
    others = {
        "path": "digits: {source: mnist, path: DIR} with MNIST's files in DIR",
        "download": "digits: {source: mnist}, which downloads them",
        "sklearn": "digits: {source: sklearn}, which needs no files",
    }
    return "use " + " or ".join(text for name, text in others.items() if name != but)


def parse_families(settings: Mapping[str, Any]) -> dict[str, DigitsFamily]:
    """The families of the section ``digits`` of the configuration, by slug.

    Raises:
        UserError: If one tells a digit from itself.
    """
    training = settings["training"]
    common = DigitsTraining(**training | {"layers": tuple(training["layers"])})
    families = {}
    for name, family in settings["families"].items():
        zero, one = family["digits"]
        if zero == one:
            raise UserError(
                f"config: digits.families.{name}.digits: {[zero, one]} names one digit twice"
            )
        families[name] = DigitsFamily(
            name, (zero, one), tuple(family["last"]), family["seeds"], common
        )
    return families
