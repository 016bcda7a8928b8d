"""Workspace groups and projects in the administration: only to look at. Their own pages change and delete them."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.workspaces.models import JoinRequest, Project, WorkspaceGroup
from webapp.blueprints.workspaces.queries.groups import JOINING
from webapp.blueprints.workspaces.queries.projects import VISIBILITIES
from webapp.core.admin import FromDay, ReadOnlyModelView


class WorkspaceGroupAdmin(ReadOnlyModelView):
    """Every workspace group."""

    column_list = ("id", "slug", "name", "owner_id", "joining", "created_at", "updated_at")
    column_details_list = (*column_list[1:], "description")
    column_searchable_list = ("slug", "name")
    column_filters = ("slug", "name", "owner_id", "joining", FromDay(WorkspaceGroup.created_at, _l("Created")))
    column_choices: ClassVar[dict[str, Any]] = {"joining": list(JOINING.items())}
    column_labels: ClassVar[dict[str, Any]] = {
        "slug": _l("Short name"),
        "name": _l("Name"),
        "owner_id": _l("Owner"),
        "joining": _l("Joining"),
        "description": _l("Description"),
    }


class ProjectAdmin(ReadOnlyModelView):
    """Every project."""

    column_list = ("id", "slug", "name", "group", "visibility", "created_at", "updated_at")
    column_details_list = (*column_list[1:], "description")
    column_searchable_list = ("slug", "name")
    column_filters = ("slug", "name", "group_id", "visibility", FromDay(Project.created_at, _l("Created")))
    column_choices: ClassVar[dict[str, Any]] = {"visibility": list(VISIBILITIES.items())}
    column_labels: ClassVar[dict[str, Any]] = {
        "slug": _l("Short name"),
        "name": _l("Name"),
        "group": _l("Workspace group"),
        "group_id": _l("Workspace group"),
        "visibility": _l("Visibility"),
        "description": _l("Description"),
    }


class JoinRequestAdmin(ReadOnlyModelView):
    """Every request to join a workspace group."""

    column_list = ("id", "group", "user_id", "made_at", "answered_at", "accepted")
    column_details_list = (*column_list[1:], "answered_by", "words")
    column_filters = ("group_id", "user_id", FromDay(JoinRequest.made_at, _l("Made")))
    column_labels: ClassVar[dict[str, Any]] = {
        "group": _l("Workspace group"),
        "group_id": _l("Workspace group"),
        "user_id": _l("User"),
        "made_at": _l("Made"),
        "answered_at": _l("Answered"),
        "answered_by": _l("Answered by"),
        "accepted": _l("Taken in"),
        "words": _l("Words"),
    }


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [
        WorkspaceGroupAdmin(WorkspaceGroup, _l("Workspace groups")),
        ProjectAdmin(Project, _l("Projects")),
        JoinRequestAdmin(JoinRequest, _l("Requests to join")),
    ]
