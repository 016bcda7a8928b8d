"""The countries of networks, by a local file in MaxMind's format, where one is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import maxminddb
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import KINDS, Network, TrafficText

AT_ONCE = 5000


class CountriesUnreadable(Exception):
    """The file of countries is not there, or none of its kind; the message says which."""


def read_countries(session: Session, path: Path) -> int:
    """Look up some of the networks that nobody has looked up in this file yet; how many. 0: none is left.

    The shortened address is looked up: the file knows networks, not people. Raises CountriesUnreadable.
    """
    try:
        reader = maxminddb.open_database(str(path))
    except (OSError, maxminddb.InvalidDatabaseError) as problem:
        raise CountriesUnreadable(f"{path}: {problem}") from problem
    with reader:
        build = int(reader.metadata().build_epoch)
        session.execute(delete(Network).where(Network.build != build))
        fresh = select(TrafficText.id, TrafficText.text).where(
            TrafficText.kind == KINDS["network"], ~select(Network.id).where(Network.id == TrafficText.id).exists()
        )
        rows = [
            {"id": number, "country": _country(reader, said), "build": build}
            for number, said in session.execute(fresh.order_by(TrafficText.id).limit(AT_ONCE))
        ]
    if rows:
        session.execute(insert(Network), rows)
    return len(rows)


def _country(reader: maxminddb.Reader, address: str) -> str:
    """The code of a country, "" where the file tells none; files of different makers tell it in different places."""
    try:
        found: Any = reader.get(address)
    except ValueError:  # an IPv6 address in a file of IPv4
        return ""
    if not isinstance(found, dict):
        return ""
    for name in ("country", "registered_country"):
        told = found.get(name)
        code = told.get("iso_code") if isinstance(told, dict) else told
        if isinstance(code, str) and len(code) == 2:
            return code.upper()
    code = found.get("country_code")
    return code.upper() if isinstance(code, str) and len(code) == 2 else ""
