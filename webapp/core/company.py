"""The company profile: one row that pages take their branding from and reports their time zone."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, LargeBinary, String, select, text
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column

from webapp.core.db import Base, Editable

LANGUAGES = ("it", "en")


class CompanyProfile(Editable, Base):
    """Who the client company is. There is exactly one row, made by the first migration."""

    __tablename__ = "core_company"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    name: Mapped[str] = mapped_column(String(200), server_default=text("'Bottega'"))
    tagline: Mapped[str] = mapped_column(String(300), server_default=text("''"))
    about: Mapped[str] = mapped_column(String(4000), server_default=text("''"))
    street: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    postcode: Mapped[str] = mapped_column(String(20), server_default=text("''"))
    city: Mapped[str] = mapped_column(String(100), server_default=text("''"))
    country: Mapped[str] = mapped_column(String(60), server_default=text("'Italy'"))
    vat_number: Mapped[str] = mapped_column(String(20), server_default=text("''"))
    email: Mapped[str] = mapped_column(String(254), server_default=text("''"))
    phone: Mapped[str] = mapped_column(String(40), server_default=text("''"))
    time_zone: Mapped[str] = mapped_column(String(60), server_default=text("'Europe/Rome'"))
    currency: Mapped[str] = mapped_column(String(3), server_default=text("'EUR'"))
    languages: Mapped[str] = mapped_column(String(40), server_default=text("'it,en'"))
    primary_colour: Mapped[str] = mapped_column(String(7), server_default=text("'#206bc4'"))
    accent_colour: Mapped[str] = mapped_column(String(7), server_default=text("'#f59f00'"))
    logo: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    logo_type: Mapped[str | None] = mapped_column(String(40))

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the company's days begin and end."""
        return ZoneInfo(self.time_zone)

    @property
    def language_codes(self) -> tuple[str, ...]:
        """The languages of its pages, the first one being the fallback."""
        return tuple(self.languages.split(","))


def get_company(session: Session) -> CompanyProfile:
    """The company profile."""
    return session.scalars(select(CompanyProfile)).one()
