"""The notebooks room in the API, below `/api/v1/workspaces`."""

from webapp.blueprints.notebooks.api import images as _images  # noqa: F401 - it registers its addresses
from webapp.blueprints.notebooks.api import keeping as _keeping  # noqa: F401 - it registers its addresses
from webapp.blueprints.notebooks.api import notebooks as _notebooks  # noqa: F401 - it registers its addresses
from webapp.blueprints.notebooks.api.doors import blueprint, images_blueprint, projects_blueprint

BLUEPRINTS = (blueprint, images_blueprint, projects_blueprint)

__all__ = ["BLUEPRINTS"]
