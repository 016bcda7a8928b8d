"""What a browser says of itself and where it knocks from, in words that people know."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import lru_cache

import ua_parser
from flask_babel import gettext

SYSTEMS = {"Mac OS X": "macOS"}


@dataclass(frozen=True)
class Device:
    """A browser and its system by name; "" for what was not recognised."""

    browser: str
    system: str
    phone: bool

    @property
    def words(self) -> str:
        """As in “Firefox on Windows”, in the reader's language."""
        if self.browser and self.system:
            return str(gettext("%(browser)s on %(system)s", browser=self.browser, system=self.system))
        return self.browser or self.system or str(gettext("Unknown device"))


@lru_cache(maxsize=512)
def read_device(agent: str) -> Device:
    """The device that a `User-Agent` header names; anybody can write anything there."""
    found = ua_parser.parse(agent)
    browser = found.user_agent.family.removeprefix("Mobile ") if found.user_agent else ""
    system = found.os.family if found.os else ""
    return Device(browser, SYSTEMS.get(system, system), phone=system in ("iOS", "Android"))


def place_in_words(address: str) -> str:
    """Where an address lies on the network; nobody is asked which town that is."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return str(gettext("Unknown address"))
    if known.is_loopback:
        return str(gettext("This machine (%(address)s)", address=address))
    if known.is_private:
        return str(gettext("Local network (%(address)s)", address=address))
    return address
