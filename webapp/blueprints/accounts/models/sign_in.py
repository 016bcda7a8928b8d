"""The records of signing in: what a user proves themselves with, and the links that mails carry."""

from __future__ import annotations

import datetime as dt

from flask_security import WebAuthnMixin
from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from webapp.core.db import Base, Numbered

HASH = 64  # a SHA-256 in hexadecimal digits


class Provable:
    """The columns of a user that signing in needs; their names are Flask-Security's where it reads them itself.

    `tf_totp_secret` is encrypted by a key of the house, `mf_recovery_codes` are keyed hashes. `tf_last_counter` is the
    time step of the last code that was accepted: no code opens twice.
    """

    username: Mapped[str | None] = mapped_column(String(40))
    confirmed_at: Mapped[dt.datetime | None] = mapped_column()
    password_changed_at: Mapped[dt.datetime | None] = mapped_column()
    tf_primary_method: Mapped[str | None] = mapped_column(String(20))
    tf_totp_secret: Mapped[str | None] = mapped_column(Text)
    tf_last_counter: Mapped[int | None] = mapped_column()
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(ARRAY(String(HASH))))
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(String(64))

    @declared_attr
    def webauthn(cls) -> Mapped[list[Passkey]]:  # noqa: N805 - SQLAlchemy calls it with the class
        """The passkeys, the oldest first."""
        return relationship("Passkey", cascade="all, delete-orphan", passive_deletes=True, order_by="Passkey.id")

    @property
    def has_second_factor(self) -> bool:
        """Whether something beyond the password is asked for, or can be given instead of it."""
        return bool(self.tf_totp_secret and self.tf_primary_method) or bool(self.webauthn)

    def check_tf_required(
        self,
        tf_setup_methods: list[tuple[str, str]],
        tf_fresh: bool,  # noqa: FBT001 - the library's signature
    ) -> tuple[bool, list[tuple[str, str]]]:
        """A second factor that is there is asked for, except on a device that was trusted with it."""
        return bool(tf_setup_methods) and not tf_fresh, tf_setup_methods


class Passkey(Numbered, Base, WebAuthnMixin):
    """A WebAuthn credential: `usage` is "first" (opens alone, asks its holder) or "secondary" (after the password)."""

    __tablename__ = "accounts_passkeys"
    __table_args__ = (
        UniqueConstraint("credential_id", name="uq_accounts_passkeys_credential_id"),
        UniqueConstraint("user_id", "name", name="uq_accounts_passkeys_user_id_name"),
        CheckConstraint("usage IN ('first', 'secondary')", name="usage_known"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("accounts_users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    usage: Mapped[str] = mapped_column(String(20))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024))
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(server_default=text("0"))
    transports: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(ARRAY(String(20))))
    backup_state: Mapped[bool] = mapped_column()
    device_type: Mapped[str] = mapped_column(String(64))
    extensions: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    lastuse_datetime: Mapped[dt.datetime] = mapped_column()

    def get_user_mapping(self) -> dict[str, object]:
        """How Flask-Security finds the owner."""
        return {"id": self.user_id}


class Invitation(Numbered, Base):
    """The word that somebody may make an account: `by_invitation`, or asked for where registration is open.

    The mail has the token, this row its SHA-256. It is open until it is accepted, withdrawn, or out of date.
    """

    __tablename__ = "accounts_invitations"
    __table_args__ = (
        UniqueConstraint("token_hash", name="uq_accounts_invitations_token_hash"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        Index("ix_accounts_invitations_email", "email"),
    )

    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    roles: Mapped[list[str]] = mapped_column(ARRAY(String(40)), server_default=text("'{}'"))
    by_invitation: Mapped[bool] = mapped_column(server_default=text("true"))
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("accounts_users.id", ondelete="SET NULL"))
    token_hash: Mapped[str] = mapped_column(String(HASH))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime] = mapped_column()
    accepted_at: Mapped[dt.datetime | None] = mapped_column()
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column()


class ResetLink(Numbered, Base):
    """A link with which somebody who forgot the password sets a new one, once."""

    __tablename__ = "accounts_reset_links"
    __table_args__ = (UniqueConstraint("token_hash", name="uq_accounts_reset_links_token_hash"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("accounts_users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(HASH))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime] = mapped_column()
    used_at: Mapped[dt.datetime | None] = mapped_column()


class AddressChange(Numbered, Base):
    """A change of the e-mail address that waits for a yes from the old address and from the new one."""

    __tablename__ = "accounts_address_changes"
    __table_args__ = (
        UniqueConstraint("old_token_hash", name="uq_accounts_address_changes_old_token_hash"),
        UniqueConstraint("new_token_hash", name="uq_accounts_address_changes_new_token_hash"),
        CheckConstraint("email = lower(email)", name="email_lower"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("accounts_users.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    old_token_hash: Mapped[str] = mapped_column(String(HASH))
    new_token_hash: Mapped[str] = mapped_column(String(HASH))
    old_agreed_at: Mapped[dt.datetime | None] = mapped_column()
    new_agreed_at: Mapped[dt.datetime | None] = mapped_column()
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime] = mapped_column()
    ended_at: Mapped[dt.datetime | None] = mapped_column()
