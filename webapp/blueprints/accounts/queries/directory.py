"""Who is who, for all rooms: names of people and groups by their numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import Group, GroupRole, Membership, Role, User
from webapp.core.db import db
from webapp.core.directory import Reader


class AccountsDirectory:
    """The directory that this room keeps (`webapp.core.directory.Directory`)."""

    def person_name(self, user_id: int) -> str:
        """The person's name, else their address; "" for one who is gone."""
        user = db.session().get(User, user_id)
        return (user.name or user.email) if user else ""

    def group_name(self, group_id: int) -> str:
        """The group's name; "" for one that is gone."""
        group = db.session().get(Group, group_id)
        return group.name if group else ""

    def people(self) -> list[tuple[int, str]]:
        """Those who can sign in, by name."""
        users = db.session().scalars(select(User).where(User.active.is_(True)))
        return sorted(((user.id, user.name or user.email) for user in users), key=lambda pair: pair[1].casefold())

    def groups(self) -> list[tuple[int, str]]:
        """All groups as paths, each after the one above it."""
        return [(group.id, path) for group, path in list_groups(db.session())]

    def members(self, group_id: int) -> list[int]:
        """The numbers of those in the group and in the groups below it, as far as they can sign in."""
        session = db.session()
        inside = with_those_below(session.scalars(select(Group)).all(), group_id)
        member = User.id.in_(select(Membership.user_id).where(Membership.group_id.in_(inside)))
        return list(session.scalars(select(User.id).where(User.active.is_(True), member).order_by(User.id)))

    def roles(self) -> list[str]:
        """The names of all roles, the highest first."""
        return list(db.session().scalars(select(Role.name).order_by(Role.rank.desc(), Role.name)))

    def readers(self, people: Collection[int], roles: Collection[str]) -> list[Reader]:
        """These people, and those who have one of the roles or belong to a group that does, as far as they can sign in."""
        session = db.session()
        groups = list(session.scalars(select(Group)))
        given = select(GroupRole.group_id).join(Role, Role.id == GroupRole.role_id).where(Role.name.in_(roles))
        inside = {number for group_id in session.scalars(given) for number in with_those_below(groups, group_id)}
        named = User.roles.any(Role.name.in_(roles))
        member = User.id.in_(select(Membership.user_id).where(Membership.group_id.in_(inside)))
        query = select(User).where(User.active.is_(True), User.id.in_(people) | named | member).order_by(User.id)
        return [Reader(user.id, user.email, user.name, user.language) for user in session.scalars(query)]


def list_groups(session: Session) -> list[tuple[Group, str]]:
    """All groups with their paths from the top ("Sales / North"), each after the one above it."""
    groups = list(session.scalars(select(Group).order_by(Group.name)))
    children: dict[int | None, list[Group]] = {}
    for group in groups:
        children.setdefault(group.parent_id, []).append(group)
    return list(_paths(children, None, ""))


def _paths(children: dict[int | None, list[Group]], parent: int | None, above: str) -> Iterator[tuple[Group, str]]:
    for group in children.get(parent, ()):
        path = f"{above} / {group.name}" if above else group.name
        yield group, path
        yield from _paths(children, group.id, path)


def with_those_below(groups: Iterable[Group], group_id: int) -> set[int]:
    """The numbers of a group and all groups below it."""
    found = {group_id}
    waiting = list(groups)
    while more := [group for group in waiting if group.parent_id in found and group.id not in found]:
        found.update(group.id for group in more)
    return found
