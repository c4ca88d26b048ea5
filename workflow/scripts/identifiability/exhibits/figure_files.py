"""How figures are written."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from identifiability.drawing.style import save
from identifiability.exhibits.exhibit import Exhibit


def write(
    figure: Figure, exhibit: Exhibit, paths: Mapping[str, str], made_by: Mapping[str, str]
) -> None:
    """Writes a figure in all its formats; arguments as of ``table_files.write``."""
    save(figure, paths.values(), made_by)
