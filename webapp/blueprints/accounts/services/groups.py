"""What happens to groups: they stand in a tree, people belong to them, and roles are given on them."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import Group, Membership, Role, User
from webapp.blueprints.accounts.permissions import AccountsPermission as May
from webapp.blueprints.accounts.queries.directory import with_those_below
from webapp.blueprints.accounts.queries.rights import get_group
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError, EditConflict, InUse, NotAllowed
from webapp.core.policy import move_records
from webapp.core.security import Actor
from webapp.core.storing import store

log = logging.getLogger(__name__)


class GroupNameTaken(DomainError):
    """Another group has this name."""

    field = "name"

    def __init__(self) -> None:
        super().__init__(_("Another group has this name."))


class GroupInCircle(DomainError):
    """A group cannot lie below itself."""

    status = 422
    field = "parent"

    def __init__(self) -> None:
        super().__init__(_("A group cannot lie below itself."))


class ParentMissing(DomainError):
    """The group above is not there."""

    status = 422
    field = "parent"

    def __init__(self) -> None:
        super().__init__(_("There is no such group."))


PROBLEMS = {
    "uq_accounts_groups_name": GroupNameTaken,
    "ck_accounts_groups_parent": GroupInCircle,
    "fk_accounts_groups_parent_id_accounts_groups": ParentMissing,
}


@dataclass(frozen=True)
class GroupValues:
    """A group as it is to be: the numbers of the group above, of the roles given on it, and of its members."""

    name: str
    parent: int | None = None
    roles: Collection[int] = ()
    members: Collection[int] = ()


def create_group(session: Session, *, by: Actor, values: GroupValues) -> Group:
    """A new group. Raises NotAllowed, GroupNameTaken, ParentMissing."""
    _refuse_others(by)
    group = Group(name=values.name, parent_id=values.parent, roles=_roles(session, values))
    session.add(group)
    store(session, PROBLEMS)
    _set_members(session, group, values.members)
    log.info("group %s created by %s", group.name, by.name)
    return group


def update_group(session: Session, *, by: Actor, group_id: int, version: int, values: GroupValues) -> Group:
    """Change the group that the actor saw as `version`, with its members and roles: they count at once.

    Raises NotFound, NotAllowed, EditConflict, GroupNameTaken, GroupInCircle, ParentMissing.
    """
    _refuse_others(by)
    groups = session.scalars(select(Group).order_by(Group.id).with_for_update(of=Group)).all()  # two moves, one circle
    group = get_group(session, group_id, lock=True)
    if group.version != version:
        raise EditConflict
    if values.parent in with_those_below(groups, group_id):
        raise GroupInCircle
    group.name, group.parent_id, group.roles = values.name, values.parent, _roles(session, values)
    group.updated_at = utc_now()  # so that a change of members alone counts as a save
    store(session, PROBLEMS)
    _set_members(session, group, values.members)
    log.info("group %s changed by %s", group.name, by.name)
    return group


def delete_group(session: Session, *, by: Actor, group_id: int, version: int) -> None:
    """Delete the group that the actor saw as `version`; its records lie in the group above from now on.

    Raises NotFound, NotAllowed, EditConflict, InUse (there are groups below it).
    """
    _refuse_others(by)
    group = get_group(session, group_id, lock=True)
    if group.version != version:
        raise EditConflict
    if session.scalar(select(Group.id).where(Group.parent_id == group_id).limit(1)):
        raise InUse(_("There are groups below this one: move or delete them first."))
    move_records(session, group_id=group_id, to=group.parent_id)
    session.delete(group)
    store(session)
    log.info("group %s deleted by %s", group.name, by.name)


def set_groups(session: Session, *, by: Actor, user_id: int, groups: Collection[int]) -> None:
    """Let a person belong to just these groups; how long they belong to those they keep stays. Raises NotAllowed."""
    _refuse_others(by)
    gone = delete(Membership).where(Membership.user_id == user_id, Membership.group_id.not_in(groups))
    session.execute(gone)
    known = session.scalars(select(Group.id).where(Group.id.in_(groups)))
    if rows := [{"user_id": user_id, "group_id": group_id} for group_id in known]:
        session.execute(insert(Membership).values(rows).on_conflict_do_nothing())


def _set_members(session: Session, group: Group, members: Collection[int]) -> None:
    gone = delete(Membership).where(Membership.group_id == group.id, Membership.user_id.not_in(members))
    session.execute(gone)
    known = session.scalars(select(User.id).where(User.id.in_(members)))
    if rows := [{"user_id": user_id, "group_id": group.id} for user_id in known]:
        session.execute(insert(Membership).values(rows).on_conflict_do_nothing())
    session.expire(group, ["members"])


def _roles(session: Session, values: GroupValues) -> list[Role]:
    return list(session.scalars(select(Role).where(Role.id.in_(values.roles)).order_by(Role.name)))


def _refuse_others(by: Actor) -> None:
    if not by.may(May.ROLES_EDIT):
        raise NotAllowed(_("Only the owner may change groups."))
