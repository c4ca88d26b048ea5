"""The device on which a job computes: a GPU or the CPU."""

import logging
import os

import torch

from identifiability.errors import UserError

_log = logging.getLogger(__name__)


def name(device: str) -> str:
    """What a picked device is called: a GPU by its model."""
    return f"cuda: {torch.cuda.get_device_name()}" if device == "cuda" else device


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
    available = torch.cuda.is_available()
    if setting == "cuda" and not available:
        raise UserError(
            "config: engine.device: 'cuda', but PyTorch finds no CUDA device on this machine; "
            "write auto or cpu, or have a scheduler grant a GPU by engine.gpus_per_job"
        )
    device = ("cuda" if available else "cpu") if setting == "auto" else setting
    granted = os.environ.get("CUDA_VISIBLE_DEVICES")
    _log.info(
        "device: %s%s", device, "" if granted is None else f" (CUDA_VISIBLE_DEVICES={granted})"
    )
    return device
