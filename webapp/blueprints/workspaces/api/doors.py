"""The place of the room's addresses in the API."""

from webapp.core.api import ApiBlueprint

blueprint = ApiBlueprint("workspaces", __name__, path="/workspaces", title="Workspaces")
