"""The records of the shopfront room: how products and their categories stand on the public site."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.collections import attribute_keyed_dict

from webapp.blueprints.catalogue.public import Category, Product
from webapp.core.db import Base, Editable
from webapp.core.slugs import LONGEST_SLUG

LONGEST_NAME, LONGEST_DESCRIPTION = 200, 20_000


class Pricing(StrEnum):
    """Whether a price is told, or asked for."""

    SHOWN = "shown"
    ASK = "ask"


class Availability(StrEnum):
    """Whether a product can be had."""

    IN_STOCK = "in_stock"
    IN_STORE = "in_store"
    TO_ORDER = "to_order"
    SOLD_OUT = "sold_out"


class ShopGood(Editable, Base):
    """A product on the public site. The smaller its `position`, the earlier it comes; the featured ones come first."""

    __tablename__ = "shopfront_goods"
    __table_args__ = (
        UniqueConstraint("product_id", name="uq_shopfront_goods_product_id"),
        CheckConstraint("pricing IN ('shown', 'ask')", name="pricing"),
        CheckConstraint("availability IN ('in_stock', 'in_store', 'to_order', 'sold_out')", name="availability"),
        Index("ix_shopfront_goods_shown_position_id", "shown", "position", "id"),
    )

    product_id: Mapped[int] = mapped_column(ForeignKey("catalogue_products.id", ondelete="CASCADE"))
    shown: Mapped[bool] = mapped_column(server_default=text("false"))
    featured: Mapped[bool] = mapped_column(server_default=text("false"))
    pricing: Mapped[str] = mapped_column(String(20), server_default=text("'shown'"))
    availability: Mapped[str] = mapped_column(String(20), server_default=text("'in_stock'"))
    position: Mapped[int] = mapped_column(server_default=text("0"))

    product: Mapped[Product] = relationship()
    words: Mapped[dict[str, GoodWords]] = relationship(
        collection_class=attribute_keyed_dict("language"), cascade="all, delete-orphan", passive_deletes=True
    )
    pictures: Mapped[list[GoodPicture]] = relationship(
        order_by="GoodPicture.position", cascade="all, delete-orphan", passive_deletes=True
    )

    def __str__(self) -> str:
        return str(self.product)


class GoodWords(Base):
    """What is said of a product in a language; without a `name` it has the catalogue's. `description` is Markdown."""

    __tablename__ = "shopfront_good_words"
    __table_args__ = (UniqueConstraint("language", "slug", name="uq_shopfront_good_words_slug"),)

    good_id: Mapped[int] = mapped_column(ForeignKey("shopfront_goods.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    slug: Mapped[str] = mapped_column(String(LONGEST_SLUG))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), server_default=text("''"))
    description: Mapped[str] = mapped_column(server_default=text("''"))


class GoodPicture(Base):
    """A picture of a product, in their order; the first one stands for it."""

    __tablename__ = "shopfront_good_pictures"

    good_id: Mapped[int] = mapped_column(ForeignKey("shopfront_goods.id", ondelete="CASCADE"), primary_key=True)
    picture_id: Mapped[int] = mapped_column(
        ForeignKey("media_images.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    position: Mapped[int]


class Shelf(Editable, Base):
    """A category of the catalogue on the public site, there once one of its products was shown."""

    __tablename__ = "shopfront_shelves"
    __table_args__ = (UniqueConstraint("category_id", name="uq_shopfront_shelves_category_id"),)

    category_id: Mapped[int] = mapped_column(ForeignKey("catalogue_categories.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(server_default=text("0"))
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("media_images.id", ondelete="RESTRICT"), index=True)

    category: Mapped[Category] = relationship()
    words: Mapped[dict[str, ShelfWords]] = relationship(
        collection_class=attribute_keyed_dict("language"), cascade="all, delete-orphan", passive_deletes=True
    )

    def __str__(self) -> str:
        return str(self.category)


class ShelfWords(Base):
    """What is said of a category in a language; without a `name` it has the catalogue's."""

    __tablename__ = "shopfront_shelf_words"
    __table_args__ = (UniqueConstraint("language", "slug", name="uq_shopfront_shelf_words_slug"),)

    shelf_id: Mapped[int] = mapped_column(ForeignKey("shopfront_shelves.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    slug: Mapped[str] = mapped_column(String(LONGEST_SLUG))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), server_default=text("''"))
    description: Mapped[str] = mapped_column(server_default=text("''"))
