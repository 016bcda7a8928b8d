"""Questions about workspace groups: the list of them, and one."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.public import User
from webapp.blueprints.workspaces.models import Joining, Project, WorkspaceGroup, WorkspaceMember
from webapp.blueprints.workspaces.permissions import WorkspacesPermission as May
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, ListSpec, Search, folded
from webapp.core.policy import demand, may
from webapp.core.security import Actor

JOINING = {
    Joining.BY_HAND.value: _l("Its owner adds members"),
    Joining.ON_REQUEST.value: _l("On request, the owner accepts"),
    Joining.OPEN.value: _l("Open: whoever wants joins"),
}
MINE = {"yes": _l("Yes"), "no": _l("No")}


def list_of_groups(by: Actor) -> ListSpec:
    """The list of workspace groups, with whether the actor belongs to each."""
    inside = select(WorkspaceMember.user_id).where(WorkspaceMember.group_id == WorkspaceGroup.id)
    mine = inside.where(WorkspaceMember.user_id == (by.user_id or 0)).exists()
    members = select(func.count()).where(WorkspaceMember.group_id == WorkspaceGroup.id).scalar_subquery()
    projects = select(func.count()).where(Project.group_id == WorkspaceGroup.id).scalar_subquery()
    owner = (
        select(func.coalesce(func.nullif(User.name, ""), User.email))
        .where(User.id == WorkspaceGroup.owner_id)
        .scalar_subquery()
    )
    belongs = case((mine, "yes"), else_="no")
    return ListSpec(
        name="workspace-groups",
        source=WorkspaceGroup,
        id=WorkspaceGroup.id,
        columns=(
            Column("name", _l("Name"), WorkspaceGroup.name, sort_by=folded(WorkspaceGroup.name)),
            Column("slug", _l("Short name"), WorkspaceGroup.slug, sort_by=WorkspaceGroup.slug),
            Column("owner", _l("Owner"), owner),
            Column("joining", _l("Joining"), WorkspaceGroup.joining, kind="choice", choices=JOINING),
            Column("members", _l("Members"), members, kind="number"),
            Column("mine", _l("Am I a member?"), belongs, kind="choice", choices=MINE),
            Column("projects", _l("Projects"), projects, kind="number", shown=by.may(May.ALL)),
            Column("created_at", _l("Created"), WorkspaceGroup.created_at, kind="date", shown=False),
        ),
        sort="name",
        filters=(
            Choice("mine", _l("Am I a member?"), belongs, MINE),
            Choice("joining", _l("Joining"), WorkspaceGroup.joining, JOINING),
        ),
        search=(Search(WorkspaceGroup.name), Search(WorkspaceGroup.slug, "prefix")),
        search_hint=_l("Name or short name"),
    )


GROUPS = list_of_groups(Actor("nobody"))


def get_group(session: Session, group_id: int, *, by: Actor, to: str = May.READ, lock: bool = False) -> WorkspaceGroup:
    """The group with this id, read again and kept from others until the end if to `lock`.

    Raises NotFound, also for who may see no groups, and NotAllowed when the permission `to` does not open it.
    """
    group = session.get(
        WorkspaceGroup, group_id, with_for_update={"of": WorkspaceGroup} if lock else None, populate_existing=lock
    )
    if group is None or not may(by, May.READ, group):
        raise NotFound(_("This workspace group does not exist, or does not any more."))
    demand(by, to, group)
    return group


def get_group_by_slug(session: Session, slug: str, *, by: Actor) -> WorkspaceGroup:
    """The group of that short name. Raises NotFound."""
    number = session.scalar(select(WorkspaceGroup.id).where(WorkspaceGroup.slug == slug))
    return get_group(session, number or 0, by=by)


def list_groups_of(session: Session, user_id: int | None) -> list[WorkspaceGroup]:
    """The groups that somebody belongs to, by name."""
    mine = select(WorkspaceMember.group_id).where(WorkspaceMember.user_id == user_id)
    groups = select(WorkspaceGroup).where(WorkspaceGroup.id.in_(mine))
    return list(session.scalars(groups.order_by(func.lower(WorkspaceGroup.name), WorkspaceGroup.id)))


def list_groups_to_work_in(session: Session, by: Actor) -> list[WorkspaceGroup]:
    """The groups in which the actor may create projects: their own, or all for who administers all."""
    if not by.may(May.ALL):
        return list_groups_of(session, by.user_id) if by.may(May.WORK) else []
    return list(session.scalars(select(WorkspaceGroup).order_by(func.lower(WorkspaceGroup.name), WorkspaceGroup.id)))
