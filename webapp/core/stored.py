"""What the house leaves in a visitor's browser: each cookie and entry is declared, with what for and for how long.

A visitor must be told of it and, where it is not technical, asked first: art. 122 of the Italian Privacy Code (D.Lgs. 196/2003)
and the guidelines of the Garante of 10 June 2021 (no. 231, doc. web 9677876). What is not declared is not set.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Literal

from flask import Flask, Response, current_app
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

log = logging.getLogger(__name__)
Keeping = Literal["cookie", "local", "session", "cache"]
COOKIE = "Set-Cookie"


@dataclass(frozen=True)
class Aim:
    """What entries that are not technical are for: a visitor agrees to each aim by itself. `words` say what it means."""

    name: str
    title: LazyString
    words: LazyString


@dataclass(frozen=True)
class Stored:
    """A cookie, or an entry of the browser's local, session or cache storage. A name may end with `*`.

    `purpose` and `lasts` are for visitors. `setter` is who sets it, "" for this site itself. `office`: only people who sign in
    get it. One that is not `technical` has an `aim` and is set after consent alone.
    """

    name: str
    purpose: LazyString
    lasts: LazyString
    kind: Keeping = "cookie"
    technical: bool = True
    aim: Aim | None = None
    setter: str = ""
    office: bool = False

    def __post_init__(self) -> None:
        if self.technical is (self.aim is not None):
            raise ValueError(f"{self.name}: what is not technical has an aim, and nothing else has")

    def covers(self, name: str) -> bool:
        """Whether an entry of that name is this one."""
        return name.startswith(self.name[:-1]) if self.name.endswith("*") else name == self.name


A_YEAR = _l("One year")
UNTIL_CLOSED = _l("Until the browser is closed")
UNTIL_CLEARED = _l("Until the browser's storage is cleared")
FLOOR_STORES = (
    Stored(
        "session",
        _l(
            "Keeps somebody signed in, protects what is sent against other sites, and carries messages to the next page."
        ),
        _l("Until the browser is closed; up to one year for those who stay signed in"),
        office=True,
    ),
    Stored("language", _l("Remembers the language that was chosen with the switch."), A_YEAR),
    Stored("theme", _l("Remembers whether the pages are to be light or dark."), A_YEAR),
    Stored(
        "htmx-*",
        _l("Lets a step back lead to the page as it was."),
        UNTIL_CLOSED,
        kind="session",
        office=True,
    ),
)


def set_up_stores(app: Flask) -> None:
    """Watch that no answer sets a cookie that nobody declared: an error while developing and testing, a line in the log else."""
    app.after_request(_watch)


def all_stores() -> tuple[Stored, ...]:
    """What the floor and the open rooms leave in browsers."""
    rooms = current_app.extensions["rooms"]
    return (*FLOOR_STORES, *(stored for room in rooms for stored in room.stores))


def _watch(response: Response) -> Response:
    for line in response.headers.getlist(COOKIE):
        name = line.partition("=")[0]
        gone = "Max-Age=0" in line
        if not gone and not any(stored.kind == "cookie" and stored.covers(name) for stored in all_stores()):
            sentence = f"the cookie {name!r} is declared in no room's `stores`"
            if current_app.extensions["settings"].environment != "production":
                raise RuntimeError(sentence)
            log.error(sentence)
    return response
