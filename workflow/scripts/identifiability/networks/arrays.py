"""Arrays on a device: NumPy's on the CPU, PyTorch's on a GPU, by the names of the array API.

The array API (data-apis.org) is what both libraries call alike. PyTorch takes seconds to load, so
it is loaded only where it computes.
"""

from typing import Any

import numpy as np
from array_api_compat import array_namespace, device, to_device
from numpy.typing import NDArray

Array = Any
"""An array of NumPy on the CPU, or a tensor of PyTorch."""
Device = Any
"""``"cpu"`` for NumPy; any other name of a device, or a ``torch.device``, for PyTorch."""

device_of = device
namespace_of = array_namespace


def namespace_on(where: Device) -> Any:
    """The functions that make arrays on a device."""
    if isinstance(where, str) and where == "cpu":
        import array_api_compat.numpy as on_cpu

        return on_cpu
    import array_api_compat.torch as by_torch

    return by_torch


def on_device(values: NDArray[Any], where: Device) -> Array:
    """An array of NumPy, brought to a device."""
    return namespace_on(where).asarray(values, device=where)


def to_numpy(values: Array) -> NDArray[Any]:
    """An array of any device as one of NumPy."""
    return np.asarray(to_device(values, "cpu"))
