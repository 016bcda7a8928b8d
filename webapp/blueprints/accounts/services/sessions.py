"""What happens to sessions: they begin at sign-in, live while they are seen, and end when somebody or the time says so."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from dataclasses import dataclass
from typing import cast

from flask_babel import gettext
from sqlalchemy import ColumnElement, CursorResult, delete, update
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import Ending, Impersonation, Outcome, SignIn, User, UserSession
from webapp.blueprints.accounts.permissions import AccountsPermission as May
from webapp.blueprints.accounts.queries.rights import get_standing
from webapp.blueprints.accounts.queries.sessions import (
    Holder,
    Limits,
    find_device,
    find_holder,
    find_session,
    get_limits,
    hashed,
)
from webapp.blueprints.accounts.services.devices import read_device
from webapp.core.clock import utc_now
from webapp.core.errors import NotAllowed, NotFound
from webapp.core.mail import MailNotSetUp, post
from webapp.core.security import SYSTEM, Actor

log = logging.getLogger(__name__)
SEEN_EVERY = dt.timedelta(minutes=1)
KEPT_DAYS = 190  # Italian rules want the log of administrators' sign-ins for six months at least
LONGEST_AGENT = 300
A_YEAR = 365 * 24


@dataclass(frozen=True)
class Caller:
    """Who knocks: the address on the network, what the browser calls itself, and its lasting secret."""

    address: str
    agent: str
    device: str = ""


@dataclass(frozen=True)
class SignedIn:
    """The session of a request. `user` is whose rights hold: `person`, who signed in, or somebody whom they act as.

    `seen`: that it is used was noted within the last minute. `factor_asked`: a role of the person asks for a second
    factor. `stranded`: whom the person acted as may not be acted as any more.
    """

    session_id: int
    user: User
    person: User
    seen: bool = True
    factor_asked: bool = False
    terms_wait: bool = False
    stranded: bool = False

    @property
    def acting(self) -> bool:
        """Whether the owner acts as somebody else."""
        return self.user is not self.person


def new_key() -> str:
    """A random secret for a browser: 256 bits."""
    return secrets.token_urlsafe(32)


def begin_session(
    session: Session,
    *,
    user: User,
    key: str,
    caller: Caller,
    house: Limits,
    method: str = "",
    remembered: bool = False,
    now: dt.datetime | None = None,
) -> UserSession:
    """A session that `key` opens, and its line in the history. A device that the user never had is told by mail.

    `house` are the limits where the user's roles have none; its idleness does not count for a remembered session.
    """
    moment = now or utc_now()
    device_hash = hashed(caller.device) if caller.device else ""
    came_before, knows_device = find_device(session, user.id, device_hash)
    row = UserSession(
        user_id=user.id,
        key_hash=hashed(key),
        stamp=user.fs_uniquifier,
        device_hash=device_hash,
        method=method,
        address=caller.address,
        agent=caller.agent[:LONGEST_AGENT],
        remembered=remembered,
        started_at=moment,
        last_seen_at=moment,
        ends_at=end_of(moment, moment, get_limits(session, user.id), house, remembered=remembered),
    )
    session.add(row)
    note_attempt(session, user_id=user.id, outcome=Outcome.SUCCESS, caller=caller, method=method, now=moment)
    session.flush()
    if came_before and not knows_device:
        _tell_new_device(session, user, row)
    return row


def note_attempt(
    session: Session,
    *,
    user_id: int,
    outcome: Outcome,
    caller: Caller,
    method: str = "",
    now: dt.datetime | None = None,
) -> None:
    """A line in the history of an account's sign-ins."""
    session.add(
        SignIn(
            user_id=user_id,
            happened_at=now or utc_now(),
            outcome=outcome.value,
            method=method,
            address=caller.address,
            agent=caller.agent[:LONGEST_AGENT],
        )
    )


def recognise(
    session: Session, *, key: str, user_id: int, stamp: str, house: Limits, now: dt.datetime | None = None
) -> SignedIn | None:
    """Who is signed in with a browser's key: None when the session is over. One statement; nothing is written."""
    moment = now or utc_now()
    holder = find_holder(session, key=key, user_id=user_id, stamp=stamp)
    if holder is None or _end(holder, house) <= moment:
        return None
    acted = holder.acted if holder.is_owner else None
    return SignedIn(
        session_id=holder.row.id,
        user=acted or holder.person,
        person=holder.person,
        seen=moment - holder.row.last_seen_at < SEEN_EVERY,
        factor_asked=holder.factor_asked,
        terms_wait=holder.terms_wait and acted is None,
        stranded=acted is None and holder.row.acting_as_id is not None,
    )


