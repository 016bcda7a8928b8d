"""The records of the keys room: keys, and the secrets that open with them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Numbered


class Key(Numbered, Base):
    """What a program signs in with: a person's (`user_id`), or a service's, which has the rights of a role (`role_id`).

    `scopes` are permissions; at each request they count as far as the person or the role has them at that moment.
    """

    __tablename__ = "keys_keys"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (role_id IS NULL)", name="holder"),
        CheckConstraint("cardinality(scopes) > 0", name="scopes"),
        Index(
            "uq_keys_keys_person_name",
            "user_id",
            func.lower(text("name")),
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index(
            "uq_keys_keys_service_name",
            func.lower(text("name")),
            unique=True,
            postgresql_where=text("revoked_at IS NULL AND user_id IS NULL"),
        ),
        Index("ix_keys_keys_user_id", "user_id"),
        Index("ix_keys_keys_role_id", "role_id"),
    )

    name: Mapped[str] = mapped_column(String(80))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_users.id", ondelete="CASCADE"))
    role_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_roles.id", ondelete="CASCADE"))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(80)))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    created_by: Mapped[str] = mapped_column(String(200))
    expires_at: Mapped[dt.datetime]
    last_used_at: Mapped[dt.datetime | None]
    last_used_from: Mapped[str] = mapped_column(String(45), server_default=text("''"))
    revoked_at: Mapped[dt.datetime | None]
    revoked_by: Mapped[str] = mapped_column(String(200), server_default=text("''"))

    secrets: Mapped[list[Secret]] = relationship(
        back_populates="key", order_by="Secret.id.desc()", cascade="all, delete-orphan", passive_deletes=True
    )

    def __str__(self) -> str:
        return self.name


class Secret(Numbered, Base):
    """One secret of a key: its SHA-256 and the beginning that people see. A rotated one is valid for a while yet.

    The secret is 256 random bits, so that a fast hash without salt gives nothing away; the text itself is never stored.
    """

    __tablename__ = "keys_secrets"
    __table_args__ = (
        UniqueConstraint("digest", name="uq_keys_secrets_digest"),
        Index("ix_keys_secrets_key_id", "key_id"),
    )

    key_id: Mapped[int] = mapped_column(ForeignKey("keys_keys.id", ondelete="CASCADE"))
    prefix: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    valid_until: Mapped[dt.datetime | None]

    key: Mapped[Key] = relationship(back_populates="secrets")

    def __str__(self) -> str:
        return f"{self.prefix}…"
