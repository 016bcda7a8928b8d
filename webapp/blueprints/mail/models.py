"""The records of the mail room: mails that leave, and what became of each."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Numbered


class MailState(StrEnum):
    """Where a mail stands. `refused`: a server said that it will never take it. `failed`: nobody tries any more."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    FAILED = "failed"


class OutgoingMail(Numbered, Base):
    """A mail that leaves, or has left. The row is the truth; a task only carries its number.

    `recipient` is whom it is for as it was written, `address` the bare address in lower case; an answer goes to `reply_to`, else
    to the company. `text` and `html` show no
    secret; a mail that has any (`secret`) is in `sealed` as it leaves, until it is sent. `sendings` counts how often it was
    meant to leave: the first time, and each time that a person sent it again. `request_id`: in which request it was written,
    or in a task that the request asked for.
    """

    __tablename__ = "mail_messages"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'sent', 'refused', 'failed')", name="state"),
        CheckConstraint("(state = 'sent') <= (sent_at IS NOT NULL)", name="sent"),
        UniqueConstraint("cause", "address", name="uq_mail_messages_cause"),
        Index("ix_mail_messages_state_id", "state", "id"),
        Index("ix_mail_messages_address_id", "address", "id"),
        Index("ix_mail_messages_sealed", "created_at", postgresql_where=sql("sealed IS NOT NULL")),
        Index("ix_mail_messages_created_at", "created_at"),
        Index("ix_mail_messages_request_id", "request_id", postgresql_where=sql("request_id <> ''")),
    )

    recipient: Mapped[str] = mapped_column(String(500))
    address: Mapped[str] = mapped_column(String(320))
    reply_to: Mapped[str | None] = mapped_column(String(500))
    cause: Mapped[str | None] = mapped_column(String(300))
    template: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(500))
    text: Mapped[str | None]
    html: Mapped[str | None]
    secret: Mapped[bool] = mapped_column(server_default=sql("false"))
    sealed: Mapped[str | None]
    state: Mapped[str] = mapped_column(String(20), server_default=sql("'waiting'"))
    error: Mapped[str] = mapped_column(server_default=sql("''"))
    attempts: Mapped[int] = mapped_column(server_default=sql("0"))
    sendings: Mapped[int] = mapped_column(server_default=sql("1"))
    task_id: Mapped[int | None]  # no foreign key: old tasks are cleared out, mails stay
    actor: Mapped[str] = mapped_column(String(200))
    user_id: Mapped[int | None]
    request_id: Mapped[str] = mapped_column(String(64), server_default=sql("''"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[dt.datetime | None]

    deliveries: Mapped[list[Delivery]] = relationship(
        lambda: Delivery,
        order_by=lambda: Delivery.id,
        viewonly=True,  # a room of the client may have a Delivery too
    )
    attachments: Mapped[list[MailAttachment]] = relationship(
        lambda: MailAttachment, order_by=lambda: MailAttachment.id, viewonly=True
    )

    def __str__(self) -> str:
        return f"{self.subject} ({self.address})"


class MailAttachment(Numbered, Base):
    """A file that goes with a mail, kept as long as what the mail says."""

    __tablename__ = "mail_attachments"

    mail_id: Mapped[int] = mapped_column(ForeignKey("mail_messages.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)

    def __str__(self) -> str:
        return self.name


class Delivery(Numbered, Base):
    """A line of a mail's delivery log: what a try came to, or that a person sent it again."""

    __tablename__ = "mail_deliveries"
    __table_args__ = (CheckConstraint("outcome IN ('sent', 'delayed', 'refused', 'failed', 'again')", name="outcome"),)

    mail_id: Mapped[int] = mapped_column(ForeignKey("mail_messages.id", ondelete="CASCADE"), index=True)
    at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())
    outcome: Mapped[str] = mapped_column(String(20))
    words: Mapped[str]

    def __str__(self) -> str:
        return self.words
