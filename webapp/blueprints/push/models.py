"""The records of the push room: the house's key, topics, browsers that want notifications, messages, and who got them."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, UniqueConstraint, func
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Editable, Numbered


class Audience(StrEnum):
    """To whom a message goes."""

    ALL = "all"
    TOPIC = "topic"
    GROUP = "group"
    PERSON = "person"


class MessageState(StrEnum):
    """Where a message stands."""

    DRAFT = "draft"
    SENDING = "sending"
    SENT = "sent"
    CANCELLED = "cancelled"


class DeliveryState(StrEnum):
    """Where a message stands for one browser. `dead`: it wants none any more, or is not there any more.

    `unclear`: the push left, and nobody said whether it was taken; it may have arrived, so it is not sent again.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    FAILED = "failed"
    UNCLEAR = "unclear"
    CANCELLED = "cancelled"


class PushKey(Numbered, Base):
    """The key pair by which push services know this house (VAPID, RFC 8292); one row at most.

    `public_key` is the point in base64url, as browsers want it; the private one is `sealed`.
    """

    __tablename__ = "push_keys"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    public_key: Mapped[str] = mapped_column(String(100))
    sealed: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    def __str__(self) -> str:
        return self.public_key


subscription_topics = Table(
    "push_subscription_topics",
    Base.metadata,
    Column("subscription_id", ForeignKey("push_subscriptions.id", ondelete="CASCADE"), primary_key=True),
    Column("topic_id", ForeignKey("push_topics.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class PushTopic(Editable, Base):
    """What people may be told of. Names and descriptions by language; `event` sends by itself, "" for none."""

    __tablename__ = "push_topics"
    __table_args__ = (CheckConstraint("event IN ('', 'closed', 'news')", name="event"),)

    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    descriptions: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=sql("'{}'::jsonb"))
    event: Mapped[str] = mapped_column(String(20), server_default=sql("''"))
    position: Mapped[int] = mapped_column(server_default=sql("0"))
    offered: Mapped[bool] = mapped_column(server_default=sql("true"))

    def __str__(self) -> str:
        return next((name for name in self.names.values() if name), "")


class PushSubscription(Numbered, Base):
    """A browser that wants notifications, as it told us. The `endpoint` is a secret of that browser and its service.

    `language` is that of the page on which it was asked. `failures` counts refusals since the last success. `origin` tells
    apart those who ask too often, for a day, without telling who they are.
    """

    __tablename__ = "push_subscriptions"
    __table_args__ = (
        UniqueConstraint("endpoint", name="uq_push_subscriptions_endpoint"),
        Index("ix_push_subscriptions_origin", "origin", "created_at", postgresql_where=sql("origin <> ''")),
    )

    endpoint: Mapped[str] = mapped_column(String(1000))
    host: Mapped[str] = mapped_column(String(260))
    p256dh: Mapped[str] = mapped_column(String(100))
    auth: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(5))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_users.id", ondelete="CASCADE"), index=True)
    origin: Mapped[str] = mapped_column(String(64), server_default=sql("''"))
    failures: Mapped[int] = mapped_column(server_default=sql("0"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    last_success_at: Mapped[dt.datetime | None]

    topics: Mapped[list[PushTopic]] = relationship(secondary=subscription_topics, lazy="selectin")

    def __str__(self) -> str:
        return self.host


class PushMessage(Editable, Base):
    """A notification to many browsers. Titles, bodies and links by language; a browser gets that of its own, or the first.

    `hours` is how long a push service may keep it for a browser that is off. `cause` names what it tells of, where that
    must be told once. `counts` stays when the single deliveries are forgotten.
    """

    __tablename__ = "push_messages"
    __table_args__ = (
        CheckConstraint("audience IN ('all', 'topic', 'group', 'person')", name="audience"),
        CheckConstraint("state IN ('draft', 'sending', 'sent', 'cancelled')", name="state"),
        CheckConstraint("urgency IN ('very-low', 'low', 'normal', 'high')", name="urgency"),
        CheckConstraint("hours BETWEEN 1 AND 672", name="hours"),
        UniqueConstraint("cause", name="uq_push_messages_cause"),
        Index("ix_push_messages_created_at_id", "created_at", "id"),
    )
    counts_as_data: ClassVar[bool] = True

    titles: Mapped[dict[str, str]] = mapped_column(JSONB)
    bodies: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=sql("'{}'::jsonb"))
    links: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=sql("'{}'::jsonb"))
    audience: Mapped[str] = mapped_column(String(10))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("push_topics.id", ondelete="SET NULL"), index=True)
    group_id: Mapped[int | None]
    user_id: Mapped[int | None]
    urgency: Mapped[str] = mapped_column(String(10), server_default=sql("'normal'"))
    hours: Mapped[int] = mapped_column(server_default=sql("24"))
    state: Mapped[str] = mapped_column(String(10), server_default=sql("'draft'"))
    cause: Mapped[str | None] = mapped_column(String(200))
    actor: Mapped[str] = mapped_column(String(200))
    started_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=sql("'{}'::jsonb"))

    def __str__(self) -> str:
        return next((title for title in self.titles.values() if title), "")


class PushDelivery(Numbered, Base):
    """A message and one browser: what became of it. The row is the truth; a browser is sent a message once."""

    __tablename__ = "push_deliveries"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'dead', 'failed', 'unclear', 'cancelled')", name="state"
        ),
        UniqueConstraint("message_id", "subscription_id", name="uq_push_deliveries_subscription"),
        Index("ix_push_deliveries_due", "message_id", "state", "id"),
        Index("ix_push_deliveries_subscription_id", "subscription_id"),
    )

    message_id: Mapped[int] = mapped_column(ForeignKey("push_messages.id", ondelete="CASCADE"))
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("push_subscriptions.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(String(10), server_default=sql("'waiting'"))
    attempts: Mapped[int] = mapped_column(server_default=sql("0"))
    not_before: Mapped[dt.datetime | None]
    words: Mapped[str] = mapped_column(String(300), server_default=sql("''"))
    at: Mapped[dt.datetime | None]

    def __str__(self) -> str:
        return self.state
