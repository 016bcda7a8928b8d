"""Workspace groups and projects in the API, to be read and written."""

from webapp.blueprints.workspaces.api.doors import blueprint
from webapp.blueprints.workspaces.api.groups import groups
from webapp.blueprints.workspaces.api.members import members
from webapp.blueprints.workspaces.api.projects import projects

__all__ = ["blueprint", "groups", "members", "projects"]
