"""The place of the room's addresses in the API."""

from webapp.core.api import ApiBlueprint

blueprint = ApiBlueprint("notebooks", __name__, path="/workspaces/notebooks", title="Notebooks")
images_blueprint = ApiBlueprint("notebook_images", __name__, path="/workspaces/images", title="Images of notebooks")
projects_blueprint = ApiBlueprint(
    "notebook_data", __name__, path="/workspaces/projects", title="Data and use of projects"
)
