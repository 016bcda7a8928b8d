"""Who stands behind the text of a key, as of now."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass, replace

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.public import find_role_actor
from webapp.blueprints.keys.models import Key
from webapp.blueprints.keys.queries import find_secret
from webapp.blueprints.keys.services.issuing import digest_of
from webapp.core.clock import utc_now
from webapp.core.security import Actor, actor_of

log = logging.getLogger(__name__)
LONGEST = 200
MARKED_EVERY = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Recognised:
    """A key that opens: the actor has those of its scopes that the holder has now."""

    key_id: int
    name: str
    prefix: str
    expires_at: dt.datetime
    actor: Actor
    marked: bool


def recognise(session: Session, text: str) -> Recognised | None:
    """The key with this text; None when there is none, it is over, or its holder is gone or disabled."""
    if not 1 <= len(text) <= LONGEST or not text.isascii():
        return None
    secret = find_secret(session, digest_of(text))
    if secret is None:
        return None
    key, now = secret.key, utc_now()
    ends = min(key.expires_at, secret.valid_until or key.expires_at)
    if key.revoked_at is not None or ends <= now:
        log.info("key %s was refused: it is %s", key.id, "revoked" if key.revoked_at else "over")
        return None
    holder = actor_of(key.user_id) if key.user_id is not None else find_role_actor(session, key.role_id or 0)
    if holder is None:
        log.info("key %s was refused: its holder is gone or disabled", key.id)
        return None
    return Recognised(
        key_id=key.id,
        name=key.name,
        prefix=secret.prefix,
        expires_at=ends,
        actor=replace(holder.narrowed(key.scopes), name=_name(holder, key)),
        marked=key.last_used_at is not None and key.last_used_at > now - MARKED_EVERY,
    )


def mark_used(session: Session, *, key_id: int, address: str) -> None:
    """Remember when and from where the key was used, at most once a minute."""
    due = or_(Key.last_used_at.is_(None), Key.last_used_at <= utc_now() - MARKED_EVERY)
    session.execute(
        update(Key)
        .where(Key.id == key_id, due)
        .values(last_used_at=utc_now(), last_used_from=address[:45])
        .execution_options(synchronize_session=False)
    )


def _name(holder: Actor, key: Key) -> str:
    """How traces call the actor: a service by its key, a person with the key that acts for them."""
    return key.name if key.user_id is None else f"{holder.name[:100]} · {key.name}"