def see_session(
    session: Session, *, session_id: int, caller: Caller, house: Limits, now: dt.datetime | None = None
) -> None:
    """Note that a session was used, and from where; at most once a minute, however many requests come at once."""
    moment = now or utc_now()
    row = find_session(session, session_id)
    if row is None:
        return
    ends_at = end_of(row.started_at, moment, get_limits(session, row.user_id), house, remembered=row.remembered)
    session.execute(
        update(UserSession)
        .where(UserSession.id == session_id, UserSession.last_seen_at <= moment - SEEN_EVERY)
        .values(last_seen_at=moment, address=caller.address, ends_at=ends_at)
        .execution_options(synchronize_session=False)
    )


def end_of(
    started_at: dt.datetime, seen_at: dt.datetime, own: Limits, house: Limits, *, remembered: bool
) -> dt.datetime:
    """When a session ends unless it is seen again: the limits of its person's roles, else those of the house."""
    hours = own.hours or house.hours
    idle = own.idle_minutes or (None if remembered else house.idle_minutes)
    last = started_at + dt.timedelta(hours=hours or A_YEAR)
    return min(last, seen_at + dt.timedelta(minutes=idle)) if idle else last


def end_session(session: Session, *, by: Actor, session_id: int, user_id: int | None = None) -> None:
    """End a session of the actor, or of the user whom they may edit. Raises NotFound, also for anybody else's.

    Raises NotAllowed for a user of a higher rank.
    """
    row, owner = find_session(session, session_id), user_id or by.user_id
    if row is None or row.user_id != owner or (owner != by.user_id and not by.may(May.USERS_EDIT)):
        raise NotFound(gettext("This session does not exist."))
    if not by.everything and owner != by.user_id and get_standing(session, row.user_id).rank > by.rank:
        raise NotAllowed(gettext("This person's rank is above yours."))
    if row.ended_at is None:
        ending = Ending.BY_PERSON if row.user_id == by.user_id else Ending.BY_OWNER
        _end_rows(session, UserSession.id == session_id, ending=ending)


def end_sessions(session: Session, user_id: int, but: int | None = None, *, ending: Ending = Ending.BY_PERSON) -> int:
    """End all sessions of a user, except the one with the number `but`; how many they were."""
    which = UserSession.user_id == user_id
    return _end_rows(session, which if but is None else which & (UserSession.id != but), ending=ending)


def close_session(session: Session, *, key: str, ending: Ending = Ending.SIGNED_OUT) -> None:
    """End the session that a browser's key opens, if there is one."""
    _end_rows(session, UserSession.key_hash == hashed(key), ending=ending)


def forget_old(session: Session, *, now: dt.datetime | None = None) -> int:
    """Delete sessions that ended, and lines of the history, when they are 190 days old; how many they were."""
    before = (now or utc_now()) - dt.timedelta(days=KEPT_DAYS)
    gone = session.execute(delete(UserSession).where(UserSession.ends_at < before, UserSession.last_seen_at < before))
    lines = session.execute(delete(SignIn).where(SignIn.happened_at < before))
    return cast("CursorResult[object]", gone).rowcount + cast("CursorResult[object]", lines).rowcount


def _end(holder: Holder, house: Limits) -> dt.datetime:
    row = holder.row
    return end_of(row.started_at, row.last_seen_at, holder.limits, house, remembered=row.remembered)


def _end_rows(session: Session, which: ColumnElement[bool], *, ending: Ending) -> int:
    """End sessions that go on, and what the owner does in them as somebody else."""
    now = utc_now()
    ended = session.scalars(
        update(UserSession)
        .where(which, UserSession.ended_at.is_(None))
        .values(ended_at=now, ending=ending.value)
        .returning(UserSession.id)
    ).all()
    if ended:
        session.execute(
            update(Impersonation)
            .where(Impersonation.session_id.in_(ended), Impersonation.ended_at.is_(None))
            .values(ended_at=now)
        )
    return len(ended)


def _tell_new_device(session: Session, user: User, row: UserSession) -> None:
    device = read_device(row.agent)
    try:
        post(
            session,
            to=user.email,
            template="accounts/new_device",
            language=user.language or None,
            cause=f"accounts.new_device:{row.id}",
            by=SYSTEM,
            name=user.name,
            browser=device.browser,
            system=device.system,
            address=row.address,
            at=row.started_at,
        )
    except MailNotSetUp:
        log.warning("user %s signed in from a new device; there is no mail to tell them", user.id)
