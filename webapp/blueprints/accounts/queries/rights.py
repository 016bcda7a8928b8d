"""Questions about rights: what somebody holds now, through which role, given where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.selectable import CTE

from webapp.blueprints.accounts.models import ROLES, Group, GroupRole, Membership, Role, RoleGrant, User, user_roles
from webapp.core.errors import NotFound
from webapp.core.lists import Column, ListSpec, Search, folded
from webapp.core.room import granted_to
from webapp.core.security import Reach

NONE = "none"


@dataclass(frozen=True)
class Standing:
    """Where somebody stands: their groups and all below, the group that their new records lie in, and their roles.

    `decisions` are by role what was decided on permissions: a reach, or `none`.
    """

    groups: frozenset[int]
    home_group: int | None
    roles: dict[int, str]
    rank: int
    decisions: dict[int, dict[str, str]]

    def grants(self) -> dict[str, Reach]:
        """All permissions of all roles together, each as far as the widest of them reaches."""
        widest: dict[str, Reach] = {}
        for role_id, name in self.roles.items():
            for permission, reach in role_grants(name, self.decisions.get(role_id, {})).items():
                if permission not in widest or reach.width > widest[permission].width:
                    widest[permission] = reach
        return widest


def role_grants(name: str, decisions: dict[str, str]) -> dict[str, Reach]:
    """What a role grants: the rooms' grants to a role of that name, as far as nothing else was decided."""
    decided = {permission: Reach(reach) for permission, reach in decisions.items() if reach != NONE}
    return {permission: Reach.ALL for permission in granted_to(name) if permission not in decisions} | decided


def groups_above(user_id: int | ColumnElement[int]) -> CTE:
    """The groups of a user with all groups above them, as a common table with the column `id`."""
    above = select(Membership.group_id.label("id")).where(Membership.user_id == user_id).cte("above", recursive=True)
    parents = select(Group.parent_id).join(above, Group.id == above.c.id).where(Group.parent_id.is_not(None))
    return above.union(parents)


def groups_below(user_id: int | ColumnElement[int]) -> CTE:
    """The groups of a user with all groups below them, as a common table with the column `id`."""
    below = select(Membership.group_id.label("id")).where(Membership.user_id == user_id).cte("below", recursive=True)
    child = aliased(Group)
    return below.union(select(child.id).join(below, child.parent_id == below.c.id))


def held_roles(user_id: int | ColumnElement[int]) -> Select[tuple[int]]:
    """The numbers of the roles that a user has: given to them, on a group of theirs, or on one above."""
    above = groups_above(user_id)
    own = select(user_roles.c.role_id).where(user_roles.c.user_id == user_id)
    given = select(GroupRole.role_id).join(above, GroupRole.group_id == above.c.id)
    return select(own.union(given).subquery().c.role_id)


def get_standing(session: Session, user_id: int) -> Standing:
    """Where the user stands now, by one statement."""
    rows = session.execute(_standing_statement(), {"user_id": user_id}).all()
    decisions: dict[int, dict[str, str]] = {}
    for row in rows:
        if row.permission is not None:
            decisions.setdefault(row.id, {})[row.permission] = row.reach
    return Standing(
        groups=frozenset(rows[0].below or ()) if rows else frozenset(),
        home_group=rows[0].home if rows else None,
        roles={row.id: row.name for row in rows},
        rank=max((row.rank for row in rows), default=0),
        decisions=decisions,
    )


@cache
def _standing_statement() -> Select[Any]:
    """Made once: each signed-in request asks it, and making it takes longer than its answer."""
    user_id = bindparam("user_id", type_=Integer)
    below = groups_below(user_id)
    mine = select(Membership.group_id).where(Membership.user_id == user_id)
    return (
        select(
            Role.id,
            Role.name,
            Role.rank,
            RoleGrant.permission,
            RoleGrant.reach,
            select(func.array_agg(below.c.id)).scalar_subquery().label("below"),
            mine.order_by(Membership.since, Membership.group_id).limit(1).scalar_subquery().label("home"),
        )
        .outerjoin(RoleGrant, RoleGrant.role_id == Role.id)
        .where(Role.id.in_(held_roles(user_id)))
    )


