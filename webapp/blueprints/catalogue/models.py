"""The records of the catalogue room: categories and products."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.changes import ChangeTracked
from webapp.core.db import Base, Editable


class Category(Editable, ChangeTracked, Base):
    """A group of products; its name is unique."""

    __tablename__ = "catalogue_categories"
    __table_args__ = (UniqueConstraint("name", name="uq_catalogue_categories_name"),)

    name: Mapped[str] = mapped_column(String(120))

    def __str__(self) -> str:
        return self.name


class Product(Editable, ChangeTracked, Base):
    """Something sold. `sku` is unique and case-sensitive; `price` is net of VAT per unit; `vat_rate` is in percent.

    `cost` is what one unit costs the company, net of VAT; None where nobody said. Not everybody may see it.
    """

    __tablename__ = "catalogue_products"
    __table_args__ = (
        UniqueConstraint("sku", name="uq_catalogue_products_sku"),
        CheckConstraint("vat_rate >= 0 AND vat_rate <= 100", name="vat_rate"),
        CheckConstraint("cost >= 0", name="cost"),
        Index("ix_catalogue_products_name_lower_id", func.lower(text("name")), "id"),
        Index("ix_catalogue_products_price_id", "price", "id"),
    )

    sku: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(500))
    category_id: Mapped[int | None] = mapped_column(
        ForeignKey("catalogue_categories.id", ondelete="RESTRICT"), index=True
    )
    price: Mapped[Decimal] = mapped_column(Numeric(14, 4), server_default=text("0"))
    vat_rate: Mapped[Decimal] = mapped_column(Numeric(5, 2), server_default=text("22"))
    cost: Mapped[Decimal | None] = mapped_column(Numeric(14, 4))

    category: Mapped[Category | None] = relationship()

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"
