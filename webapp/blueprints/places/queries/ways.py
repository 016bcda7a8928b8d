"""Ways to reach the company: their kinds, and the links that they become."""

from __future__ import annotations

import re
from decimal import Decimal

from flask_babel import lazy_gettext as _l

from webapp.blueprints.places.models import Way

KINDS = {
    "phone": _l("Telephone"),
    "mobile": _l("Mobile"),
    "mail": _l("E-mail"),
    "pec": _l("Certified mail (PEC)"),
    "whatsapp": "WhatsApp",
    "telegram": "Telegram",
    "facebook": "Facebook",
    "instagram": "Instagram",
    "linkedin": "LinkedIn",
    "youtube": "YouTube",
    "tiktok": "TikTok",
    "pinterest": "Pinterest",
    "mastodon": "Mastodon",
    "web": _l("Another page"),
}
NUMBERS = frozenset({"phone", "mobile", "whatsapp"})
MAILS = frozenset({"mail", "pec"})
SOCIAL = frozenset(KINDS) - NUMBERS - MAILS - {"telegram"}
ICONS = {"phone": "phone", "mobile": "phone", "mail": "mail", "pec": "mail", "whatsapp": "message", "telegram": "send"}
PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{3,30}")


def phone_digits(number: str) -> str:
    """A telephone number as a link wants it: digits, with the + in front if it has one."""
    return ("+" if number.strip().startswith("+") else "") + re.sub(r"[^0-9]", "", number)


def phone_link(number: str) -> str:
    """The link that calls a number."""
    return f"tel:{phone_digits(number)}"


def address_of(way: Way) -> str:
    """The link behind a way."""
    if way.kind in ("phone", "mobile"):
        return phone_link(way.value)
    if way.kind in MAILS:
        return f"mailto:{way.value}"
    if way.kind == "whatsapp":
        return f"https://wa.me/{phone_digits(way.value).removeprefix('+')}"
    if way.kind == "telegram" and not way.value.startswith("https://"):
        return f"https://t.me/{way.value.removeprefix('@')}"
    return way.value


def icon_of(way: Way) -> str:
    """The symbol of a way."""
    return ICONS.get(way.kind, "external-link")


def map_link(latitude: Decimal, longitude: Decimal) -> str:
    """The page of OpenStreetMap with a mark at these coordinates; nothing is asked of it until somebody follows the link."""
    return f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=18/{latitude}/{longitude}"
