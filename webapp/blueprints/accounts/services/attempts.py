"""Guessing takes time: attempts are counted per account and per address, exactly, in the database, and never for ever.

An attempt is counted before it is judged, in a transaction of its own, so that a hundred at once are a hundred. The
account is what was typed, whether it exists or not: nobody learns which. A browser that has been signed in to the account
has a count of its own there, so that a stranger's guessing keeps nobody out of their own shop.
"""

from __future__ import annotations

import datetime as dt
import hmac
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from flask_babel import ngettext
from sqlalchemy import case, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import AttemptCount, User, UserSession
from webapp.blueprints.accounts.queries.sessions import hashed
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError
from webapp.core.households import household


class Try(StrEnum):
    """What is tried: each has counts of its own."""

    PASSWORD = "password"  # noqa: S105 - a word, not a secret
    CODE = "code"
    LINK = "link"


@dataclass(frozen=True)
class Allowance:
    """How many attempts are allowed within `window` of the first one."""

    per_account: int
    per_address: int
    window: dt.timedelta


ALLOWANCES = {
    Try.PASSWORD: Allowance(10, 100, dt.timedelta(minutes=15)),
    Try.CODE: Allowance(10, 100, dt.timedelta(minutes=15)),
    Try.LINK: Allowance(5, 30, dt.timedelta(hours=1)),
}
LONGEST_WINDOW = max(allowance.window for allowance in ALLOWANCES.values())


class TooManyAttempts(DomainError):
    """Somebody has to wait; `retry_after` says how many seconds."""

    status = 429

    def __init__(self, seconds: int) -> None:
        minutes = -(-seconds // 60)
        super().__init__(
            ngettext(
                "There were too many attempts. Try again in %(num)s minute.",
                "There were too many attempts. Try again in %(num)s minutes.",
                minutes,
            )
        )
        self.retry_after = seconds


@dataclass(frozen=True)
class Attempt:
    """Who tries what where. `account` is what they typed, or the number of whom they are known to be."""

    what: Try
    account: str | int | None
    address: str
    device: str = ""


def count_attempt(session: Session, attempt: Attempt, *, secret: str, now: dt.datetime | None = None) -> None:
    """Count an attempt, to be committed before it is judged. Raises TooManyAttempts, also then counted.

    `secret` keeps what was typed from being read off the table.
    """
    moment = now or utc_now()
    allowance = ALLOWANCES[attempt.what]
    waits = [
        _count(session, key, most, allowance.window, moment)
        for key, most in zip(
            _keys(session, attempt, secret), (allowance.per_address, allowance.per_account), strict=False
        )
    ]
    if longest := max(waits):
        raise TooManyAttempts(longest)


def forgive_attempt(session: Session, attempt: Attempt, *, secret: str) -> None:
    """It was right: the account starts again from nothing, and the address has one attempt less."""
    address, *account = _keys(session, attempt, secret)
    session.execute(
        update(AttemptCount).where(AttemptCount.key == address).values(count=func.greatest(AttemptCount.count - 1, 0))
    )
    if account:
        session.execute(delete(AttemptCount).where(AttemptCount.key.in_(account)))


def forget_attempts(session: Session, *, now: dt.datetime | None = None) -> None:
    """Delete the counts whose window is over."""
    session.execute(delete(AttemptCount).where(AttemptCount.started_at < (now or utc_now()) - LONGEST_WINDOW))


def _count(session: Session, key: str, most: int, window: dt.timedelta, now: dt.datetime) -> int:
    """Count one more, and answer how many seconds to wait: 0 when it is within what is allowed."""
    over = AttemptCount.started_at <= now - window
    fresh = insert(AttemptCount).values(key=key, count=1, started_at=now)
    count, first = session.execute(
        fresh.on_conflict_do_update(
            index_elements=[AttemptCount.key],
            set_={
                "count": case((over, 1), else_=func.least(AttemptCount.count + 1, most + 1)),
                "started_at": case((over, now), else_=AttemptCount.started_at),
            },
        ).returning(AttemptCount.count, AttemptCount.started_at)
    ).one()
    if count <= most:
        return 0
    return max(1, int((first + window - now).total_seconds() + 0.999))


def _keys(session: Session, attempt: Attempt, secret: str) -> list[str]:
    """The keys of the address and, where one is told, of the account."""
    keys = [f"address:{household(attempt.address)}"]
    if attempt.account is not None and attempt.account != "":
        keys.append(_account(session, attempt))
    return [hmac.new(secret.encode(), f"{attempt.what}:{key}".encode(), sha256).hexdigest() for key in keys]


def _account(session: Session, attempt: Attempt) -> str:
    """One name for the account however it was typed, apart for browsers that were signed in to it."""
    typed = attempt.account.strip().lower() if isinstance(attempt.account, str) else ""
    who = (
        User.id == attempt.account
        if isinstance(attempt.account, int)
        else or_(User.email == typed, User.username == typed)
    )
    known = exists().where(
        UserSession.user_id == User.id, UserSession.device_hash == hashed(attempt.device), UserSession.device_hash != ""
    )
    row = session.execute(select(User.id, known.label("known")).where(who).limit(1)).one_or_none()
    if row is None:
        return f"typed:{typed}"
    return f"user:{row.id}:{hashed(attempt.device)}" if attempt.device and row.known else f"user:{row.id}"
