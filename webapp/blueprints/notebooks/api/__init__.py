"""The notebooks room in the API, below `/api/v1/workspaces`."""

from webapp.blueprints.notebooks.api import notebooks as _notebooks  # noqa: F401 - it registers its addresses
from webapp.blueprints.notebooks.api.doors import blueprint

__all__ = ["blueprint"]
