"""Stage ``digit_images`` of the experiment ``digits`` (paper, section 4.3)."""

import numpy as np
import pandas as pd

from identifiability.digits.images import Images


def image_rows(images: Images) -> pd.DataFrame:
    """Rows of the artifact ``digit_images``."""
    number = len(images.digits)
    held_out = [None] * number if images.held_out is None else images.held_out
    return pd.DataFrame(
        {
            "image": np.arange(number),
            "digit": images.digits,
            "held_out": pd.array(held_out, dtype="boolean"),
            "largest": images.largest,
            "pixels": list(images.pixels),
        }
    )


def images_of(rows: pd.DataFrame) -> Images:
    """The inverse of ``image_rows``."""
    held_out = rows["held_out"]
    return Images(
        np.stack(rows["pixels"].to_list()).astype(np.uint8),
        rows["digit"].to_numpy(np.int64),
        None if held_out.isna().any() else held_out.to_numpy(bool),
        int(rows["largest"].iloc[0]),
    )
