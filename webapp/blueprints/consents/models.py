"""The register of consents, and the company's own words on the pages about privacy and cookies."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Numbered


class Consent(Numbered, Base):
    """Somebody agreed to something, or refused it: what a company must be able to show (GDPR art. 7, 1).

    `subject` is an e-mail address in lower case, or a reference as `browser:<random>`, which names nobody. `purpose` is a short
    name of what for, `version` that of the `words` that were shown. `source` is where, `reference` the record it came with.
    A row never changes, but for its withdrawal.
    """

    __tablename__ = "consents_consents"
    __table_args__ = (
        CheckConstraint("given IN ('given', 'refused')", name="given"),
        Index("ix_consents_consents_subject_id", "subject", "id"),
        Index("ix_consents_consents_given_at_id", "given_at", "id"),
        Index("ix_consents_consents_purpose_id", "purpose", "id"),
    )

    subject: Mapped[str] = mapped_column(String(320))
    purpose: Mapped[str] = mapped_column(String(120))
    given: Mapped[str] = mapped_column(String(10), server_default=text("'given'"))
    version: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(10))
    words: Mapped[str]
    source: Mapped[str] = mapped_column(String(300))
    reference: Mapped[str] = mapped_column(String(120), server_default=text("''"))
    given_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawn_by: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    withdrawn_how: Mapped[str] = mapped_column(String(300), server_default=text("''"))

    def __str__(self) -> str:
        return f"{self.subject}: {self.purpose}"


class NoticeKind(StrEnum):
    """A page that is made from what the site does, with words of the company's own."""

    PRIVACY = "privacy"
    COOKIES = "cookies"


class Notice(Numbered, Base):
    """One version of the company's own words on a page; it never changes. `texts` holds Markdown by language."""

    __tablename__ = "consents_notices"
    __table_args__ = (
        UniqueConstraint("kind", "number", name="uq_consents_notices_kind_number"),
        CheckConstraint("kind IN ('privacy', 'cookies')", name="kind"),
    )

    kind: Mapped[str] = mapped_column(String(10))
    number: Mapped[int]
    texts: Mapped[dict[str, str]] = mapped_column(JSONB)
    published_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    published_by: Mapped[str] = mapped_column(String(254), server_default=text("''"))

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"
