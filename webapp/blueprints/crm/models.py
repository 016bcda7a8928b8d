"""The records of the crm room: customers."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.changes import ChangeTracked
from webapp.core.db import Base, Editable
from webapp.core.owned import Owned


class CustomerKind(StrEnum):
    """What a customer is in law."""

    PERSON = "person"
    ORGANISATION = "organisation"


class Customer(Editable, Owned, ChangeTracked, Base):
    """Somebody who buys. `number` is the company's own customer number, unique."""

    __tablename__ = "crm_customers"
    __table_args__ = (
        UniqueConstraint("number", name="uq_crm_customers_number"),
        CheckConstraint("kind IN ('person', 'organisation')", name="kind"),
        Index("ix_crm_customers_name_lower_id", func.lower(text("name")), "id"),
        Index("ix_crm_customers_country_id", "country", "id"),
        Index("ix_crm_customers_email_lower_id", func.lower(text("email")), "id"),
    )

    number: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20), server_default=text("'organisation'"))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    country: Mapped[str] = mapped_column(String(60), server_default=text("''"))
    vat_number: Mapped[str | None] = mapped_column(String(20))

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"
