"""The place of the room's addresses in the API."""

from webapp.core.api import ApiBlueprint

blueprint = ApiBlueprint("notebooks", __name__, path="/workspaces/notebooks", title="Notebooks")
