"""The records of the accounts room: users and roles, in the shape that Flask-Security expects."""

from __future__ import annotations

import datetime as dt

from flask_security import RoleMixin, UserMixin
from sqlalchemy import CheckConstraint, Column, ForeignKey, String, Table, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from webapp.blueprints.accounts.models.sign_in import Provable
from webapp.core.db import Base, Editable, Numbered

ROLES = {
    "owner": "Everything, the company profile and the administration included",
    "staff": "The daily work: reads and writes what the rooms grant",
    "viewer": "Reads what the rooms grant",
}
RANKS = {"owner": 100, "staff": 50, "viewer": 10}

user_roles = Table(
    "accounts_user_roles",
    Base.metadata,
    Column("user_id", ForeignKey("accounts_users.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("accounts_roles.id", ondelete="CASCADE"), primary_key=True),
)


class Role(Numbered, Base, RoleMixin):
    """A named bundle of rights: what was decided for it (`RoleGrant`), and for the house's roles the rooms' `grants`.

    Nobody gives a role of a higher `rank` than their own. It may ask for a second factor, and limit how long a session
    may idle (minutes) and last (hours); None is what the settings say.
    """

    __tablename__ = "accounts_roles"
    __table_args__ = (
        UniqueConstraint("name", name="uq_accounts_roles_name"),
        CheckConstraint("rank BETWEEN 0 AND 100", name="rank"),
        CheckConstraint("idle_minutes > 0", name="idle_minutes"),
        CheckConstraint("absolute_hours > 0", name="absolute_hours"),
    )

    name: Mapped[str] = mapped_column(String(40))
    description: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    rank: Mapped[int] = mapped_column(server_default=text("10"))
    second_factor: Mapped[bool] = mapped_column(server_default=text("false"))
    idle_minutes: Mapped[int | None]
    absolute_hours: Mapped[int | None]

    def __str__(self) -> str:
        return self.name


class User(Provable, Editable, Base, UserMixin):  # type: ignore[misc]  # UserMixin types two columns otherwise
    """Somebody who signs in. `password` is an argon2id hash; `language` and `theme` are empty for the browser's.

    `suspended_at` is when they shut the account themselves. `username` is a second name to sign in by: small letters, and never an e-mail address.
    """

    __tablename__ = "accounts_users"
    __table_args__ = (
        UniqueConstraint("email", name="uq_accounts_users_email"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        UniqueConstraint("fs_uniquifier", name="uq_accounts_users_fs_uniquifier"),
        UniqueConstraint("username", name="uq_accounts_users_username"),
        CheckConstraint("username = lower(username) AND username NOT LIKE '%@%'", name="username_plain"),
        UniqueConstraint("fs_webauthn_user_handle", name="uq_accounts_users_fs_webauthn_user_handle"),
    )

    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    suspended_at: Mapped[dt.datetime | None]
    fs_uniquifier: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(5), server_default=text("''"))
    theme: Mapped[str] = mapped_column(String(10), server_default=text("''"))

    roles: Mapped[list[Role]] = relationship(secondary=user_roles, lazy="selectin")  # type: ignore[assignment]  # of RoleMixin there

    @validates("email")
    def _keep_small_letters(self, _key: str, email: str) -> str:
        return email.strip().lower()

    def __str__(self) -> str:
        return self.email
