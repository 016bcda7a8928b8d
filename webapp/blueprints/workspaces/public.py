"""What other rooms may use of workspaces: projects, who may do what with them, and what is announced of them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.blueprints.workspaces.events import (
    Belongings,
    GroupHandedOver,
    MembershipBegun,
    MembershipEnded,
    ProjectMoved,
    ProjectsDeleted,
    VisibilityChanged,
    WhatBelongs,
)
from webapp.blueprints.workspaces.models import Project, Visibility, WorkspaceGroup
from webapp.blueprints.workspaces.permissions import WorkspacesPermission
from webapp.blueprints.workspaces.queries.people import list_member_ids, name_before
from webapp.blueprints.workspaces.queries.projects import (
    get_project,
    get_project_by_path,
    project_condition,
    visible_projects,
)
from webapp.core.policy import may
from webapp.core.security import Actor

__all__ = [
    "Belongings",
    "GroupHandedOver",
    "MembershipBegun",
    "MembershipEnded",
    "Project",
    "ProjectMoved",
    "ProjectsDeleted",
    "Visibility",
    "VisibilityChanged",
    "WhatBelongs",
    "WorkspaceGroup",
    "WorkspacesPermission",
    "get_project",
    "get_project_by_path",
    "may_administer",
    "may_edit",
    "may_read",
    "may_run",
    "name_before",
    "project_condition",
    "project_members",
    "visible_projects",
]


def may_read(project: Project, actor: Actor) -> bool:
    """Whether the actor may read the project and what is rendered of its notebooks."""
    return may(actor, WorkspacesPermission.READ, project)


def may_edit(project: Project, actor: Actor) -> bool:
    """Whether the actor may change the project and create, change and delete its notebooks."""
    return may(actor, WorkspacesPermission.WORK, project)


def may_run(project: Project, actor: Actor) -> bool:
    """Whether the actor may start, enter and stop the project's notebooks."""
    return may(actor, WorkspacesPermission.WORK, project)


def may_administer(project: Project, actor: Actor) -> bool:
    """Whether the actor owns the project's group, or administers all: visibility, moving, deletion, taking locks over."""
    return may(actor, WorkspacesPermission.ADMINISTER, project)


def project_members(session: Session, project: Project) -> frozenset[int]:
    """The numbers of the people who may work in the project, as far as their roles let them."""
    return list_member_ids(session, project.group_id)
