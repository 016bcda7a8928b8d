"""Who may do what with groups and projects: the rule that the one policy of the house asks."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, or_, select

from webapp.blueprints.workspaces.models import Project, Visibility, WorkspaceGroup, WorkspaceMember
from webapp.blueprints.workspaces.permissions import WorkspacesPermission as May
from webapp.core.security import Actor
from webapp.core.settings import house_settings


class ProjectRule:
    """The permissions over projects, in Python for one of them and in SQL for all; a group is administered by its owner.

    To read: a public project anybody where the installation says so (WORKSPACES_PUBLIC); public and internal ones whoever
    has the permission; a private one its group's members. To work: its group's members. To administer: the group's owner.
    """

    permissions = frozenset({May.READ, May.WORK, May.ADMINISTER})

    def condition(self, actor: Actor, permission: str) -> ColumnElement[bool] | None:
        """What a `Project` must meet so that the actor's permission opens it; None when it opens all."""
        if actor.may(May.ALL):
            return None
        conditions: list[ColumnElement[bool]] = []
        if permission == May.READ and house_settings().public_projects:
            conditions.append(Project.visibility == Visibility.PUBLIC.value)
        if actor.may(permission):
            conditions += self._granted(actor, permission)
        return or_(*conditions) if conditions else false()

    def admits(self, actor: Actor, permission: str, record: Project | WorkspaceGroup) -> bool:
        """The same for one project or group. A group is seen by all who have the permission to read."""
        if actor.may(May.ALL):
            return True
        group = record if isinstance(record, WorkspaceGroup) else record.group
        visibility = Visibility.INTERNAL if isinstance(record, WorkspaceGroup) else Visibility(record.visibility)
        if permission == May.READ and visibility is Visibility.PUBLIC and house_settings().public_projects:
            return True
        if not actor.may(permission):
            return False
        if permission == May.ADMINISTER:
            return actor.user_id is not None and group.owner_id == actor.user_id
        if permission == May.READ and visibility is not Visibility.PRIVATE:
            return True
        return group.has_member(actor.user_id)

    def _granted(self, actor: Actor, permission: str) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if permission == May.READ:
            conditions.append(Project.visibility.in_([Visibility.PUBLIC.value, Visibility.INTERNAL.value]))
        if actor.user_id is None:  # a service belongs to no group
            return conditions
        if permission == May.ADMINISTER:
            owned = select(WorkspaceGroup.id).where(WorkspaceGroup.owner_id == actor.user_id)
            return [Project.group_id.in_(owned)]
        mine = select(WorkspaceMember.group_id).where(WorkspaceMember.user_id == actor.user_id)
        return [*conditions, Project.group_id.in_(mine)]


RULE = ProjectRule()
