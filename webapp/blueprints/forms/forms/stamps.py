"""Signed marks in public forms, without a visitor's cookie: that one came from our page, and since when it was in sight.

The page of a form is kept for everybody, so it says nothing of time: its mark is the same for all. The script of the page
fetches a stamp when the form comes into sight; an answer with problems, which is one visitor's alone, brings its own.
"""

from __future__ import annotations

import math
import time

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from webapp.blueprints.forms.services.receiving import LEAST_SECONDS


def mark_of(form_id: int) -> str:
    """What shows that something was sent from the page of this form."""
    return str(_signer("mark").dumps(form_id))


def marked_form(mark: str) -> int | None:
    """The number of the form whose page has this mark; None for none of ours."""
    try:
        number = _signer("mark").loads(mark)
    except BadData:
        return None
    return number if isinstance(number, int) else None


def stamp(*, seen: bool = False) -> str:
    """This moment, signed. Who has `seen` the form before need not wait again."""
    since = time.time() - (LEAST_SECONDS if seen else 0)
    return str(
        _signer("stamp").dumps(math.floor(since * 10) / 10)
    )  # never later than now: who is quick would have to wait


def seconds_since(stamped: str) -> float | None:
    """How long ago a stamp was made; None for none of ours."""
    try:
        made = _signer("stamp").loads(stamped)
    except BadData:
        return None
    return max(time.time() - made, 0.0) if isinstance(made, int | float) else None


def _signer(kind: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.extensions["settings"].secret_key, salt=f"bottega forms {kind}")
