"""What the faults room asks of its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.faults.models import Affected, Fault, Occurrence
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, DateRange, ListSpec, Search, folded

STATES = {"open": _l("open"), "reopened": _l("came again"), "resolved": _l("resolved")}
SHOWN = 50
_users = select(func.count()).where(Affected.fault_id == Fault.id).correlate(Fault).scalar_subquery()

FAULTS = ListSpec(
    name="faults",
    source=Fault,
    id=Fault.id,
    columns=(
        Column("kind", _l("Error"), Fault.kind, sort_by=folded(Fault.kind)),
        Column("message", _l("Message"), func.left(Fault.message, 120)),
        Column("place", _l("Where"), Fault.place),
        Column("state", _l("State"), Fault.state, kind="choice", choices=STATES),
        Column("count", _l("Times"), Fault.count, kind="number", sort_by=Fault.count),
        Column("users", _l("People"), _users, kind="number"),
        Column("first_at", _l("First time"), Fault.first_at, kind="date", sort_by=Fault.first_at),
        Column("last_at", _l("Last time"), Fault.last_at, kind="date", sort_by=Fault.last_at),
        Column("returns", _l("Came again"), Fault.returns, kind="number", sort_by=Fault.returns, shown=False),
    ),
    sort="-last_at",
    filters=(Choice("state", _l("State"), Fault.state, STATES), DateRange(_l("From"), _l("To"), Fault.last_at)),
    search=(Search(Fault.kind), Search(Fault.message), Search(Fault.place)),
    search_hint=_l("Error, message or place"),
)


def get_fault(session: Session, fault_id: int, *, lock: bool = False) -> Fault:
    """One fault. Raises NotFound."""
    found = session.get(Fault, fault_id, with_for_update=lock or None)
    if found is None:
        raise NotFound(gettext("There is no such error."))
    return found


def count_people(session: Session, fault: Fault) -> int:
    """How many users a fault met."""
    return session.scalar(select(func.count()).where(Affected.fault_id == fault.id)) or 0


def list_occurrences(session: Session, fault: Fault) -> Sequence[Occurrence]:
    """The last times that a fault came, the latest first."""
    query = select(Occurrence).where(Occurrence.fault_id == fault.id).order_by(Occurrence.id.desc())
    return session.scalars(query.limit(SHOWN)).all()


def list_of_request(session: Session, request_id: str) -> Sequence[tuple[Occurrence, Fault]]:
    """The errors of a request and of the tasks that it asked for."""
    query = select(Occurrence, Fault).join(Fault, Fault.id == Occurrence.fault_id)
    found = session.execute(query.where(Occurrence.request_id == request_id).order_by(Occurrence.id).limit(SHOWN))
    return [(occurrence, fault) for occurrence, fault in found]


def tell_personal(session: Session, user_id: int) -> Mapping[str, Any]:
    """What the room stores about a user: when an error met them."""
    query = select(Occurrence.at, Occurrence.route, Occurrence.task).where(Occurrence.user_id == user_id)
    met = [{"at": at.isoformat(), "route": route, "task": task} for at, route, task in session.execute(query)]
    return {"errors_met": met} if met else {}
