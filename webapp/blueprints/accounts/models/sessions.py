"""The records of being signed in: sessions, attempts at it, and the counters that slow guessing down."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Numbered


class Ending(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "signed_out"
    BY_PERSON = "by_person"
    BY_OWNER = "by_owner"
    DISABLED = "disabled"
    RENEWED = "renewed"


class Outcome(StrEnum):
    """What came of an attempt to sign in."""

    SUCCESS = "success"
    REFUSED = "refused"


class UserSession(Numbered, Base):
    """A browser in which somebody is signed in. The browser has a random key; here is its SHA-256.

    `stamp` is the person's `fs_uniquifier` at sign-in: when that changes, the session is over. `ends_at` is when it ends
    by itself unless the browser is seen again; moments are UTC. `device_hash` stands for the browser across sessions.
    `remembered`: the house's limit on idleness does not hold for it. `acting_as_id` is somebody else whom the owner acts as.
    """

    __tablename__ = "accounts_sessions"
    __table_args__ = (
        UniqueConstraint("key_hash", name="uq_accounts_sessions_key_hash"),
        Index("ix_accounts_sessions_user_id", "user_id", "started_at"),
        Index("ix_accounts_sessions_started_at", "started_at"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("accounts_users.id", ondelete="CASCADE"))
    key_hash: Mapped[str] = mapped_column(String(64))
    stamp: Mapped[str] = mapped_column(String(64))
    device_hash: Mapped[str] = mapped_column(String(64), server_default=text("''"))
    method: Mapped[str] = mapped_column(String(60), server_default=text("''"))
    address: Mapped[str] = mapped_column(String(45), server_default=text("''"))
    agent: Mapped[str] = mapped_column(String(300), server_default=text("''"))
    remembered: Mapped[bool] = mapped_column(server_default=text("false"))
    started_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    last_seen_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    ends_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    ending: Mapped[str] = mapped_column(String(20), server_default=text("''"))
    acting_as_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_users.id", ondelete="SET NULL"), index=True)


class SignIn(Numbered, Base):
    """An attempt to sign in to an account that exists; what was typed is not kept."""

    __tablename__ = "accounts_sign_ins"
    __table_args__ = (
        Index("ix_accounts_sign_ins_user_id", "user_id", "happened_at"),
        Index("ix_accounts_sign_ins_happened_at", "happened_at"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("accounts_users.id", ondelete="CASCADE"))
    happened_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    outcome: Mapped[str] = mapped_column(String(20))
    method: Mapped[str] = mapped_column(String(60), server_default=text("''"))
    address: Mapped[str] = mapped_column(String(45), server_default=text("''"))
    agent: Mapped[str] = mapped_column(String(300), server_default=text("''"))


class AttemptCount(Base):
    """How often something was tried since `started_at`, for one account or one address; both stand there as a hash."""

    __tablename__ = "accounts_attempts"
    __table_args__ = (Index("ix_accounts_attempts_started_at", "started_at"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(server_default=text("1"))
    started_at: Mapped[dt.datetime]


class Impersonation(Numbered, Base):
    """The owner acting as somebody else: who, as whom, why, and what was written meanwhile. It outlives the accounts.

    `steps` lists the writing requests: `{"at", "method", "path", "status"}`.
    """

    __tablename__ = "accounts_impersonations"
    __table_args__ = (
        Index("ix_accounts_impersonations_target_id", "target_id", "started_at"),
        Index("ix_accounts_impersonations_started_at", "started_at"),
    )

    session_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_sessions.id", ondelete="SET NULL"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_users.id", ondelete="SET NULL"), index=True)
    target_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_users.id", ondelete="SET NULL"))
    actor_name: Mapped[str] = mapped_column(String(254))
    target_name: Mapped[str] = mapped_column(String(254))
    reason: Mapped[str] = mapped_column(String(500))
    address: Mapped[str] = mapped_column(String(45), server_default=text("''"))
    started_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[dt.datetime | None]
    steps: Mapped[list[dict[str, str | int]]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
