"""`bottega notebooks`: notebooks from the command line."""

from webapp.blueprints.notebooks.cli import homes as _homes  # noqa: F401 - it adds its commands
from webapp.blueprints.notebooks.cli import house as _house  # noqa: F401 - it adds its commands
from webapp.blueprints.notebooks.cli import notebooks as _notebooks  # noqa: F401 - it adds its commands
from webapp.blueprints.notebooks.cli import shared as _shared  # noqa: F401 - it adds its commands
from webapp.blueprints.notebooks.cli.group import notebooks_commands

__all__ = ["notebooks_commands"]
