"""The records of the forms room: forms with their fields, what was written in them, and what was done about it."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Editable, Numbered

Words = dict[str, dict[str, Any]]
"""Texts by language and name: `{"it": {"title": "Scrivici"}}`."""


class FieldKind(StrEnum):
    """What a field of a form asks for."""

    LINE = "line"
    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    NUMBER = "number"
    DATE = "date"
    SELECT = "select"
    RADIO = "radio"
    SEVERAL = "several"
    CHECKBOX = "checkbox"
    CONSENT = "consent"
    HEADING = "heading"


class Check(StrEnum):
    """What must hold for the value of a field, beside its bounds."""

    NONE = ""
    NAME = "name"
    DIGITS = "digits"
    POSTCODE = "postcode"
    VAT = "vat"
    TAX_CODE = "tax_code"
    WEB = "web"
    FUTURE = "future"
    PAST = "past"


class State(StrEnum):
    """Where a submission stands. `held`: suspected to be spam, waiting for a person's look. `spam`: a person said so."""

    NEW = "new"
    ANSWERED = "answered"
    CLOSED = "closed"
    HELD = "held"
    SPAM = "spam"


class Form(Editable, Base):
    """A form of the public site.

    `words` by language: title, intro, thanks, button, answer_subject, answer. It is open in a language in which it has a slug.
    `notify` are the addresses, one a line, that get a notice. What was written is deleted after `keep_months`.
    """

    __tablename__ = "forms_forms"
    __table_args__ = (
        UniqueConstraint("name", name="uq_forms_forms_name"),
        UniqueConstraint("slug_it", name="uq_forms_forms_slug_it"),
        UniqueConstraint("slug_en", name="uq_forms_forms_slug_en"),
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        CheckConstraint("keep_months BETWEEN 1 AND 120", name="keep_months"),
        Index("ix_forms_forms_name_lower_id", func.lower(text("name")), "id"),
    )

    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(10), server_default=text("'open'"))
    slug_it: Mapped[str | None] = mapped_column(String(80))
    slug_en: Mapped[str | None] = mapped_column(String(80))
    words: Mapped[Words] = mapped_column(JSONB)
    notify: Mapped[str] = mapped_column(String(2000), server_default=text("''"))
    answers_itself: Mapped[bool] = mapped_column(server_default=text("false"))
    makes_contact: Mapped[bool] = mapped_column(server_default=text("false"))
    keep_months: Mapped[int] = mapped_column(server_default=text("24"))

    fields: Mapped[list[FormField]] = relationship(
        lambda: FormField,
        order_by=lambda: (FormField.position, FormField.id),
        cascade="all, delete-orphan",
        passive_deletes=True,
    )

    def word(self, language: str, name: str) -> str:
        """A text in a language; "" where there is none."""
        return str(self.words.get(language, {}).get(name) or "")

    def slug(self, language: str) -> str:
        """The last part of the address in a language; "" where the form has no page."""
        return str(getattr(self, f"slug_{language}", None) or "")

    @property
    def addresses(self) -> list[str]:
        """Who gets a notice."""
        return self.notify.split()

    def __str__(self) -> str:
        return self.name


class FormField(Editable, Base):
    """A field of a form. `words` by language: label, help, choices (a list of texts).

    `least` and `most` bound the length of a text, the value of a number, how many choices. `text_version` rises whenever
    the label of a consent line changes in any language; `purpose` is what the register of consents calls it.
    """

    __tablename__ = "forms_fields"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(each.value) for each in FieldKind)})", name="kind"),
        Index("ix_forms_fields_form_id_position", "form_id", "position"),
    )

    form_id: Mapped[int] = mapped_column(ForeignKey("forms_forms.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    required: Mapped[bool] = mapped_column(server_default=text("false"))
    check: Mapped[str] = mapped_column(String(20), server_default=text("''"))
    least: Mapped[int | None]
    most: Mapped[int | None]
    purpose: Mapped[str] = mapped_column(String(120), server_default=text("''"))
    text_version: Mapped[int] = mapped_column(server_default=text("1"))
    words: Mapped[Words] = mapped_column(JSONB)

    @property
    def key(self) -> str:
        """The name of its control, and of its value in a submission."""
        return f"f{self.id}"

    def label(self, language: str) -> str:
        """Its label in a language, else in any."""
        return str(self._word(language, "label") or "")

    def help(self, language: str) -> str:
        """Its help in a language, else in any."""
        return str(self._word(language, "help") or "")

    def choices(self, language: str) -> list[str]:
        """What can be chosen, in a language, else in any."""
        return list(self._word(language, "choices") or [])

    def _word(self, language: str, name: str) -> Any:
        found = (self.words.get(code, {}).get(name) for code in (language, *self.words))
        return next((word for word in found if word), None)

    def __str__(self) -> str:
        return self.label("it") or self.kind


class Submission(Editable, Base):
    """What somebody wrote in a form, with the labels and words as they were.

    `answers` is a list of {key, kind, label, value, shown}; a consent line has its `version` too. `suspicion` names what made
    it look like spam.
    """

    __tablename__ = "forms_submissions"
    __table_args__ = (
        CheckConstraint("state IN ('new', 'answered', 'closed', 'held', 'spam')", name="state"),
        Index("ix_forms_submissions_received_at_id", "received_at", "id"),
        Index("ix_forms_submissions_form_id_received_at", "form_id", "received_at"),
        Index("ix_forms_submissions_state_received_at", "state", "received_at"),
        Index("ix_forms_submissions_email", "sender_email"),
    )

    form_id: Mapped[int] = mapped_column(ForeignKey("forms_forms.id", ondelete="RESTRICT"))
    language: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), server_default=text("'new'"))
    sender_name: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    sender_email: Mapped[str] = mapped_column(String(254), server_default=text("''"))
    summary: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    answers: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    suspicion: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("crm_customers.id", ondelete="SET NULL"), index=True)
    received_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    form: Mapped[Form] = relationship(lambda: Form)
    entries: Mapped[list[Entry]] = relationship(
        lambda: Entry, order_by=lambda: Entry.id, cascade="all, delete-orphan", passive_deletes=True
    )

    def __str__(self) -> str:
        return self.sender_name or self.sender_email or f"#{self.id}"


class Entry(Numbered, Base):
    """A line of a submission's thread: an answer by mail, the automatic one, a note, or a change of its state."""

    __tablename__ = "forms_entries"
    __table_args__ = (CheckConstraint("kind IN ('answer', 'automatic', 'note', 'state')", name="kind"),)

    submission_id: Mapped[int] = mapped_column(ForeignKey("forms_submissions.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(300), server_default=text("''"))
    text: Mapped[str]
    by_name: Mapped[str] = mapped_column(String(200))
    user_id: Mapped[int | None]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())

    def __str__(self) -> str:
        return self.subject or self.kind


class Knock(Numbered, Base):
    """That something was sent from somewhere: a hash of the address with the salt of the day, for a day."""

    __tablename__ = "forms_knocks"
    __table_args__ = (
        Index("ix_forms_knocks_address_at", "address", "at"),
        Index("ix_forms_knocks_form_id_at", "form_id", "at"),
    )

    form_id: Mapped[int] = mapped_column(ForeignKey("forms_forms.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class Salt(Base):
    """The salt of one day (UTC), made by chance and forgotten with the day: with it goes whose hash was whose."""

    __tablename__ = "forms_salts"

    day: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
