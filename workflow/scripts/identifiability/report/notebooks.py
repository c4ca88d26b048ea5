"""Notebooks: executed by rules, and turned into pages."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from identifiability.store.files import written_whole
from identifiability.store.paths import SCRIPTS

_TIMEOUT = 600
"""Seconds that a cell may take."""


def execute(
    source: Path,
    *,
    notebook: Path,
    page: Path,
    made_by: Mapping[str, str],
    environment: Mapping[str, str] | None = None,
) -> None:
    """Executes a notebook, and writes it with its outputs and as a page.

    It runs on the Python that runs this, with this library, in its own folder.

    Args:
        source: The notebook, without outputs.
        notebook: Where the executed one is written.
        page: Where the HTML is written.
        made_by: What ``artifacts.provenance`` says; goes into the notebook's metadata.
        environment: Variables of the environment that the notebook reads.

    Raises:
        CellExecutionError: If a cell fails.
    """
    content: Any = nbformat.read(source, as_version=4)  # type: ignore[no-untyped-call]
    # The kernel is this interpreter, whatever kernels the user has installed.
    library = str(SCRIPTS)
    paths = [library, *filter(None, [os.environ.get("PYTHONPATH")])]
    client = NotebookClient(
        content,
        timeout=_TIMEOUT,
        record_timing=False,
        resources={"metadata": {"path": str(source.parent)}},
    )
    kernel: Any = client.create_kernel_manager()
    kernel.kernel_spec.argv = [sys.executable, *kernel.kernel_spec.argv[1:], "--log-level=ERROR"]
    own = {"PYTHONPATH": os.pathsep.join(paths), **(environment or {})}
    client.execute(env=os.environ | own)
    content.metadata["made_by"] = dict(made_by)
    exporter: Any = HTMLExporter(embed_images=True)  # type: ignore[no-untyped-call]
    html, _ = exporter.from_notebook_node(content)
    executed: str = nbformat.writes(content)  # type: ignore[no-untyped-call]
    for path, text in ((notebook, executed), (page, html)):
        with written_whole(path) as file:
            file.write_text(text)
