"""Previews: a link that shows an article as it stands to whoever has it, for a few days."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext as _

from webapp.core.clock import utc_now
from webapp.core.errors import NotFound
from webapp.core.sealing import SealBroken, seal, unseal

DAYS = 7
PURPOSE = "preview of an article"


def preview_token(article_id: int) -> str:
    """What the link of a preview ends with; it holds the article's number and the end of its time, sealed."""
    until = utc_now() + dt.timedelta(days=DAYS)
    return seal(f"{article_id} {int(until.timestamp())}", purpose=PURPOSE)


def read_preview(token: str) -> int:
    """The number of the article that a link shows. Raises NotFound when it is none of ours, or its time is over."""
    try:
        number, until = unseal(token, purpose=PURPOSE).split()
    except (SealBroken, ValueError):
        raise NotFound(_("This preview does not exist.")) from None
    if utc_now().timestamp() >= int(until):
        raise NotFound(_("The time of this preview is over: ask for a new link."))
    return int(number)