def asks_for_factor(session: Session, user_id: int) -> bool:
    """Whether one of the roles that a user has, directly or through groups, asks for a second factor."""
    asking = select(Role.id).where(Role.second_factor, Role.id.in_(held_roles(user_id)))
    return bool(session.scalar(select(asking.exists())))


def list_roles_of(session: Session, user_id: int) -> list[Role]:
    """All roles that a user has, directly or through groups, by name."""
    return list(session.scalars(select(Role).where(Role.id.in_(held_roles(user_id))).order_by(Role.name)))


HOUSE_ROLES = {
    ROLES["owner"]: _l("Everything, the company profile and the administration included"),
    ROLES["staff"]: _l("The daily work: reads and writes what the rooms grant"),
    ROLES["viewer"]: _l("Reads what the rooms grant"),
}
ASKED = {True: _l("Required"), False: _l("Not required")}
_HOLDERS = select(func.count()).where(user_roles.c.role_id == Role.id).correlate(Role).scalar_subquery()
_GROUPS = select(func.count()).where(GroupRole.role_id == Role.id).correlate(Role).scalar_subquery()

ROLES_LIST = ListSpec(
    name="roles",
    source=Role,
    id=Role.id,
    columns=(
        Column("name", _l("Name"), Role.name, sort_by=folded(Role.name)),
        Column("description", _l("Description"), Role.description, kind="choice", choices=HOUSE_ROLES),
        Column("rank", _l("Rank"), Role.rank, kind="number", sort_by=Role.rank),
        Column("people", _l("People"), _HOLDERS, kind="number"),
        Column("groups", _l("Groups"), _GROUPS, kind="number"),
        Column("second_factor", _l("Second factor"), Role.second_factor, kind="choice", choices=ASKED),
        Column("idle_minutes", _l("Idle minutes"), Role.idle_minutes, kind="number", shown=False),
        Column("absolute_hours", _l("Session hours"), Role.absolute_hours, kind="number", shown=False),
    ),
    sort="-rank",
    search=(Search(Role.name), Search(Role.description)),
    search_hint=_l("Name or description"),
)


def list_ranked_roles(session: Session) -> list[Role]:
    """All roles, the highest rank first."""
    return list(session.scalars(select(Role).order_by(Role.rank.desc(), Role.name)))


def get_role(session: Session, role_id: int, *, lock: bool = False) -> Role:
    """The role with this id, kept from others until the end if it is to `lock`. Raises NotFound."""
    role = session.get(Role, role_id, with_for_update=lock or None, populate_existing=lock)
    if role is None:
        raise NotFound(_("This role does not exist, or does not any more."))
    return role


def get_group(session: Session, group_id: int, *, lock: bool = False) -> Group:
    """The group with this id, kept from others until the end if it is to `lock`. Raises NotFound."""
    group = session.get(Group, group_id, with_for_update={"of": Group} if lock else None, populate_existing=lock)
    if group is None:
        raise NotFound(_("This group does not exist, or does not any more."))
    return group


def list_grants(session: Session) -> dict[int, dict[str, Reach]]:
    """By role what it grants now."""
    decisions: dict[int, dict[str, str]] = {}
    for grant in session.scalars(select(RoleGrant)):
        decisions.setdefault(grant.role_id, {})[grant.permission] = grant.reach
    return {role.id: role_grants(role.name, decisions.get(role.id, {})) for role in session.scalars(select(Role))}


def list_holders(session: Session, role_id: int) -> list[User]:
    """Those to whom the role was given directly, by address."""
    holders = select(User).join(user_roles, user_roles.c.user_id == User.id).where(user_roles.c.role_id == role_id)
    return list(session.scalars(holders.order_by(User.email)))


def list_groups_with(session: Session, role_id: int) -> list[Group]:
    """The groups on which the role was given, by name."""
    groups = select(Group).join(GroupRole, GroupRole.group_id == Group.id).where(GroupRole.role_id == role_id)
    return list(session.scalars(groups.order_by(Group.name)))
