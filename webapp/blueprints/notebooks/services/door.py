"""The door of the notebooks: who may enter which one, where it answers, and the passes that browsers carry.

A pass is good for one notebook and one session of the suite. It is signed and holds no right of its own: each time it is
shown, the session, the person's rights, the lock and the notebook's state are looked up again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.models import Notebook, State
from webapp.blueprints.notebooks.queries.notebooks import WORK, find_lock, may_do
from webapp.blueprints.notebooks.settings import notebook_settings
from webapp.core.sealing import unseal
from webapp.core.security import Actor, actor_of, holder_of
from webapp.core.settings import house_settings

TOKEN_PURPOSE = "notebook token"  # noqa: S105 - what the seal is for
TICKET_SECONDS = 30
PASS_SECONDS = 14 * 24 * 3600  # the session behind it ends sooner or is still the one it was given to


class NoPass(Exception):
    """What was shown is no pass, or not one for this notebook."""


class Shut(StrEnum):
    """Why the door stays shut."""

    SIGNED_OUT = "signed out"
    STRANGER = "stranger"
    LOCKED = "locked"
    STOPPED = "stopped"
    FOREIGN = "foreign"


@dataclass(frozen=True)
class Pass:
    """Who shows it: the session and the person that it was given to, and the notebook that it is for."""

    session_id: int
    user_id: int
    notebook_id: int


@dataclass(frozen=True)
class Way:
    """Where the notebook answers, and the token that its server wants to see. Both stay on this side."""

    slug: str
    generation: int
    address: str
    port: int
    token: str


def base_path(slug: str) -> str:
    """The path under which a notebook's server answers: a whole host name of its own, or a folder of the suite's."""
    return "/" if notebook_settings().domain else f"/notebooks/{slug}/"


def base_address(slug: str) -> str:
    """Where a browser finds the notebook; ends with a slash."""
    suite = urlsplit(house_settings().public_url)
    domain = notebook_settings().domain
    if not domain:
        return f"{suite.scheme}://{suite.netloc}{base_path(slug)}"
    port = f":{suite.port}" if suite.port and ":" not in domain else ""
    return f"{suite.scheme}://{slug}.{domain}{port}/"


def origin_of(slug: str) -> str:
    """The origin of the notebook's pages, as browsers write it."""
    parts = urlsplit(base_address(slug))
    return f"{parts.scheme}://{parts.netloc}"


def write_pass(shown: Pass) -> str:
    """The text that the browser keeps."""
    return _signer("pass").dumps([shown.session_id, shown.user_id, shown.notebook_id])


def read_pass(text: str) -> Pass:
    """The pass that was shown. Raises NoPass."""
    try:
        session_id, user_id, notebook_id = _signer("pass").loads(text, max_age=PASS_SECONDS)
    except (BadSignature, ValueError, TypeError):
        raise NoPass from None
    return Pass(int(session_id), int(user_id), int(notebook_id))


def new_nonce() -> str:
    """What the browser keeps at the door while it is away to sign in: nobody else can come back in its place."""
    return secrets.token_urlsafe(24)


def write_ticket(shown: Pass, state: str) -> str:
    """What leads a browser from the suite to the door: good for 30 seconds, and for the browser that was sent with `state`."""
    return _signer("ticket").dumps([shown.session_id, shown.user_id, shown.notebook_id, state])


def state_of(nonce: str) -> str:
    """What the suite hears of a nonce; the nonce itself never leaves the door."""
    return hashlib.sha256(nonce.encode()).hexdigest()


def redeem_ticket(text: str, nonce: str) -> Pass:
    """The pass for a ticket that this very browser was sent for. Raises NoPass."""
    try:
        session_id, user_id, notebook_id, state = _signer("ticket").loads(text, max_age=TICKET_SECONDS)
        if not nonce or not hmac.compare_digest(str(state), state_of(nonce)):
            raise NoPass
    except (BadSignature, ValueError, TypeError):
        raise NoPass from None
    return Pass(int(session_id), int(user_id), int(notebook_id))


def find_ways(session: Session, shown: Iterable[Pass], *, now: dt.datetime) -> dict[Pass, Way | Shut]:
    """For each pass the way to its notebook, or why there is none now. Writes nothing; asks no engine."""
    passes = frozenset(shown)
    wanted = select(Notebook).where(Notebook.id.in_({each.notebook_id for each in passes}))
    notebooks = {notebook.id: notebook for notebook in session.scalars(wanted)}
    actors: dict[tuple[int, int], Actor | None] = {}
    found: dict[Pass, Way | Shut] = {}
    for each in passes:
        who = (each.session_id, each.user_id)
        if who not in actors:
            actors[who] = actor_of(each.user_id) if holder_of(each.session_id) == each.user_id else None
        found[each] = _way(session, notebooks.get(each.notebook_id), actors[who], now)
    return found


def find_way(session: Session, shown: Pass, *, now: dt.datetime) -> Way | Shut:
    """`find_ways` for one."""
    return find_ways(session, (shown,), now=now)[shown]


def _way(session: Session, notebook: Notebook | None, actor: Actor | None, now: dt.datetime) -> Way | Shut:
    if actor is None:
        return Shut.SIGNED_OUT
    if notebook is None or not may_do(session, notebook, actor, WORK):
        return Shut.STRANGER
    lock = find_lock(session, notebook.id, now=now)
    if lock and lock.user_id != actor.user_id:
        return Shut.LOCKED
    if notebook.state != State.RUNNING or notebook.address is None or notebook.port is None:
        return Shut.STOPPED
    token = unseal(notebook.token_sealed, purpose=TOKEN_PURPOSE) if notebook.token_sealed else ""
    return Way(notebook.slug, notebook.generation, notebook.address, notebook.port, token)


def _signer(what: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        house_settings().secret_key, salt=f"bottega notebook {what}", signer_kwargs={"digest_method": hashlib.sha256}
    )
