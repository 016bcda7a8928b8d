"""The one policy: what an actor may do with which record, in Python for one of them and in SQL for all.

A permission is granted with a reach. Where the records are nobody's in particular the reach is always all of them; where
a room declares a `RecordRule` beside its queries, it is the actor's own, those of their groups and below, or all. Where
people share records among themselves, a room's `SharingRule` says which ones the permission opens to whom.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar, overload

from flask import current_app
from flask_babel import gettext
from flask_babel.speaklater import LazyString
from sqlalchemy import ColumnElement, Select, false, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.core.errors import NotAllowed
from webapp.core.lists.filters import NaturalKey
from webapp.core.lists.spec import ListSpec
from webapp.core.owned import Owned
from webapp.core.security import Actor, Reach, current_actor

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])
RULES = "bottega_record_rules"
SHARING = "bottega_sharing_rules"


class SharingRule(Protocol):
    """Which records that people share among themselves (not `Owned` ones) the `permissions` open to an actor."""

    @property
    def permissions(self) -> frozenset[str]:
        """Those that it narrows."""

    def condition(self, actor: Actor, permission: str) -> ColumnElement[bool] | None:
        """What a record must meet so that the actor's permission opens it; None when it opens all."""

    def admits(self, actor: Actor, permission: str, record: Any) -> bool:
        """The same for one record."""


@dataclass(frozen=True)
class RecordRule:
    """Whose the records of `model` (an `Owned` one) are, for the `permissions` over them. `key` is how people name one."""

    model: type[Any]
    label: LazyString
    key: InstrumentedAttribute[str]
    permissions: frozenset[str]

    def condition(self, actor: Actor, permission: str) -> ColumnElement[bool] | None:
        """What a record must meet so that the actor's permission reaches it; None when it reaches all."""
        match actor.reach(permission):
            case Reach.ALL:
                return None
            case _ if actor.user_id is None:  # a service is nobody: NULL would be the records of nobody, not its own
                return false()
            case Reach.GROUP if actor.groups:
                return or_(self.model.owner_id == actor.user_id, self.model.group_id.in_(sorted(actor.groups)))
            case Reach.GROUP | Reach.OWN:
                own: ColumnElement[bool] = self.model.owner_id == actor.user_id
                return own
            case _:
                return false()


def rule_of(permission: str) -> RecordRule | None:
    """The rule of the records that the permission is about; None when they are nobody's in particular."""
    rules: dict[str, RecordRule] = current_app.extensions.get(RULES, {})
    return rules.get(permission)


def sharing_rule_of(permission: str) -> SharingRule | None:
    """The rule of the shared records that the permission is about."""
    rules: dict[str, SharingRule] = current_app.extensions.get(SHARING, {})
    return rules.get(permission)


def may(actor: Actor, permission: str, record: Any = None) -> bool:
    """Whether the actor has the permission at all, or, given a `record`, whether it reaches that one.

    Asks no database for an `Owned` record; for a shared one at most who its people are.
    """
    if record is not None and not isinstance(record, Owned) and (sharing := sharing_rule_of(permission)):
        return sharing.admits(actor, permission, record)
    reach = actor.reach(permission)
    if reach is None or record is None or reach is Reach.ALL:
        return reach is not None
    own = actor.user_id is not None and record.owner_id == actor.user_id
    return own or (reach is Reach.GROUP and record.group_id in actor.groups)


def reaches_all(actor: Actor, *permissions: str) -> bool:
    """Whether each of the permissions reaches all records: only then may the actor see sums over them."""
    return all(actor.reach(permission) is Reach.ALL for permission in permissions)


def demand(actor: Actor, permission: str, record: Any) -> None:
    """Raise NotAllowed unless the actor's permission reaches the record."""
    if not may(actor, permission, record):
        raise NotAllowed(gettext("Your role does not let you do this with this record."))


def hand_over(actor: Actor, permission: str, record: Owned, *, owner_id: int | None, group_id: int | None) -> None:
    """Give the record to another person and group. Raises NotAllowed unless it lies in the actor's reach before and after."""
    demand(actor, permission, record)
    record.owner_id, record.group_id = owner_id, group_id
    if not may(actor, permission, record):
        raise NotAllowed(gettext("You can hand a record over within your own groups only."))


@overload
def visible(actor: Actor, query: ListSpec, permission: str) -> ListSpec: ...


@overload
def visible(actor: Actor, query: Query, permission: str) -> Query: ...


def visible(actor: Actor, query: Query | ListSpec, permission: str) -> Query | ListSpec:
    """The query of those records alone that the actor's permission reaches: one condition more, never another query.

    A list (`ListSpec`) also loses the columns and filters that the actor has no right to, and its filters find no record
    by a key that the actor may not see.
    """
    condition = visibility(actor, permission)
    if isinstance(query, ListSpec):
        return _fitted(actor, query if condition is None else query.only(condition))
    return query if condition is None else query.where(condition)


def visibility(actor: Actor, permission: str) -> ColumnElement[bool] | None:
    """The condition that `visible` adds, for statements that are no plain query; None when the actor reaches all."""
    rule = rule_of(permission) or sharing_rule_of(permission)
    if rule:
        return rule.condition(actor, permission)
    return None if actor.may(permission) else false()


def find_by_key(session: Session, rule: RecordRule, text: str) -> Owned | None:
    """The record that people name by this number."""
    found: Owned | None = session.scalars(select(rule.model).where(rule.key == text)).one_or_none()
    return found


def move_records(session: Session, *, group_id: int, to: int | None) -> None:
    """Let all records of one group lie in another from now on, or in none."""
    rules = {rule.model: rule for rule in current_app.extensions.get(RULES, {}).values()}
    for model in rules:
        moved = update(model).where(model.group_id == group_id).values(group_id=to, updated_at=model.updated_at)
        session.execute(moved.execution_options(synchronize_session=False))


def allowed(permission: str, record: Any = None) -> bool:
    """`may` for the actor of this request, as the templates ask it."""
    return may(current_actor(), permission, record)


def _fitted(actor: Actor, spec: ListSpec) -> ListSpec:
    columns = tuple(each for each in spec.columns if not each.permission or actor.may(each.permission))
    filters = tuple(
        replace(each, among=visibility(actor, each.permission))
        if isinstance(each, NaturalKey) and each.permission
        else each
        for each in spec.filters
    )
    return replace(spec, columns=columns, filters=filters)
