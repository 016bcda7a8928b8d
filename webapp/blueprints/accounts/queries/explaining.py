"""Why somebody may do something, or why not: the roles they hold, where those were given, and what each one grants."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import Group, GroupRole, Membership, Role, RoleGrant, User
from webapp.blueprints.accounts.queries.rights import role_grants
from webapp.core.security import Reach

OWNER = "owner"


@dataclass(frozen=True)
class Way:
    """A role that somebody holds. `given_on` is the group it was given on, None when to the person; `member_of` is theirs.

    `reach` is what it grants, None when it does not; `decided` says that somebody decided so, else the rooms did.
    """

    role: Role
    given_on: Group | None
    member_of: Group | None
    reach: Reach | None
    decided: bool


def list_ways(session: Session, user: User, permission: str) -> list[Way]:
    """Every way in which the user holds a role, with what that role says on the permission; the widest first."""
    held: list[tuple[Role, Group | None, Group | None]] = [(role, None, None) for role in user.roles]
    groups = {group.id: group for group in session.scalars(select(Group))}
    given: dict[int, list[Role]] = {}
    rows = session.execute(select(GroupRole.group_id, Role).join(Role, Role.id == GroupRole.role_id))
    for group_id, role in rows:
        given.setdefault(group_id, []).append(role)
    mine = select(Membership.group_id).where(Membership.user_id == user.id)
    for group_id in session.scalars(mine.order_by(Membership.since, Membership.group_id)):
        above: Group | None = groups[group_id]
        seen: set[int] = set()
        while above is not None and above.id not in seen:
            seen.add(above.id)
            held += [(role, above, groups[group_id]) for role in given.get(above.id, ())]
            above = groups.get(above.parent_id) if above.parent_id else None
    decided = select(RoleGrant).where(RoleGrant.permission == permission)
    decisions = {grant.role_id: grant.reach for grant in session.scalars(decided)}
    ways = [
        Way(role, on, member, _reach(role, decisions, permission), role.id in decisions) for role, on, member in held
    ]
    return sorted(ways, key=lambda way: -1 if way.reach is None else way.reach.width, reverse=True)


def _reach(role: Role, decisions: dict[int, str], permission: str) -> Reach | None:
    if role.name == OWNER:
        return Reach.ALL
    decided = {permission: decisions[role.id]} if role.id in decisions else {}
    return role_grants(role.name, decided).get(permission)
