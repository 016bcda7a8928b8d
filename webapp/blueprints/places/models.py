"""The records of the places room: sites with their hours, seasons, exceptions, departments and ways to reach the company.

Slots are minutes since local midnight, `[540, 750]` is 9:00 to 12:30; one that runs across midnight closes after 1440. A week
is a list of seven lists of slots, Monday first. Texts of both languages are pairs of columns.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Numeric, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Editable

EMPTY = text("''")
NO_WEEK = text("'[[], [], [], [], [], [], []]'::jsonb")


def in_language(record: object, name: str, language: str) -> str:
    """A text of a record in that language, else in the other one."""
    return str(
        getattr(record, f"{name}_{language}") or getattr(record, f"{name}_en" if language == "it" else f"{name}_it")
    )


class Site(Editable, Base):
    """A place of the company that people come to. At most one is the `main` one.

    `holiday_rules` says what holds on a public holiday by its name in the country's own language: `"usual"`, or a list of
    slots; closed where nothing is said. `holiday_country` "" means that public holidays do not count.
    """

    __tablename__ = "places_sites"
    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="coordinates"),
        Index("uq_places_sites_main", "main", unique=True, postgresql_where=text("main")),
    )

    name_it: Mapped[str] = mapped_column(String(120), server_default=EMPTY)
    name_en: Mapped[str] = mapped_column(String(120), server_default=EMPTY)
    street: Mapped[str] = mapped_column(String(200), server_default=EMPTY)
    postcode: Mapped[str] = mapped_column(String(20), server_default=EMPTY)
    city: Mapped[str] = mapped_column(String(100), server_default=EMPTY)
    country: Mapped[str] = mapped_column(String(60), server_default=EMPTY)
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(8, 6))
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    directions_it: Mapped[str] = mapped_column(String(1000), server_default=EMPTY)
    directions_en: Mapped[str] = mapped_column(String(1000), server_default=EMPTY)
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("media_images.id", ondelete="RESTRICT"), index=True)
    main: Mapped[bool] = mapped_column(server_default=text("false"))
    position: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    week: Mapped[list[Any]] = mapped_column(JSONB, server_default=NO_WEEK)
    holiday_country: Mapped[str] = mapped_column(String(2), server_default=text("'IT'"))
    holiday_subdivision: Mapped[str] = mapped_column(String(10), server_default=EMPTY)
    holiday_rules: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))

    seasons: Mapped[list[Season]] = relationship(
        order_by="(Season.first, Season.id)", passive_deletes="all", lazy="selectin"
    )
    specials: Mapped[list[Special]] = relationship(
        order_by="(Special.first, Special.id)", passive_deletes="all", lazy="selectin"
    )

    def name(self, language: str) -> str:
        """What it is called in that language."""
        return in_language(self, "name", language)

    def directions(self, language: str) -> str:
        """How one gets there."""
        return in_language(self, "directions", language)

    @property
    def address(self) -> str:
        """The address in one line."""
        town = " ".join(filter(None, (self.postcode, self.city)))
        return ", ".join(filter(None, (self.street, town, self.country)))

    def __str__(self) -> str:
        return self.name_it or self.name_en


class Season(Editable, Base):
    """A part of the year with a week of its own: from `first` to `last`, both included; each year when `yearly`.

    Of a yearly one the year of the dates does not count, and it may run across New Year.
    """

    __tablename__ = "places_seasons"
    __table_args__ = (CheckConstraint("yearly OR first <= last", name="days"),)

    site_id: Mapped[int] = mapped_column(ForeignKey("places_sites.id", ondelete="CASCADE"), index=True)
    name_it: Mapped[str] = mapped_column(String(120), server_default=EMPTY)
    name_en: Mapped[str] = mapped_column(String(120), server_default=EMPTY)
    yearly: Mapped[bool] = mapped_column(server_default=text("true"))
    first: Mapped[dt.date]
    last: Mapped[dt.date]
    week: Mapped[list[Any]] = mapped_column(JSONB, server_default=NO_WEEK)

    def name(self, language: str) -> str:
        """What it is called in that language."""
        return in_language(self, "name", language)

    def __str__(self) -> str:
        return self.name_it or self.name_en


class Special(Editable, Base):
    """Days that differ: from `first` to `last` closed (no slots), or open otherwise, with words that say why."""

    __tablename__ = "places_specials"
    __table_args__ = (
        CheckConstraint("first <= last", name="days"),
        Index("ix_places_specials_site_id_last", "site_id", "last"),
    )

    site_id: Mapped[int] = mapped_column(ForeignKey("places_sites.id", ondelete="CASCADE"))
    first: Mapped[dt.date]
    last: Mapped[dt.date]
    words_it: Mapped[str] = mapped_column(String(200), server_default=EMPTY)
    words_en: Mapped[str] = mapped_column(String(200), server_default=EMPTY)
    slots: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))

    def words(self, language: str) -> str:
        """Why, in that language."""
        return in_language(self, "words", language)

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} / {self.last}"


class Department(Editable, Base):
    """Whom to ask for what: a part of the company with its telephone, mail and person; of a site, or of all."""

    __tablename__ = "places_departments"

    site_id: Mapped[int | None] = mapped_column(ForeignKey("places_sites.id", ondelete="SET NULL"), index=True)
    name_it: Mapped[str] = mapped_column(String(120), server_default=EMPTY)
    name_en: Mapped[str] = mapped_column(String(120), server_default=EMPTY)
    person: Mapped[str] = mapped_column(String(120), server_default=EMPTY)
    phone: Mapped[str] = mapped_column(String(40), server_default=EMPTY)
    email: Mapped[str] = mapped_column(String(254), server_default=EMPTY)
    position: Mapped[int] = mapped_column(Integer, server_default=text("0"))

    def name(self, language: str) -> str:
        """What it is called in that language."""
        return in_language(self, "name", language)

    def __str__(self) -> str:
        return self.name_it or self.name_en


class Way(Editable, Base):
    """A way to reach a site, or the company: a number, an address of mail, or a page elsewhere. `kind` says which."""

    __tablename__ = "places_ways"

    site_id: Mapped[int | None] = mapped_column(ForeignKey("places_sites.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(300))
    label_it: Mapped[str] = mapped_column(String(120), server_default=EMPTY)
    label_en: Mapped[str] = mapped_column(String(120), server_default=EMPTY)
    position: Mapped[int] = mapped_column(Integer, server_default=text("0"))

    def label(self, language: str) -> str:
        """What it is for, in that language."""
        return in_language(self, "label", language)

    def __str__(self) -> str:
        return self.value
