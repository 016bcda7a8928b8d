"""Browsers that want notifications: what they tell of themselves is checked, kept, changed and forgotten."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hmac
import ipaddress
import logging
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.push.models import PushSubscription, PushTopic, subscription_topics
from webapp.blueprints.push.queries import find_subscription
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError
from webapp.core.networks import household_of
from webapp.core.settings import Settings

log = logging.getLogger(__name__)
LONGEST_ENDPOINT = 1000
MOST_TOPICS = 100
MOST_NEW = 20  # from one address within an hour: a school or an office, not a script
HOUR = dt.timedelta(hours=1)
ORIGIN_KEPT = dt.timedelta(days=1)
BASE64URL = re.compile(r"[A-Za-z0-9_-]+={0,2}")
ANY_SERVICE = "*"


class SubscriptionWrong(DomainError):
    """What was sent is not the subscription of a browser."""

    status = 422


class ServiceUnknown(DomainError):
    """The browser's push service is none that this house sends to."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("The push service of this browser is not known here."))


class TooManySubscriptions(DomainError):
    """Too many new browsers from one address."""

    status = 429
    retry_after = 3600

    def __init__(self) -> None:
        super().__init__(_("Too many browsers were registered from here. Try again in an hour."))


@dataclass(frozen=True)
class Given:
    """A subscription as a browser gave it, checked."""

    endpoint: str
    host: str
    p256dh: str
    auth: str


def read_subscription(data: Any, settings: Settings) -> Given:
    """Check what a browser sent. Raises SubscriptionWrong and ServiceUnknown."""
    keys = data.get("keys") if isinstance(data, Mapping) else None
    if not isinstance(keys, Mapping):
        raise SubscriptionWrong(_("This is not the subscription of a browser."))
    endpoint = data.get("endpoint")
    host = check_endpoint(endpoint, settings)
    point, secret = _decoded(keys.get("p256dh")), _decoded(keys.get("auth"))
    if len(point) != 65 or len(secret) != 16:
        raise SubscriptionWrong(_("The keys of the subscription have the wrong size."))
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        raise SubscriptionWrong(_("The key of the subscription is none.")) from None
    return Given(str(endpoint), host, keys["p256dh"].rstrip("="), keys["auth"].rstrip("="))


def check_endpoint(endpoint: Any, settings: Settings) -> str:
    """The host of an address to which pushes may go: https, a public name, a known service. Raises SubscriptionWrong, ServiceUnknown."""
    if not isinstance(endpoint, str) or len(endpoint) > LONGEST_ENDPOINT or not re.fullmatch(r"[!-~]+", endpoint):
        raise SubscriptionWrong(_("The address of the subscription cannot be used."))
    try:
        parts = urlsplit(endpoint)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise SubscriptionWrong(_("The address of the subscription cannot be used.")) from None
    if settings.push_local and host in ("127.0.0.1", "localhost"):
        return f"{host}:{port}"
    plain = parts.scheme == "https" and not parts.username and not parts.password and port in (None, 443)
    if not plain or not _is_public_name(host) or "#" in endpoint or "\\" in endpoint:
        raise SubscriptionWrong(_("The address of the subscription cannot be used."))
    services = settings.push_services
    if ANY_SERVICE not in services and not any(host == each or host.endswith(f".{each}") for each in services):
        raise ServiceUnknown
    return host


def subscribe(
    session: Session, given: Given, *, topics: Collection[int], language: str, user_id: int | None, origin: str
) -> PushSubscription:
    """Keep a browser with the topics that it wants, or what it wants now. Raises SubscriptionWrong, TooManySubscriptions."""
    wanted = _offered(session, topics)
    if not wanted:
        raise SubscriptionWrong(_("Choose at least one topic."))
    if find_subscription(session, given.endpoint) is None:
        _refuse_many(session, origin)
    values = {
        "host": given.host,
        "p256dh": given.p256dh,
        "auth": given.auth,
        "language": language,
        "user_id": user_id,
    }
    statement = insert(PushSubscription).values(endpoint=given.endpoint, origin=origin, **values)
    statement = statement.on_conflict_do_update(constraint="uq_push_subscriptions_endpoint", set_=values)
    number = session.scalars(statement.returning(PushSubscription.id)).one()
    session.execute(delete(subscription_topics).where(subscription_topics.c.subscription_id == number))
    session.execute(
        insert(subscription_topics).on_conflict_do_nothing(),
        [{"subscription_id": number, "topic_id": topic} for topic in wanted],
    )
    return session.get_one(PushSubscription, number, populate_existing=True)


def replace_endpoint(session: Session, old: str, given: Given) -> bool:
    """A browser's service gave it another address: what it wanted stays. False when the old one is not known."""
    known = find_subscription(session, old)
    if known is None or old == given.endpoint:
        return known is not None
    session.execute(delete(PushSubscription).where(PushSubscription.endpoint == given.endpoint))
    known.endpoint, known.host, known.p256dh, known.auth = given.endpoint, given.host, given.p256dh, given.auth
    session.flush()
    return True


def unsubscribe(session: Session, endpoint: str) -> None:
    """Forget a browser; nothing happens when it is not known."""
    session.execute(delete(PushSubscription).where(PushSubscription.endpoint == endpoint))


def forget_origins(session: Session, now: dt.datetime) -> None:
    """Forget from where browsers registered, a day later."""
    old = PushSubscription.created_at < now - ORIGIN_KEPT
    session.execute(update(PushSubscription).where(PushSubscription.origin != "", old).values(origin=""))


def origin_of(address: str, secret: str) -> str:
    """The same text for the same household, and nothing that leads back to it without SECRET_KEY."""
    return hmac.new(secret.encode(), f"push {household_of(address)}".encode(), sha256).hexdigest()


def _offered(session: Session, topics: Collection[int]) -> list[int]:
    query = select(PushTopic.id).where(PushTopic.id.in_(list(topics)[:MOST_TOPICS]), PushTopic.offered.is_(True))
    return list(session.scalars(query))


def _refuse_many(session: Session, origin: str) -> None:
    lately = select(func.count()).where(
        PushSubscription.origin == origin, PushSubscription.created_at > utc_now() - HOUR
    )
    if session.execute(lately).scalar_one() >= MOST_NEW:
        raise TooManySubscriptions


def _decoded(text: Any) -> bytes:
    if not isinstance(text, str) or len(text) > 100 or not BASE64URL.fullmatch(text):
        raise SubscriptionWrong(_("The keys of the subscription cannot be read."))
    plain = text.rstrip("=")
    try:
        return base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
    except (binascii.Error, ValueError):
        raise SubscriptionWrong(_("The keys of the subscription cannot be read.")) from None


def _is_public_name(host: str) -> bool:
    """A name with a dot that is neither a number in any spelling nor one of this machine or network."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        labels = host.split(".")
        named = all(re.fullmatch(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?", label) for label in labels)
        inside = labels[-1] in ("localhost", "local", "internal", "lan", "home", "corp", "intranet", "localdomain")
        return named and len(labels) > 1 and re.fullmatch(r"[a-z][a-z0-9-]+", labels[-1]) is not None and not inside
    return False
