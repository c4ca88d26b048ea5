"""The device on which a job computes: a GPU or the CPU.

On the CPU the arrays are NumPy's, so PyTorch, which takes seconds to load, is loaded only where it
is asked for, or where a driver of a GPU is installed.
"""

import ctypes
import logging
import os

from identifiability.errors import UserError

_DRIVERS = ("libcuda.so.1", "nvcuda.dll", "libamdhip64.so")
"""What PyTorch's builds for NVIDIA's and AMD's GPUs cannot compute without."""
_log = logging.getLogger(__name__)


def name(device: str) -> str:
    """What a picked device is called: a GPU by its model."""
    if device != "cuda":
        return device
    import torch

    return f"cuda: {torch.cuda.get_device_name()}"


def pick(setting: str) -> str:
    """Picks the device and logs it; to be called before any work.

    Args:
        setting: What ``engine.device`` says: ``cpu``, ``cuda``, or ``auto`` for CUDA where there
            is any.

    Returns:
        ``cpu`` or ``cuda``.

    Raises:
        UserError: If CUDA is asked for and there is none.
    """
    asked = setting == "cuda" or (setting == "auto" and has_driver())
    device = "cuda" if asked and _available() else "cpu"
    if setting == "cuda" and device == "cpu":
        raise UserError(
            "config: engine.device: 'cuda', but PyTorch finds no CUDA device on this machine; "
            "write auto or cpu, or have a scheduler grant a GPU by engine.gpus_per_job"
        )
    granted = os.environ.get("CUDA_VISIBLE_DEVICES")
    _log.info(
        "device: %s%s", device, "" if granted is None else f" (CUDA_VISIBLE_DEVICES={granted})"
    )
    return device


def has_driver() -> bool:
    """Whether this machine has the driver of a GPU."""
    for library in _DRIVERS:
        try:
            ctypes.CDLL(library)
        except OSError:
            continue
        return True
    return False


def _available() -> bool:
    import torch

    return torch.cuda.is_available()
