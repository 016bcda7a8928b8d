"""Keys are made, rotated and taken back; their text is known to nobody after the moment it is made in."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import secrets
import string
from collections.abc import Collection
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.public import find_role_actor
from webapp.blueprints.keys.models import Key, Secret
from webapp.blueprints.keys.permissions import KeysPermission as May
from webapp.blueprints.keys.queries import get_key
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError, EditConflict, NotAllowed
from webapp.core.security import Actor, actor_of
from webapp.core.storing import store

log = logging.getLogger(__name__)
MARK = "bottega"  # what scanners of repositories may look for
SIGNS = string.ascii_letters + string.digits
SHOWN, HIDDEN = 8, 43  # 43 of 62 signs are 256 bits
MOST_DAYS = 366
MOST_OVERLAP = dt.timedelta(days=30)


class KeyNameTaken(DomainError):
    """The holder has another key of this name that is not revoked."""

    field = "name"

    def __init__(self) -> None:
        super().__init__(_("There is a key of this name already: revoke it first, or choose another name."))


class ScopesBeyond(DomainError):
    """The key would reach further than its holder."""

    status = 422
    field = "scopes"

    def __init__(self) -> None:
        super().__init__(_("A key cannot have a right that its holder lacks."))


class ScopesMissing(DomainError):
    """A key must be good for something."""

    status = 422
    field = "scopes"

    def __init__(self) -> None:
        super().__init__(_("Choose at least one right."))


class LifetimeWrong(DomainError):
    """A key ends one day, and not in the far future."""

    status = 422
    field = "days"

    def __init__(self) -> None:
        super().__init__(_("A key is valid for 1 to %(most)s days.", most=MOST_DAYS))


class KeyOver(DomainError):
    """A key that is revoked stays so."""

    def __init__(self) -> None:
        super().__init__(_("This key is revoked: make a new one."))


@dataclass(frozen=True)
class Issued:
    """A key together with its text, which nobody can read again."""

    key: Key
    text: str


PROBLEMS = {"uq_keys_keys_person_name": KeyNameTaken, "uq_keys_keys_service_name": KeyNameTaken}


def digest_of(text: str) -> str:
    """What is stored of a key: its SHA-256 in hexadecimal signs."""
    return hashlib.sha256(text.encode()).hexdigest()


def create_key(session: Session, *, by: Actor, name: str, user_id: int, scopes: Collection[str], days: int) -> Issued:
    """A new key of a person, which only they themselves (or the command line) make.

    Raises NotAllowed, ScopesBeyond, ScopesMissing, LifetimeWrong, KeyNameTaken.
    """
    if not by.may(May.OWN) or (by.signed_in and by.user_id != user_id):
        raise NotAllowed(_("A key is made by the person that it belongs to."))
    return _issue(session, Key(user_id=user_id), actor_of(user_id), by=by, name=name, scopes=scopes, days=days)


def create_service_key(
    session: Session, *, by: Actor, name: str, role_id: int, scopes: Collection[str], days: int
) -> Issued:
    """A new key of a service, with rights out of those of a role.

    Raises NotAllowed, ScopesBeyond, ScopesMissing, LifetimeWrong, KeyNameTaken.
    """
    if not by.may(May.ALL_EDIT):
        raise NotAllowed(_("Only the owner makes keys for services."))
    holder = find_role_actor(session, role_id)
    return _issue(session, Key(role_id=role_id), holder, by=by, name=name, scopes=scopes, days=days)


def rotate_key(session: Session, *, by: Actor, key_id: int, newest: int, overlap: dt.timedelta, days: int) -> Issued:
    """A new text for the same key, valid for `days` from now; the one before opens for the `overlap` yet.

    `newest` is the number of the secret that the actor saw: a second rotation by mistake is refused (EditConflict).
    Raises NotFound, NotAllowed, KeyOver, LifetimeWrong too.
    """
    key = get_key(session, key_id, lock=True)
    if not may_rotate(key, by=by):
        raise NotAllowed(_("A key is made by the person that it belongs to."))
    if key.revoked_at is not None:
        raise KeyOver
    if key.secrets[0].id != newest:
        raise EditConflict
    now = utc_now()
    last = now + min(max(overlap, dt.timedelta()), MOST_OVERLAP)
    for secret in key.secrets:
        secret.valid_until = min(secret.valid_until or last, last)
    key.expires_at = _end(days)
    issued = _with_secret(session, key)
    log.info("key %s rotated by %s", key.id, by.name)
    return issued


def revoke_key(session: Session, *, by: Actor, key_id: int) -> Key:
    """Take a key back: it opens nothing any more, at once. Raises NotFound, NotAllowed."""
    key = get_key(session, key_id, lock=True)
    if not may_revoke(key, by=by):
        raise NotAllowed(_("This key is not yours."))
    if key.revoked_at is None:
        key.revoked_at, key.revoked_by = utc_now(), by.name
        store(session)
        log.info("key %s revoked by %s", key.id, by.name)
    return key


def may_rotate(key: Key, *, by: Actor) -> bool:
    """Whether the actor may learn a new text of the key: the person it belongs to; of a service, who rules the keys."""
    if key.user_id is None or not by.signed_in:
        return by.may(May.ALL_EDIT)
    return key.user_id == by.user_id and by.may(May.OWN)


def may_revoke(key: Key, *, by: Actor) -> bool:
    """Whether the actor may take the key back."""
    return by.may(May.ALL_EDIT) or may_rotate(key, by=by)


def _issue(
    session: Session, key: Key, holder: Actor | None, *, by: Actor, name: str, scopes: Collection[str], days: int
) -> Issued:
    if not scopes:
        raise ScopesMissing
    if holder is None or not holder.may(*scopes):
        raise ScopesBeyond
    key.name, key.created_by = name.strip(), by.name
    key.scopes = sorted(set(scopes))
    key.expires_at = _end(days)
    session.add(key)
    issued = _with_secret(session, key)
    log.info("key %s created by %s", key.id, by.name)
    return issued


def _end(days: int) -> dt.datetime:
    if not 1 <= days <= MOST_DAYS:
        raise LifetimeWrong
    return utc_now() + dt.timedelta(days=days)


def _with_secret(session: Session, key: Key) -> Issued:
    prefix = f"{MARK}_{_random(SHOWN)}"
    text = f"{prefix}_{_random(HIDDEN)}"
    key.secrets.insert(0, Secret(prefix=prefix, digest=digest_of(text)))
    store(session, PROBLEMS)
    return Issued(key, text)


def _random(length: int) -> str:
    return "".join(secrets.choice(SIGNS) for _ in range(length))
