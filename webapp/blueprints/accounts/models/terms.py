"""The terms of use and the privacy policy, version by version, and who accepted which."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Numbered


class DocumentKind(StrEnum):
    """What people accept."""

    TERMS = "terms"
    PRIVACY = "privacy"


class Document(Numbered, Base):
    """One version of a text that people accept; it never changes. `texts` holds it by language."""

    __tablename__ = "accounts_documents"
    __table_args__ = (
        UniqueConstraint("kind", "number", name="uq_accounts_documents_kind_number"),
        CheckConstraint("kind IN ('terms', 'privacy')", name="kind"),
    )

    kind: Mapped[str] = mapped_column(String(10))
    number: Mapped[int]
    texts: Mapped[dict[str, str]] = mapped_column(JSONB)
    published_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    published_by: Mapped[str] = mapped_column(String(254), server_default=text("''"))


class Acceptance(Numbered, Base):
    """Somebody accepted a version of a text."""

    __tablename__ = "accounts_acceptances"
    __table_args__ = (UniqueConstraint("user_id", "document_id", name="uq_accounts_acceptances_user_id_document_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("accounts_users.id", ondelete="CASCADE"))
    document_id: Mapped[int] = mapped_column(ForeignKey("accounts_documents.id", ondelete="RESTRICT"), index=True)
    accepted_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    address: Mapped[str] = mapped_column(String(45), server_default=text("''"))
