"""The company profile: one row that pages take their branding from and reports their time zone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from babel.numbers import list_currencies
from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext
from sqlalchemy import CheckConstraint, LargeBinary, String, select, text
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column

from webapp.core.clock import utc_now
from webapp.core.db import Base, Editable
from webapp.core.errors import DomainError, EditConflict, NotAllowed
from webapp.core.security import Actor, CorePermission
from webapp.core.typography import FONTS, SCALES

LANGUAGES = ("it", "en")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
LOGO_BYTES = 512 * 1024
ITALY = frozenset({"", "it", "italia", "italy"})


class ProfileWrong(DomainError):
    """The company profile cannot be as asked; `problems` says why, by field."""

    status = 422

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        self.field = next(iter(self.problems))
        super().__init__(self.problems[self.field])


class CompanyProfile(Editable, Base):
    """Who the client company is. There is exactly one row, made by the first migration.

    `closed_since` (UTC) says that the public site is closed to visitors, `closed_until` for how long it is meant to be.
    """

    __tablename__ = "core_company"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    name: Mapped[str] = mapped_column(String(200), server_default=text("'Bottega'"))
    tagline: Mapped[str] = mapped_column(String(300), server_default=text("''"))
    about: Mapped[str] = mapped_column(String(4000), server_default=text("''"))
    tagline_en: Mapped[str] = mapped_column(String(300), server_default=text("''"))
    about_en: Mapped[str] = mapped_column(String(4000), server_default=text("''"))
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
    type_scale: Mapped[str] = mapped_column(String(20), server_default=text("'generous'"))
    heading_font: Mapped[str] = mapped_column(String(20), server_default=text("'sans'"))
    text_font: Mapped[str] = mapped_column(String(20), server_default=text("'sans'"))
    closed_since: Mapped[dt.datetime | None]
    closed_until: Mapped[dt.datetime | None]
    closed_words: Mapped[str] = mapped_column(String(500), server_default=text("''"))
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

    @property
    def english_beside(self) -> bool:
        """Whether its pages are in English beside its first language."""
        return "en" in self.language_codes[1:]

    def said(self, name: Literal["tagline", "about"], language: str) -> str:
        """What it says of itself in a language; without words of their own English pages have those of the first language."""
        english: str = getattr(self, f"{name}_en") if language == "en" and self.english_beside else ""
        words: str = getattr(self, name)
        return english or words


def get_company(session: Session) -> CompanyProfile:
    """The company profile."""
    return session.scalars(select(CompanyProfile)).one()


def time_zones() -> tuple[str, ...]:
    """The names of the world's time zones, `Europe/Rome` style, in order."""
    return tuple(
        sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/")))
    )


@cache
def currencies() -> tuple[str, ...]:
    """The ISO 4217 codes of the currencies in use today."""
    in_use = {
        code
        for uses in get_global("territory_currencies").values()
        for code, _start, end, is_tender in uses
        if end is None and is_tender
    }
    return tuple(sorted(in_use & list_currencies()))


def update_company(
    session: Session,
    *,
    by: Actor,
    version: int,
    logo: bytes | None = None,
    remove_logo: bool = False,
    **fields: str,
) -> CompanyProfile:
    """Store the company profile as `by` edited it, starting from `version`; texts are trimmed.

    `logo` are the bytes of a new picture, None for no change. Raises ProfileWrong with a problem for each wrong field,
    EditConflict when somebody else saved meanwhile, NotAllowed without the right.
    """
    if not by.may(CorePermission.COMPANY_EDIT):
        raise NotAllowed(gettext("Only the owner may change the company profile."))
    fields = {name: value.strip() for name, value in fields.items()}
    problems = profile_problems(fields)
    kind = None
    if logo is not None and not remove_logo:
        kind = picture_type(logo)
        if len(logo) > LOGO_BYTES:
            problems["logo"] = gettext("The logo is larger than 512 KB: make it smaller.")
        elif kind is None:
            problems["logo"] = gettext("The logo must be a PNG, JPEG or WebP picture.")
    if problems:
        raise ProfileWrong(problems)
    company = get_company(session)
    if company.version != version:
        raise EditConflict
    for name, value in fields.items():
        setattr(company, name, value)
    if remove_logo:
        company.logo = company.logo_type = None
    elif logo is not None:
        company.logo, company.logo_type = logo, kind
    company.updated_at = utc_now()
    session.flush()
    return company


