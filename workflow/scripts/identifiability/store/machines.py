"""What is said of the machine that a job runs on."""

import os
import platform
from pathlib import Path


def this_machine() -> dict[str, str | int]:
    """Name, system, processor, cores and memory (in MB) of this machine."""
    return {
        "name": platform.node(),
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 10**6,
    }


def _processor() -> str:
    """The processor's model, as far as the system tells."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()
