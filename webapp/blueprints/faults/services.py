"""Keeping errors that nobody expected: alike ones are one fault, secrets are masked, a resolved one that comes again says so."""

from __future__ import annotations

import hashlib
import logging
import re
import traceback
from pathlib import Path

from sqlalchemy import case, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.faults.models import Affected, Fault, Occurrence
from webapp.blueprints.faults.queries import get_fault
from webapp.core.clock import utc_now
from webapp.core.crashes import Crashed
from webapp.core.logs import ROW, Masked
from webapp.core.security import Actor
from webapp.core.settings import PROJECT, house_settings

log = logging.getLogger(__name__)
KEPT = 500  # occurrences of a fault
LONGEST_MESSAGE = 2000
LONGEST_TRACE = 50_000
DEEPEST = 12  # frames of our own code that tell one fault from another
# people's addresses, of mail and of the network, which messages may quote
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)")
IPV6 = re.compile(r"(?<![\w:])(?=(?:[0-9A-Fa-f]*:){3})[0-9A-Fa-f:]{5,}(?:\.\d{1,3}){0,3}(?![\w:])")


def record_crash(session: Session, crashed: Crashed) -> None:
    """Count a crash to the fault that it is. A listener: it stores in the announcer's transaction."""
    masked = Mask(house_settings().secrets)
    error, now = crashed.error, utc_now()
    row = {
        "fingerprint": fingerprint(error), "kind": _name(error)[:200], "message": masked.text(str(error))[:LONGEST_MESSAGE],
        "place": place(error), "trace": masked.text("".join(traceback.format_exception(error)))[-LONGEST_TRACE:],
        "first_at": now, "last_at": now,
    }  # fmt: skip
    made = insert(Fault).values(row)
    back = Fault.state == "resolved"
    again = made.on_conflict_do_update(
        index_elements=["fingerprint"],
        set_={
            **{name: made.excluded[name] for name in ("kind", "message", "place", "trace")},
            "last_at": func.greatest(Fault.last_at, made.excluded.last_at),
            "count": Fault.count + 1,
            "returns": Fault.returns + case((back, 1), else_=0),
            "state": case((back, "reopened"), else_=Fault.state),
        },
    )
    fault = session.execute(again.returning(Fault.id)).scalar_one()
    session.add(
        Occurrence(
            fault_id=fault, at=now, request_id=crashed.request_id[:64], user_id=crashed.user_id, method=crashed.method[:20],
            route=crashed.route, task=crashed.task[:80], task_id=crashed.task_id,
        )
    )  # fmt: skip
    if crashed.user_id is not None:
        met = insert(Affected).values(fault_id=fault, user_id=crashed.user_id)
        session.execute(met.on_conflict_do_nothing())
    session.flush()
    newest = select(Occurrence.id).where(Occurrence.fault_id == fault).order_by(Occurrence.id.desc())
    oldest_kept = newest.offset(KEPT - 1).limit(1).scalar_subquery()
    session.execute(delete(Occurrence).where(Occurrence.fault_id == fault, Occurrence.id < oldest_kept))


def resolve_fault(session: Session, *, by: Actor, fault_id: int) -> Fault:
    """Call a fault resolved; if it comes again, it opens by itself. Raises NotFound."""
    fault = get_fault(session, fault_id, lock=True)
    if fault.state != "resolved":
        fault.state, fault.resolved_at, fault.resolved_by = "resolved", utc_now(), by.name[:200]
        log.info("fault %s resolved by %s", fault.id, by.name)
    session.flush()
    return fault


def reopen_fault(session: Session, *, by: Actor, fault_id: int) -> Fault:
    """Take back that a fault is resolved. Raises NotFound."""
    fault = get_fault(session, fault_id, lock=True)
    if fault.state == "resolved":
        fault.state, fault.resolved_at, fault.resolved_by = "open", None, ""
        log.info("fault %s opened again by %s", fault.id, by.name)
    session.flush()
    return fault


def fingerprint(error: BaseException) -> str:
    """The same for errors of one type, raised on the same way through our own code, whatever they say and in which line."""
    parts = [_name(error), *(_name(cause) for cause in _causes(error)), *_way(error)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def place(error: BaseException) -> str:
    """The innermost function of our own code that the error came through."""
    return (_way(error) or ["?"])[-1]


def _way(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if _is_own(frame.filename)] or frames[-3:]
    return [f"{_short(frame.filename)} {frame.name}" for frame in own][-DEEPEST:]


def _is_own(filename: str) -> bool:
    path = Path(filename)
    return path.is_relative_to(PROJECT) and not any(part in ("site-packages", "node_modules") for part in path.parts)


def _short(filename: str) -> str:
    path = Path(filename)
    if _is_own(filename):
        return str(path.relative_to(PROJECT))
    return "/".join(path.parts[-2:])


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    while cause is not None and len(found) < DEEPEST and cause not in found:
        found.append(cause)
        cause = cause.__cause__
    return found


def _name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


class Mask:
    """Makes texts fit to be kept: without secrets, rows of tables and people's addresses."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._formatter = Masked(secrets=secrets)

    def text(self, said: str) -> str:
        """The text without them."""
        told = self._formatter.masked(ROW.sub("DETAIL: left out\n", said.replace("\x00", "")))
        for shape in (MAIL, IPV4, IPV6):
            told = shape.sub("***", told)
        return told
