"""The records of the workspaces room: groups, their members, requests to join, and projects."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Editable, Numbered

SLUG = "^[a-z0-9]+(-[a-z0-9]+)*$"
LONGEST_NAME = 80


class Joining(StrEnum):
    """How people come into a group: its owner adds them, they ask the owner, or they just join."""

    BY_HAND = "by_hand"
    ON_REQUEST = "on_request"
    OPEN = "open"


class Visibility(StrEnum):
    """Who reads a project: anyone (signed in or not, as the installation is set), any signed-in user, its group's members."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PRIVATE = "private"


class WorkspaceMember(Base):
    """That somebody belongs to a group."""

    __tablename__ = "workspaces_members"

    group_id: Mapped[int] = mapped_column(ForeignKey("workspaces_groups.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("accounts_users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    since: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class WorkspaceGroup(Editable, Base):
    """People who work together. `slug` never changes (a trigger sees to it); the owner is always a member."""

    __tablename__ = "workspaces_groups"
    __table_args__ = (
        UniqueConstraint("slug", name="uq_workspaces_groups_slug"),
        CheckConstraint(f"slug ~ '{SLUG}'", name="slug"),
        CheckConstraint("joining IN ('by_hand', 'on_request', 'open')", name="joining"),
        Index("ix_workspaces_groups_name_lower_id", func.lower(text("name")), "id"),
    )

    slug: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    description: Mapped[str] = mapped_column(String(20_000), server_default=text("''"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("accounts_users.id", ondelete="RESTRICT"), index=True)
    joining: Mapped[str] = mapped_column(String(10), server_default=text("'by_hand'"))

    members: Mapped[list[WorkspaceMember]] = relationship(
        order_by=WorkspaceMember.since, cascade="all, delete-orphan", passive_deletes=True
    )

    def __str__(self) -> str:
        return self.name

    def has_member(self, user_id: int | None) -> bool:
        """Whether that person belongs to it."""
        return user_id is not None and any(member.user_id == user_id for member in self.members)


class JoinRequest(Numbered, Base):
    """That somebody asked to join a group, and what its owner answered; None while nobody did."""

    __tablename__ = "workspaces_requests"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (accepted IS NULL)", name="answered"),
        Index(
            "uq_workspaces_requests_open",
            "group_id",
            "user_id",
            unique=True,
            postgresql_where=text("answered_at IS NULL"),
        ),
    )

    group_id: Mapped[int] = mapped_column(ForeignKey("workspaces_groups.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("accounts_users.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(String(1000), server_default=text("''"))
    made_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    answered_at: Mapped[dt.datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("accounts_users.id", ondelete="SET NULL"))
    accepted: Mapped[bool | None]

    group: Mapped[WorkspaceGroup] = relationship()


class Project(Editable, Base):
    """Something that a group works on. `slug` never changes (a trigger sees to it) and is unique in the group."""

    __tablename__ = "workspaces_projects"
    __table_args__ = (
        UniqueConstraint("group_id", "slug", name="uq_workspaces_projects_group_id_slug"),
        CheckConstraint(f"slug ~ '{SLUG}'", name="slug"),
        CheckConstraint("visibility IN ('public', 'internal', 'private')", name="visibility"),
        Index("ix_workspaces_projects_name_lower_id", func.lower(text("name")), "id"),
    )

    slug: Mapped[str] = mapped_column(String(40))
    group_id: Mapped[int] = mapped_column(ForeignKey("workspaces_groups.id", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    description: Mapped[str] = mapped_column(String(20_000), server_default=text("''"))
    visibility: Mapped[str] = mapped_column(String(10), server_default=text("'private'"))

    group: Mapped[WorkspaceGroup] = relationship(lazy="joined", innerjoin=True)

    def __str__(self) -> str:
        return self.name
