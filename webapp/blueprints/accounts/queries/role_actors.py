"""What a role alone may do: the rights of something that is no person, as a service with a key."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import Role, RoleGrant
from webapp.blueprints.accounts.queries.rights import role_grants
from webapp.core.security import Actor, Reach

OWNER = "owner"


def find_role_actor(session: Session, role_id: int) -> Actor | None:
    """An actor with the rights of a role as they are now, who is nobody and in no group; None when the role is gone."""
    rows = session.execute(
        select(Role.name, Role.rank, RoleGrant.permission, RoleGrant.reach)
        .outerjoin(RoleGrant, RoleGrant.role_id == Role.id)
        .where(Role.id == role_id)
    ).all()
    if not rows:
        return None
    decisions = {row.permission: row.reach for row in rows if row.permission is not None}
    grants = role_grants(rows[0].name, decisions)
    return Actor(
        name=rows[0].name,
        permissions=frozenset(grants),
        everything=rows[0].name == OWNER,
        reaches={permission: reach for permission, reach in grants.items() if reach is not Reach.ALL},
        rank=rows[0].rank,
    )


def list_all_roles(session: Session) -> list[Role]:
    """All roles, the lowest rank first."""
    return list(session.scalars(select(Role).order_by(Role.rank, Role.name)))
