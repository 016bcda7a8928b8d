"""What happens to roles: they are made, changed and deleted, and it is decided what each one grants."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import ROLES, Role, RoleGrant
from webapp.blueprints.accounts.permissions import AccountsPermission as May
from webapp.blueprints.accounts.queries.rights import NONE, get_role, list_grants
from webapp.core.errors import DomainError, EditConflict, NotAllowed
from webapp.core.room import Right, rights
from webapp.core.security import Actor, Reach
from webapp.core.storing import store

log = logging.getLogger(__name__)
OWNER = "owner"
HIGHEST = 100


class RoleNameTaken(DomainError):
    """Another role has this name."""

    field = "name"

    def __init__(self) -> None:
        super().__init__(_("Another role has this name."))


class RankTooHigh(DomainError):
    """No role outranks the owner, and none is their equal."""

    status = 422
    field = "rank"

    def __init__(self) -> None:
        super().__init__(_("Only the owner has the rank %(rank)s.", rank=HIGHEST))


PROBLEMS = {"uq_accounts_roles_name": RoleNameTaken}


@dataclass(frozen=True)
class RoleValues:
    """A role as it is to be; None is what the settings say."""

    name: str
    description: str = ""
    rank: int = 10
    second_factor: bool = False
    idle_minutes: int | None = None
    absolute_hours: int | None = None


def fingerprint(*parts: object) -> int:
    """A number that changes when any of the parts does: which state of them somebody saw."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:7])


def version_of(role: Role) -> int:
    """Which state of a role somebody saw."""
    return fingerprint(
        role.name, role.description, role.rank, role.second_factor, role.idle_minutes, role.absolute_hours
    )


def version_of_grants(grants: Mapping[int, Mapping[str, Reach]]) -> int:
    """Which state of all rights somebody saw."""
    return fingerprint(sorted((role, sorted(held.items())) for role, held in grants.items()))


def create_role(session: Session, *, by: Actor, values: RoleValues) -> Role:
    """A new role, which grants nothing yet. Raises NotAllowed, RoleNameTaken, RankTooHigh."""
    _refuse_others(by)
    role = Role()
    _set(role, values)
    session.add(role)
    store(session, PROBLEMS)
    log.info("role %s created by %s", role.name, by.name)
    return role


def update_role(session: Session, *, by: Actor, role_id: int, version: int, values: RoleValues) -> Role:
    """Change the role that the actor saw as `version`.

    Raises NotFound, NotAllowed (also for another name or rank of a role of the house), EditConflict, RoleNameTaken,
    RankTooHigh.
    """
    _refuse_others(by)
    role = get_role(session, role_id, lock=True)
    if version_of(role) != version:
        raise EditConflict
    if role.name in ROLES and (values.name != role.name or (role.name == OWNER and values.rank != role.rank)):
        raise NotAllowed(_("The house gives rights to this role by its name: it stays as it is."))
    _set(role, values)
    store(session, PROBLEMS)
    log.info("role %s changed by %s", role.name, by.name)
    return role


def delete_role(session: Session, *, by: Actor, role_id: int, version: int) -> None:
    """Delete the role that the actor saw as `version`: all who have it lose it.

    Raises NotFound, NotAllowed (for a role of the house), EditConflict.
    """
    _refuse_others(by)
    role = get_role(session, role_id, lock=True)
    if role.name in ROLES:
        raise NotAllowed(_("The house gives rights to this role by its name: it stays as it is."))
    if version_of(role) != version:
        raise EditConflict
    session.delete(role)
    store(session)
    log.info("role %s deleted by %s", role.name, by.name)


def decide_rights(session: Session, *, by: Actor, version: int, wanted: Mapping[int, Mapping[str, str]]) -> int:
    """Decide, by role and permission, how far it reaches (`none`, `own`, `group` or `all`); how many rights changed.

    `version` is the state of all rights that the actor saw. Holders feel it with their next request. Raises NotAllowed
    (also for the owner's rights, for one that is the owner's alone, for a reach that it cannot have), EditConflict.
    """
    _refuse_others(by)
    roles = {role.id: role for role in session.scalars(select(Role).order_by(Role.id).with_for_update())}
    grants = list_grants(session)
    if version_of_grants(grants) != version:
        raise EditConflict
    known = {right.name: right for right in rights()}
    changed = 0
    for role_id, decisions in wanted.items():
        for permission, reach in decisions.items():
            if role_id not in roles or permission not in known:
                raise NotAllowed(_("There is no such right."))
            held = grants[role_id].get(permission)
            if reach != (held.value if held else NONE):
                decide(session, by=by, role=roles[role_id], right=known[permission], reach=reach)
                changed += 1
    return changed


def decide(session: Session, *, by: Actor, role: Role, right: Right, reach: str) -> None:
    """Decide how far one permission reaches for one role. Raises NotAllowed."""
    _refuse_others(by)
    if role.name == OWNER:
        raise NotAllowed(_("The owner has all rights, always."))
    if right.owner_only and reach != NONE:
        raise NotAllowed(_("The right “%(title)s” is the owner's alone.", title=right.title))
    possible = (NONE, *Reach) if right.owned else (NONE, Reach.ALL)
    if reach not in possible:
        raise NotAllowed(_("The right “%(title)s” cannot reach that far.", title=right.title))
    row = insert(RoleGrant).values(role_id=role.id, permission=right.name, reach=reach)
    session.execute(row.on_conflict_do_update(index_elements=["role_id", "permission"], set_={"reach": reach}))
    log.info("right %s of role %s set to %s by %s", right.name, role.name, reach, by.name)


def forget_decisions(session: Session, *, by: Actor, role_id: int) -> None:
    """Let a role of the house grant what the rooms grant it, and any other role nothing. Raises NotAllowed."""
    _refuse_others(by)
    role = get_role(session, role_id, lock=True)
    session.execute(delete(RoleGrant).where(RoleGrant.role_id == role.id))
    log.info("rights of role %s set back by %s", role.name, by.name)


def refuse_higher_rank(roles: Iterable[Role], *, by: Actor) -> None:
    """Raise NotAllowed when the actor is about to give a role that outranks them, or to touch somebody who has one."""
    if not by.everything and any(role.rank > by.rank for role in roles):
        raise NotAllowed(_("Nobody gives a role of a higher rank than their own."))


def _set(role: Role, values: RoleValues) -> None:
    if values.rank >= HIGHEST and role.name != OWNER:
        raise RankTooHigh
    role.name = values.name
    role.description = values.description
    role.rank = values.rank
    role.second_factor = values.second_factor
    role.idle_minutes = values.idle_minutes
    role.absolute_hours = values.absolute_hours


def _refuse_others(by: Actor) -> None:
    if not by.may(May.ROLES_EDIT):
        raise NotAllowed(_("Only the owner may change roles and rights."))
