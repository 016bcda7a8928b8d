"""Who is signed in, request by request: the cookie has a random key, a row says whether it still opens anything."""

from __future__ import annotations

import datetime as dt
import logging
import re
from dataclasses import replace
from typing import Any, cast

from flask import Flask, Response, after_this_request, current_app, g, request, session
from flask_login import user_logged_out
from flask_security import current_user, user_authenticated
from flask_security.signals import user_failed_authn
from flask_security.utils import set_request_attr

from webapp.blueprints.accounts.models import Ending, Outcome, User
from webapp.blueprints.accounts.queries.sessions import Limits, find_holder_of
from webapp.blueprints.accounts.services.impersonation import stop_acting
from webapp.blueprints.accounts.services.sessions import (
    Caller,
    SignedIn,
    begin_session,
    close_session,
    new_key,
    note_attempt,
    recognise,
    see_session,
)
from webapp.core.api.bearer import by_key
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction
from webapp.core.security import Actor
from webapp.core.settings import Settings

log = logging.getLogger(__name__)
KEY, PERSON = "sid", "uid"
DEVICE_COOKIE = "device"
DEVICE = re.compile(r"[A-Za-z0-9_-]{43}")
A_YEAR = dt.timedelta(days=365)


def set_up_sessions(app: Flask) -> None:
    """Let rows be the truth about who is signed in; Flask-Security is set up already."""
    app.permanent_session_lifetime = A_YEAR  # the row ends a session long before
    app.login_manager.user_loader(_load)  # type: ignore[attr-defined]  # Flask-Login puts itself there
    user_authenticated.connect(_begin, app)
    user_logged_out.connect(_close, app)
    user_failed_authn.connect(_note_refusal, app)
    app.before_request(_see)
    app.extensions["bottega_session"] = current_session_id
    app.extensions["bottega_holder_of"] = whose_session


def signed_in() -> SignedIn | None:
    """The session of this request, None when nobody is signed in."""
    if current_user and current_user.is_authenticated:
        return cast("SignedIn | None", g.get("signed_in"))
    return None


def current_session_id() -> int | None:
    """The number of this request's session, the one to spare when a person ends all others."""
    found = signed_in()
    return found.session_id if found else None


def whose_session(session_id: int) -> int | None:
    """The number of the person whose rights hold in any session now; None when it is over."""
    return find_holder_of(db.session(), session_id, now=utc_now())


def caller() -> Caller:
    """Who knocks."""
    device = request.cookies.get(DEVICE_COOKIE, "")
    return Caller(
        address=request.remote_addr or "",
        agent=request.user_agent.string,
        device=device if DEVICE.fullmatch(device) else "",
    )


def house_limits() -> Limits:
    """How long sessions idle and last where no role says otherwise."""
    settings: Settings = current_app.extensions["settings"]
    return Limits(settings.session_idle_minutes, settings.session_hours)


def name_both(actor: Actor) -> Actor:
    """The same actor, under both names while the owner acts as somebody: what they do is told so wherever it is told."""
    found = signed_in()
    if found is None or not found.acting:
        return actor
    return replace(actor, name=f"{actor.name} ({found.person.name or found.person.email})")


def _load(stamp: str) -> User | None:
    """The person whose rights hold in this request: Flask-Login asks with what it keeps in the cookie."""
    key, user_id = session.get(KEY), session.get(PERSON)
    if not isinstance(key, str) or not isinstance(user_id, int):
        return None
    found = recognise(db.session(), key=key, user_id=user_id, stamp=stamp, house=house_limits())
    g.signed_in = found
    if found is None:
        return None
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    return found.user


def _see() -> None:
    """Note that the session is used; a browser whose session is over forgets its key."""
    if request.endpoint == "static" or KEY not in session or by_key():
        return
    found = signed_in()
    if found is None:
        _forget()
        return
    if found.stranded:
        with transaction() as database:
            stop_acting(database, session_id=found.session_id)
    if not found.seen:
        with transaction() as database:
            see_session(database, session_id=found.session_id, caller=caller(), house=house_limits())


def _begin(_app: Flask, *, user: User, authn_via: list[str] | None = None, **_more: Any) -> None:
    """Somebody has just signed in: a new key for the browser, and a row for it. The key it had opens nothing any more."""
    who, old, key = caller(), session.pop(KEY, None), new_key()
    if not who.device:
        who = _mark_device(who)
    remembered = session.pop("_remember", None) == "set"
    with transaction() as database:
        if isinstance(old, str):
            close_session(database, key=old, ending=Ending.RENEWED)
        row = begin_session(
            database,
            user=user,
            key=key,
            caller=who,
            house=house_limits(),
            method=" ".join(authn_via or ())[:60],
            remembered=remembered,
        )
        number = row.id
    session[KEY], session[PERSON] = key, user.id
    session.permanent = remembered
    g.signed_in = SignedIn(session_id=number, user=user, person=user)
    log.info("user %s signed in: session %s", user.id, number)


def _close(_app: Flask, **_more: Any) -> None:
    key = session.get(KEY)
    if isinstance(key, str):
        with transaction() as database:
            close_session(database, key=key)
    _forget()
    g.pop("signed_in", None)


def _forget() -> None:
    for name in (KEY, PERSON, "_user_id", "_fresh", "_id"):
        session.pop(name, None)
    session.permanent = False


def _note_refusal(_app: Flask, *, user: User, auth_type: str = "", **_more: Any) -> None:
    """A wrong password or code for an account that exists: its owner reads of it in the history."""
    with transaction() as database:
        note_attempt(database, user_id=user.id, outcome=Outcome.REFUSED, caller=caller(), method=str(auth_type)[:60])
    log.warning("refused to sign user %s in", user.id)


def _mark_device(who: Caller) -> Caller:
    """Give the browser a lasting secret by which it is known again."""
    device = new_key()

    def leave(response: Response) -> Response:
        settings: Settings = current_app.extensions["settings"]
        response.set_cookie(
            DEVICE_COOKIE, device, max_age=A_YEAR, secure=settings.secure_cookies, httponly=True, samesite="Lax"
        )
        return response

    after_this_request(leave)
    return Caller(who.address, who.agent, device)
