"""Questions about rights: what somebody holds now, through which role, given where."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.selectable import CTE

from webapp.blueprints.accounts.models import Group, GroupRole, Membership, Role, RoleGrant, user_roles
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


def groups_above(user_id: int) -> CTE:
    """The groups of a user with all groups above them, as a common table with the column `id`."""
    above = select(Membership.group_id.label("id")).where(Membership.user_id == user_id).cte("above", recursive=True)
    parents = select(Group.parent_id).join(above, Group.id == above.c.id).where(Group.parent_id.is_not(None))
    return above.union(parents)


def groups_below(user_id: int) -> CTE:
    """The groups of a user with all groups below them, as a common table with the column `id`."""
    below = select(Membership.group_id.label("id")).where(Membership.user_id == user_id).cte("below", recursive=True)
    child = aliased(Group)
    return below.union(select(child.id).join(below, child.parent_id == below.c.id))


def held_roles(user_id: int) -> Select[tuple[int]]:
    """The numbers of the roles that a user has: given to them, on a group of theirs, or on one above."""
    above = groups_above(user_id)
    own = select(user_roles.c.role_id).where(user_roles.c.user_id == user_id)
    given = select(GroupRole.role_id).join(above, GroupRole.group_id == above.c.id)
    return select(own.union(given).subquery().c.role_id)


def get_standing(session: Session, user_id: int) -> Standing:
    """Where the user stands now, by one statement."""
    below = groups_below(user_id)
    groups = select(func.array_agg(below.c.id)).scalar_subquery()
    mine = select(Membership.group_id).where(Membership.user_id == user_id)
    home = mine.order_by(Membership.since, Membership.group_id).limit(1).scalar_subquery()
    rows = session.execute(
        select(
            Role.id,
            Role.name,
            Role.rank,
            RoleGrant.permission,
            RoleGrant.reach,
            groups.label("below"),
            home.label("home"),
        )
        .outerjoin(RoleGrant, RoleGrant.role_id == Role.id)
        .where(Role.id.in_(held_roles(user_id)))
    ).all()
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


def list_roles_of(session: Session, user_id: int) -> list[Role]:
    """All roles that a user has, directly or through groups, by name."""
    return list(session.scalars(select(Role).where(Role.id.in_(held_roles(user_id))).order_by(Role.name)))
