"""Nothing outside of the vault holds a full address: shortened addresses, hashes of visitors under keys of a day.

How many bits are hidden follows GoAccess (`--anonymize-level`): IPv4 8, 16, 24; IPv6 64, 80, 96.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import re
import secrets
from collections.abc import Collection, Mapping
from functools import lru_cache

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import DayKey

HIDDEN = {1: (8, 64), 2: (16, 80), 3: (24, 96)}
_OCTETS = frozenset(map(str, range(256)))
KEY_LIFE = dt.timedelta(hours=24)
IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)")
IPV6 = re.compile(r"(?<![\w:])(?=(?:[0-9A-Fa-f]*:){2})[0-9A-Fa-f:]{3,}(?:\.\d{1,3}){0,3}(?![\w:])")


@lru_cache(maxsize=65_536)
def shortened(address: str, level: int) -> str:
    """The network of an address, "" of what is none (a name that somebody's server looked up, a socket)."""
    parts = address.split(".")
    if len(parts) == 4 and all(part in _OCTETS for part in parts):
        return ".".join((*parts[: 4 - level], *("0" * level)))
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0].strip("[]"))
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    hidden = HIDDEN[level][parsed.version == 6]
    return str(type(parsed)(int(parsed) >> hidden << hidden))


def without_addresses(text: str, level: int) -> str:
    """The text with every address in it shortened."""
    text = IPV4.sub(lambda found: shortened(found[0], level) or found[0], text)
    return IPV6.sub(lambda found: shortened(found[0], level) or found[0], text) if text.count(":") > 1 else text


def masked(text: str, addresses: Collection[str], level: int) -> str:
    """The text with those of the given addresses shortened that occur in it."""

    def instead(found: re.Match[str]) -> str:
        return shortened(found[0], level) if found[0] in addresses else found[0]

    text = IPV4.sub(instead, text)
    return IPV6.sub(instead, text) if text.count(":") > 1 else text


def visitor_hash(key: bytes, address: str, agent: str) -> int:
    """A number of 64 bits for who asked, the same all day; without the day's key it tells nothing."""
    digest = hashlib.blake2b(f"{address}\0{agent}".encode(), digest_size=8, key=key).digest()
    return int.from_bytes(digest, "big", signed=True)


def day_keys(session: Session, days: Collection[dt.date]) -> Mapping[dt.date, bytes]:
    """The keys of these days; those that lack are made."""
    if not days:
        return {}
    found = _known(session, days)
    if missing := sorted(set(days) - set(found)):
        rows = [{"day": day, "key": secrets.token_bytes(32)} for day in missing]
        session.execute(insert(DayKey).on_conflict_do_nothing(), rows)
        found = _known(session, days)
    return found


def _known(session: Session, days: Collection[dt.date]) -> dict[dt.date, bytes]:
    rows = session.execute(select(DayKey.day, DayKey.key).where(DayKey.day.in_(days))).all()
    return {day: bytes(key) for day, key in rows}


def destroy_keys(session: Session, today: dt.date, now: dt.datetime) -> int:
    """Delete the keys of days that are over, a day after they were made at the earliest: lines come late. How many."""
    gone = delete(DayKey).where(DayKey.day < today, DayKey.made_at < now - KEY_LIFE).returning(DayKey.day)
    return len(session.execute(gone).all())
