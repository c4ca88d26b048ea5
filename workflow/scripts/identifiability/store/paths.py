"""Where the project's own files lie, found from the library's place in it."""

from pathlib import Path

LIBRARY = Path(__file__).parents[1]
"""The package ``identifiability``."""
SCRIPTS = LIBRARY.parent
"""The folder that is on the import path of every job."""
SCHEMAS = LIBRARY.parents[1] / "schemas"
"""Schema of the configuration, contracts of the artifacts."""
PROJECT = LIBRARY.parents[2]
"""The folder of the Snakefile."""
