"""Who has which rights: groups in a tree, the roles given on them, and what was decided for each role."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.blueprints.accounts.models.people import Role, User
from webapp.core.db import Base, Editable


class Group(Editable, Base):
    """Some people of the company. A role given on a group holds for its members and those of all groups below it."""

    __tablename__ = "accounts_groups"
    __table_args__ = (
        UniqueConstraint("name", name="uq_accounts_groups_name"),
        CheckConstraint("parent_id <> id", name="parent"),
    )

    name: Mapped[str] = mapped_column(String(80))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("accounts_groups.id", ondelete="RESTRICT"), index=True)

    roles: Mapped[list[Role]] = relationship(secondary="accounts_group_roles", order_by=Role.name)
    members: Mapped[list[User]] = relationship(secondary="accounts_memberships", order_by=User.email, viewonly=True)

    def __str__(self) -> str:
        return self.name


class Membership(Base):
    """That somebody belongs to a group. What they create lies in the group they belong to for the longest."""

    __tablename__ = "accounts_memberships"

    user_id: Mapped[int] = mapped_column(ForeignKey("accounts_users.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[int] = mapped_column(
        ForeignKey("accounts_groups.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    since: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class GroupRole(Base):
    """A role given on a group."""

    __tablename__ = "accounts_group_roles"

    group_id: Mapped[int] = mapped_column(ForeignKey("accounts_groups.id", ondelete="CASCADE"), primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("accounts_roles.id", ondelete="CASCADE"), primary_key=True)

    __table_args__ = (Index("ix_accounts_group_roles_role_id", "role_id"),)


class RoleGrant(Base):
    """What was decided on a permission for a role: how far it reaches, or `none`.

    Without a decision a role of the house has what the rooms grant it, so that a room opened later needs no migration.
    """

    __tablename__ = "accounts_role_grants"
    __table_args__ = (CheckConstraint("reach IN ('none', 'own', 'group', 'all')", name="reach"),)

    role_id: Mapped[int] = mapped_column(ForeignKey("accounts_roles.id", ondelete="CASCADE"), primary_key=True)
    permission: Mapped[str] = mapped_column(String(80), primary_key=True)
    reach: Mapped[str] = mapped_column(String(5))
