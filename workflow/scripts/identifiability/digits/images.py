"""Images of handwritten digits: scikit-learn's own, or MNIST's, in the IDX format."""

import gzip
import struct
import zlib
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from identifiability.digits.settings import Source, found_in, other_sources
from identifiability.errors import UserError

_UNSIGNED_BYTES = 0x08
"""The type of values in an IDX file, as its header names it."""


@dataclass(frozen=True, eq=False)
class Images:
    """Images and what they show.

    Attributes:
        pixels: Brightness, uint8 [image, pixel], row by row.
        digits: int64 [image].
        held_out: Whether the data set holds an image out, bool [image]; None if it does not say.
        largest: Brightness of a full pixel.
    """

    pixels: NDArray[np.uint8]
    digits: NDArray[np.int64]
    held_out: NDArray[np.bool_] | None
    largest: int


def load_images(source: Source, folder: Path | None) -> Images:
    """Reads the images of a source.

    Args:
        source: Which.
        folder: Where MNIST's files are.

    Raises:
        UserError: One line that names the file, what is wrong with it, and what would work.
    """
    if source.kind == "sklearn":
        from sklearn.datasets import load_digits

        bundled = load_digits()
        return Images(bundled.data.astype(np.uint8), bundled.target.astype(np.int64), None, 16)
    downloaded = source.path is None
    pixels, digits = zip(
        *(
            _pair(folder, images, images.replace("images-idx3", "labels-idx1"), downloaded)
            for images in source.files
            if "images" in images
        ),
        strict=True,
    )
    sizes = {part.shape[1] for part in pixels}
    if len(sizes) > 1:
        words = " and ".join(map(str, sorted(sizes)))
        raise UserError(
            f"{folder}: training and test images of {words} pixels; {_instead(downloaded)}"
        )
    # With both sets, the test set is held out.
    parts = [np.full(len(part), number == 1) for number, part in enumerate(digits)]
    return Images(
        np.concatenate(pixels),
        np.concatenate(digits).astype(np.int64),
        np.concatenate(parts) if len(parts) > 1 else None,
        255,
    )


def _pair(
    folder: Path | None, images: str, labels: str, downloaded: bool
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images [image, pixel] and their labels [image], which must be as many."""
    paths = [_file(folder, name) for name in (images, labels)]
    pixels, digits = (
        read_idx(path, n_axes, downloaded) for path, n_axes in zip(paths, (3, 1), strict=True)
    )
    if len(pixels) != len(digits) or not pixels.size:
        raise UserError(
            f"{paths[1]}: has {len(digits)} labels for {len(pixels)} images of {paths[0].name}; "
            f"{_instead(downloaded)}"
        )
    if digits.max() > 9:
        raise UserError(
            f"{paths[1]}: has the label {digits.max()}; digits are 0 to 9; {_instead(downloaded)}"
        )
    return pixels.reshape(len(pixels), -1), digits


def _file(folder: Path | None, name: str) -> Path:
    path = found_in(folder, name)
    if path is None:
        raise UserError(f"{folder}: has no {name}.gz and no {name}; {other_sources()}")
    return path


def _instead(downloaded: bool) -> str:
    """What would work instead of a file that does not."""
    if downloaded:
        return f"delete it to have it downloaded again, or {other_sources('download')}"
    return other_sources()


def read_idx(path: Path, n_axes: int, downloaded: bool = False) -> NDArray[np.uint8]:
    """Reads an IDX file of unsigned bytes, plain or compressed by gzip.

    The header is two zero bytes, the type of the values, the number of axes, and the length of
    each as a big-endian integer of 32 bits; the values follow, the last axis fastest.

    Args:
        path: The file.
        n_axes: How many axes it should have.
        downloaded: Whether it was downloaded, not given.

    Raises:
        UserError: If it is anything else, or shorter or longer than its header says.
    """
    try:
        raw = path.read_bytes()
        content = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path}: cannot be read ({error}); {_instead(downloaded)}") from None
    expected = bytes([0, 0, _UNSIGNED_BYTES, n_axes])
    start = len(expected) + 4 * n_axes
    if content[:4] != expected or len(content) < start:
        raise UserError(
            f"{path}: not an IDX file of unsigned bytes with {n_axes} axes (it begins with "
            f"{content[:4].hex() or 'nothing'}, not {expected.hex()}); {_instead(downloaded)}"
        )
    shape = struct.unpack(f">{n_axes}I", content[4:start])
    values = np.frombuffer(content, np.uint8, offset=start)
    if len(values) != prod(shape):
        promised = " x ".join(map(str, shape))
        raise UserError(
            f"{path}: has {len(values):,} values, but its header says {promised}; "
            f"{_instead(downloaded)}"
        )
    return values.reshape(shape)
