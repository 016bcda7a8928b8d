"""What the house keeps of people: for how long, and all that it has of one of them (GDPR art. 5, 1, e; 13, 2, a; 15)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, g, make_response
from sqlalchemy.orm import Session

from webapp.core.clock import local_day, utc_now
from webapp.core.mail import mails_to


@dataclass(frozen=True)
class Keeping:
    """Something that the server keeps of visitors, and for how long: words for them, made of the settings that are in force."""

    what: str
    lasts: str


def all_keepings() -> tuple[Keeping, ...]:
    """What the open rooms keep of visitors, in the language of the request."""
    rooms = current_app.extensions["rooms"]
    return tuple(keeping for room in rooms if room.keeps for keeping in room.keeps())


def tell_of_address(session: Session, address: str, *, without: Collection[str] = ()) -> dict[str, Any]:
    """What the open rooms store about whoever has an e-mail address, by room; nothing of those that know nothing."""
    asked = address.strip().lower()
    told = {
        room.name: room.of_address(session, asked)
        for room in current_app.extensions["rooms"]
        if room.of_address and room.name not in without
    }
    if "mail" not in without:
        told["mail"] = {"mails": mails_to(session, asked)}
    return {name: found for name, found in told.items() if any(found.values())}


def as_file(told: Mapping[str, Any], name: str) -> Response:
    """A download of what is told, with the company and the moment."""
    now = utc_now()
    whole = {"company": g.company.name, "exported_at": now.isoformat(timespec="seconds"), **told}
    response = make_response(json.dumps(whole, ensure_ascii=False, indent=2, default=str))
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    day = local_day(now, g.company.zone).isoformat()
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{day}.json"'
    return response
