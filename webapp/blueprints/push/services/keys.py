"""The key pair by which push services know this house (VAPID, RFC 8292): made once, the private half kept sealed."""

from __future__ import annotations

import base64
import logging

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.push.models import PushKey, PushSubscription
from webapp.blueprints.push.queries import find_key
from webapp.core.errors import DomainError
from webapp.core.sealing import SealBroken, seal, unseal

log = logging.getLogger(__name__)
PURPOSE = "push"


class KeyLost(DomainError):
    """The private key cannot be opened, or was never made."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The key for notifications cannot be opened: was SECRET_KEY changed? `bottega push keys --renew` makes a new one."
            )
        )


def ensure_key(session: Session) -> str:
    """The public key in base64url, made when there is none yet; two first askers at once get the same."""
    if found := find_key(session):
        return found.public_key
    private = ec.generate_private_key(ec.SECP256R1())
    secret = base64url(private.private_numbers().private_value.to_bytes(32, "big"))
    public = base64url(private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    values = {"id": 1, "public_key": public, "sealed": seal(secret, purpose=PURPOSE)}
    session.execute(insert(PushKey).values(values).on_conflict_do_nothing())
    kept = find_key(session)
    if kept is None:
        raise KeyLost
    log.info("the key for notifications is there")
    return kept.public_key


def renew_key(session: Session) -> tuple[str, int]:
    """A new key pair in place of the old one; how many browsers must be asked again, since theirs were made for the old one."""
    forgotten = session.execute(delete(PushSubscription)).rowcount  # type: ignore[attr-defined]  # a result of a deletion has it
    session.execute(delete(PushKey))
    return ensure_key(session), int(forgotten)


def private_key(session: Session) -> str:
    """The private key in base64url, 32 bytes. Raises KeyLost."""
    found = find_key(session)
    if found is None:
        raise KeyLost
    try:
        return unseal(found.sealed, purpose=PURPOSE)
    except SealBroken:
        raise KeyLost from None


def base64url(content: bytes) -> str:
    """As keys are written in the Push API: without padding."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
