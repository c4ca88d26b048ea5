"""Where the authors' own network comes from, and as which family it is explained.

Their code had, at its first commit (2025-01-30), the weights of a trained XOR network beside an
executed notebook that prints what it finds in them.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from identifiability.errors import UserError
from identifiability.networks.families import Family, NetworkFiles, Training
from identifiability.networks.gates import gate
from identifiability.store.download import download, sha256_of
from identifiability.store.files import written_whole

FILE = "xor_mlp.pt"
SHA256 = "0e420384338d2433a1cd1459a3344586d11717f9d8ad158b1fd2501f2f07d154"
"""Of the file, 3,016 bytes, as they published it."""
SLUG = "authors-xor-k3"
"""The family that it is the only network of."""
NOISE = 0.1
"""Standard deviation of the noise on the inputs on which their notebook reads circuits."""
DRAWN_PER_ROW = 50
"""Noisy inputs per Boolean input there: 200 in all. Which ones, they did not publish."""


@dataclass(frozen=True)
class Authors:
    """Where their network comes from.

    Attributes:
        path: A copy of the file; None to download it.
        mirrors: Addresses of folders that have it, tried in order.
        draws: Samples of noisy inputs on which its circuits are counted.
    """

    path: Path | None
    mirrors: tuple[str, ...]
    draws: int


def parse_authors(settings: Mapping[str, Any]) -> Authors:
    """The section ``authors`` of the configuration."""
    path = settings.get("path")
    return Authors(
        None if path is None else Path(path), tuple(settings["mirrors"]), settings["draws"]
    )


def get_file(source: Authors, target: Path) -> None:
    """Copies the file, or downloads it.

    Raises:
        UserError: One line: if the copy is not there or another file, or if no mirror has it.
    """
    if source.path is None:
        otherwise = f"get {FILE} elsewhere and write authors: {{path: FILE}}"
        download(target, SHA256, source.mirrors, otherwise)
        return
    if not source.path.is_file():
        raise UserError(
            f"config: authors.path: {source.path}: no such file; leave the key out to download it"
        )
    if (found := sha256_of(source.path)) != SHA256:
        raise UserError(
            f"config: authors.path: {source.path}: is another file than the authors' {FILE}: its "
            f"SHA-256 is {found}, not {SHA256}"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(target) as file:
        shutil.copyfile(source.path, file)


def family_of_authors(file: str, training: Training) -> Family:
    """The family with their network, which is not read for it.

    Args:
        file: Where the network is, or will be.
        training: The common settings; what is meant for training has no effect.
    """
    return Family(
        SLUG,
        (gate("XOR"),),
        (3, 3),
        1,
        replace(training, noise=0.0, input_probabilities="uniform"),
        files=NetworkFiles((file,), targets=("XOR",)),
    )
