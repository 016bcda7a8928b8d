"""The lock of a notebook: a lease with an owner and a reason, which the door and every other way in respect.

Whoever works in the project may take a free one, renew and release their own. The owner of the project's group takes one
over; that stays written in the notebook's trace.
"""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.models import Lock, LockEvent, Notebook
from webapp.blueprints.notebooks.queries.notebooks import ADMINISTER, WORK, find_lock, get_notebook, may_do, name_of
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError, FieldProblems, NotAllowed
from webapp.core.security import Actor
from webapp.core.wording import moment

LEASES = {15: _l("15 minutes"), 60: _l("1 hour"), 240: _l("4 hours"), 480: _l("8 hours"), 1440: _l("1 day")}
DEFAULT_LEASE = 60
LONGEST_REASON = 300


class NotebookLocked(DomainError):
    """Somebody else has the lock of this notebook."""

    status = 423


class NotYourLock(DomainError):
    """The lock is free, or somebody else's."""


def lock_notebook(
    session: Session,
    *,
    by: Actor,
    slug: str,
    minutes: int = DEFAULT_LEASE,
    reason: str = "",
    now: dt.datetime | None = None,
) -> Lock:
    """Keep others out of the notebook for so many minutes; a lock of one's own is renewed.

    Raises NotFound and NotAllowed, NotebookLocked while somebody else has it, and FieldProblems.
    """
    moment_ = now or utc_now()
    notebook = get_notebook(session, slug, by=by, to=WORK, lock=True)
    if by.user_id is None:
        raise NotAllowed(_("A lock belongs to a person."))
    reason = _checked(minutes, reason)
    held = find_lock(session, notebook.id, now=moment_, keep=True)
    if held and held.user_id != by.user_id:
        raise NotebookLocked(in_words(held))
    return _hold(
        session, notebook, by=by, minutes=minutes, reason=reason, now=moment_, kind="renewed" if held else "taken"
    )


def unlock_notebook(session: Session, *, by: Actor, slug: str, now: dt.datetime | None = None) -> None:
    """Let others in again; the house itself (a command) opens any lock.

    Raises NotFound and NotAllowed, NotebookLocked for somebody else's lock, NotYourLock for none.
    """
    moment_ = now or utc_now()
    notebook = get_notebook(session, slug, by=by, to=WORK, lock=True)
    held = find_lock(session, notebook.id, now=moment_, keep=True)
    if held is None:
        raise NotYourLock(_("This notebook is not locked."))
    if held.user_id != by.user_id and not _is_house(by):
        raise NotebookLocked(in_words(held))
    taken_from = None if held.user_id == by.user_id else held.user_id
    session.delete(held)
    _note(session, notebook, "released", by=by, now=moment_, taken_from=taken_from)
    session.flush()


def take_lock_over(
    session: Session,
    *,
    by: Actor,
    slug: str,
    minutes: int = DEFAULT_LEASE,
    reason: str = "",
    now: dt.datetime | None = None,
) -> Lock:
    """Take somebody else's lock, who is put outside by it; the trace says so.

    Raises NotFound, NotAllowed for who does not own the project's group, NotYourLock when nobody else has it, FieldProblems.
    """
    moment_ = now or utc_now()
    notebook = get_notebook(session, slug, by=by, to=ADMINISTER, lock=True)
    if by.user_id is None:
        raise NotAllowed(_("A lock belongs to a person."))
    reason = _checked(minutes, reason)
    held = find_lock(session, notebook.id, now=moment_, keep=True)
    if held is None or held.user_id == by.user_id:
        raise NotYourLock(_("Nobody else has locked this notebook."))
    before = held.user_id
    return _hold(
        session, notebook, by=by, minutes=minutes, reason=reason, now=moment_, kind="taken over", taken_from=before
    )


def refuse_locked(session: Session, notebook: Notebook, *, by: Actor, now: dt.datetime | None = None) -> None:
    """Raise NotebookLocked when somebody else has the lock; the house itself (timetable, idle stop) is never kept out."""
    held = find_lock(session, notebook.id, now=now or utc_now())
    if held and held.user_id != by.user_id and not _is_house(by):
        raise NotebookLocked(in_words(held))


def may_take_over(session: Session, notebook: Notebook, held: Lock | None, by: Actor) -> bool:
    """Whether the actor may take this lock over."""
    return held is not None and held.user_id != by.user_id and may_do(session, notebook, by, ADMINISTER)


def in_words(held: Lock) -> str:
    """Who has it, until when and why, in a sentence."""
    who = name_of(held.user_id)
    if held.reason:
        return str(
            _(
                "%(name)s has locked this notebook until %(moment)s: %(reason)s",
                name=who,
                moment=moment(held.until),
                reason=held.reason,
            )
        )
    return str(_("%(name)s has locked this notebook until %(moment)s.", name=who, moment=moment(held.until)))


def _is_house(by: Actor) -> bool:
    return by.everything and by.user_id is None


def _hold(
    session: Session,
    notebook: Notebook,
    *,
    by: Actor,
    minutes: int,
    reason: str,
    now: dt.datetime,
    kind: str,
    taken_from: int | None = None,
) -> Lock:
    held = session.get(Lock, notebook.id)
    if held is None:
        held = Lock(notebook_id=notebook.id)
        session.add(held)
    if kind == "taken" and held.user_id is not None:  # it ran out, and nobody noticed
        session.add(LockEvent(notebook_id=notebook.id, kind="run out", user_id=held.user_id, at=held.until))
    held.user_id, held.reason, held.until = by.user_id or 0, reason, now + dt.timedelta(minutes=minutes)
    if kind != "renewed":
        held.taken_at, held.taken_over_from = now, taken_from
    _note(session, notebook, kind, by=by, now=now, taken_from=taken_from, words=reason)
    session.flush()
    return held


def _note(
    session: Session,
    notebook: Notebook,
    kind: str,
    *,
    by: Actor,
    now: dt.datetime,
    taken_from: int | None = None,
    words: str = "",
) -> None:
    session.add(
        LockEvent(notebook_id=notebook.id, kind=kind, user_id=by.user_id, from_user_id=taken_from, words=words, at=now)
    )


def _checked(minutes: int, reason: str) -> str:
    """The reason, cleaned. Raises FieldProblems."""
    problems = {}
    if not 1 <= minutes <= max(LEASES):
        problems["minutes"] = _("A lock lasts from 1 minute to a day.")
    reason = reason.replace("\x00", "").strip()
    if len(reason) > LONGEST_REASON:
        problems["reason"] = _("At most %(count)s characters.", count=LONGEST_REASON)
    if problems:
        raise FieldProblems({name: str(problem) for name, problem in problems.items()})
    return reason