def profile_problems(fields: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the values of a company profile, by field; empty when all is well."""
    problems: dict[str, str] = {}
    columns: Any = CompanyProfile.__table__.c
    for name, value in fields.items():
        longest = columns[name].type.length
        if "\x00" in value:
            problems[name] = gettext("This text has a character that cannot be stored.")
        elif len(value) > longest:
            problems[name] = gettext("At most %(count)s characters.", count=longest)
    for name, check in CHECKS.items():
        if name in fields and name not in problems and (problem := check(fields[name], fields)):
            problems[name] = problem
    return problems


def picture_type(content: bytes) -> str | None:
    """The media type of a PNG, JPEG or WebP picture, told by its bytes; None for everything else (SVG can hold scripts)."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR" and b"IEND" in content[-12:]:
        return "image/png"
    if content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content[-64:]:
        return "image/jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP" and content[12:15] == b"VP8":
        return "image/webp"
    return None


def is_italian_vat_number(number: str) -> bool:
    """Whether 11 digits are a partita IVA: the last one is the Luhn check digit (DM 23 December 1976)."""
    if not re.fullmatch(r"[0-9]{11}", number):
        return False
    doubled = [int(digit) * 2 for digit in number[1::2]]
    total = sum(int(digit) for digit in number[0::2]) + sum(value - 9 if value > 9 else value for value in doubled)
    return total % 10 == 0


def _check_name(value: str, _fields: Mapping[str, str]) -> str | None:
    return None if value else str(gettext("The company needs a name."))


def _check_zone(value: str, _fields: Mapping[str, str]) -> str | None:
    return (
        None if value in available_timezones() else gettext("There is no such time zone. Choose one like Europe/Rome.")
    )


def _check_currency(value: str, _fields: Mapping[str, str]) -> str | None:
    return None if value in currencies() else str(gettext("Choose a currency by its code, like EUR."))


def _check_languages(value: str, _fields: Mapping[str, str]) -> str | None:
    codes = value.split(",")
    known = set(codes) <= set(LANGUAGES) and len(set(codes)) == len(codes)
    return None if known else str(gettext("Choose at least one of the languages."))


def _check_colour(value: str, _fields: Mapping[str, str]) -> str | None:
    return None if COLOUR.fullmatch(value) else str(gettext("Write a colour like #206bc4."))


def _check_scale(value: str, _fields: Mapping[str, str]) -> str | None:
    return None if value in SCALES else str(gettext("Choose one of the two scales."))


def _check_font(value: str, _fields: Mapping[str, str]) -> str | None:
    return None if value in FONTS else str(gettext("Choose one of the faces."))


def _check_email(value: str, _fields: Mapping[str, str]) -> str | None:
    if value:
        try:
            validate_email(value, check_deliverability=False)
        except EmailNotValidError:
            return str(gettext("This is not an e-mail address."))
    return None


def _check_vat_number(value: str, fields: Mapping[str, str]) -> str | None:
    number = re.sub(r"[\s.-]", "", value).upper()
    italian = number.startswith("IT") or (number.isdigit() and fields.get("country", "").lower() in ITALY)
    if italian and not is_italian_vat_number(number.removeprefix("IT")):
        return str(gettext("An Italian VAT number has 11 digits, and the last one does not fit the others here."))
    return None


CHECKS = {
    "name": _check_name,
    "time_zone": _check_zone,
    "currency": _check_currency,
    "languages": _check_languages,
    "primary_colour": _check_colour,
    "accent_colour": _check_colour,
    "type_scale": _check_scale,
    "heading_font": _check_font,
    "text_font": _check_font,
    "email": _check_email,
    "vat_number": _check_vat_number,
}
