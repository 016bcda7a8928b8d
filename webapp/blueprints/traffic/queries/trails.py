"""What was logged of a request: the problems that nginx wrote of it, and the application's own lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import Hit, RecordChange, Trouble
from webapp.blueprints.traffic.queries.requests import MOST, Line

SECOND = dt.timedelta(seconds=1)
LONGEST = dt.timedelta(hours=1)
# how it is known that a problem belongs to a request, the surest first
JOINS: dict[str, LazyString] = {
    "id": _l("by the request's number"),
    "connection": _l("by nginx's process and connection, and the request"),
    "alike": _l("by network, time and request, of which there is one alone"),
}


@dataclass(frozen=True)
class Joined:
    """A line of an error log, and by what it belongs to the request (`JOINS`)."""

    trouble: Trouble
    by: str

    @property
    def place(self) -> tuple[int, int]:
        """Which line of which file it is."""
        return self.trouble.file_id, self.trouble.place


def list_problems(session: Session, request_id: str, lines: Sequence[Line]) -> list[Joined]:
    """The problems that nginx wrote of a request: those with its number, and those that only its lines can be the cause of."""
    found = {each.place: each for each in _with_number(session, request_id, "nginx")}
    for line in lines:
        for each in _of_line(session, line):
            found.setdefault(each.place, each)
    return sorted(found.values(), key=lambda each: (each.trouble.at, each.place))


ACTIONS: dict[str, LazyString] = {"made": _l("made"), "changed": _l("changed"), "deleted": _l("deleted")}


def list_changes(session: Session, request_id: str) -> Sequence[RecordChange]:
    """The records that a request made, changed and deleted."""
    query = select(RecordChange).where(RecordChange.request_id == request_id).order_by(RecordChange.id)
    return session.scalars(query.limit(MOST)).all()


def list_logged(session: Session, request_id: str) -> Sequence[Trouble]:
    """What the application logged of a request and of the tasks that it asked for."""
    return [each.trouble for each in _with_number(session, request_id, "application")]


def _with_number(session: Session, request_id: str, source: str) -> list[Joined]:
    if not request_id:
        return []
    query = select(Trouble).where(Trouble.request_id == request_id, Trouble.source == source)
    found = session.scalars(query.order_by(Trouble.at, Trouble.file_id, Trouble.place).limit(MOST))
    return [Joined(each, "id") for each in found]


def _of_line(session: Session, line: Line) -> list[Joined]:
    """The problems without a number that a line was the cause of.

    nginx's log of problems knows no request ids. It names the connection, over which one request goes after another, and
    the time in seconds; a problem is written between the beginning and the end of its request.
    """
    hit = line.hit
    took = min(dt.timedelta(seconds=hit.request_time or 0), LONGEST)
    begun, ended = hit.at - took - SECOND, hit.at + SECOND
    near = select(Trouble).where(
        Trouble.day.between(hit.day - dt.timedelta(days=1), hit.day + dt.timedelta(days=1)),
        Trouble.at.between(begun, ended), Trouble.request_id.is_(None), Trouble.source == "nginx",
    )  # fmt: skip
    asked = request_of(line)
    same = or_(Trouble.request == "", Trouble.request == asked)
    if hit.pid is not None and hit.connection is not None:
        exact = near.where(Trouble.pid == hit.pid, Trouble.connection == hit.connection, same)
        return [Joined(each, "connection") for each in session.scalars(exact.order_by(Trouble.at).limit(MOST))]
    alike = near.where(Trouble.request == asked, Trouble.network_id == hit.network_id)
    found = session.scalars(alike.order_by(Trouble.at).limit(MOST)).all()
    if not found or _count_alike(session, hit, begun, ended) != 1:
        return []
    return [Joined(each, "alike") for each in found]


def _count_alike(session: Session, hit: Hit, begun: dt.datetime, ended: dt.datetime) -> int:
    """How many lines could have caused what this one could: the same asked for from the same network at that time."""
    alike: list[Any] = [Hit.network_id == hit.network_id, Hit.method_id == hit.method_id, Hit.path_id == hit.path_id]
    alike.append(Hit.query_id.is_not_distinct_from(hit.query_id))
    took = func.make_interval(0, 0, 0, 0, 0, 0, func.coalesce(Hit.request_time, 0))
    within = Hit.at.between(begun, ended + LONGEST), Hit.at - took <= ended
    days = Hit.day.between(hit.day - dt.timedelta(days=1), hit.day + dt.timedelta(days=1))
    return session.scalar(select(func.count()).select_from(Hit).where(days, *within, *alike)) or 0


def request_of(line: Line) -> str:
    """The request as nginx writes it into its log of problems."""
    said = line.texts
    asked = said["path"] + (f"?{said['query']}" if said["query"] else "")
    return " ".join(part for part in (said["method"], asked, said["protocol"]) if part)
