"""What a visitor agreed to, as their browser's cookie says; the bar that asks, and what becomes of the answer.

There is a bar only where a room declares something that is not technical. As the Garante's guidelines of 10 June 2021 (no. 231,
doc. web 9677876, par. 6 and 7) ask: accepting and refusing are equally easy, closing is refusing, nothing is hidden behind it,
each aim is chosen by itself, nothing is ticked beforehand, and it is asked again only when what is declared has changed or
after six months. Pages stay the same for all who decided the same: the cookie says only that, and the page cache tells
visitors apart by it (`VARYING_COOKIES`); the number under which the register keeps the choice lies in a cookie of its own.
"""

from __future__ import annotations

import hashlib
import json
import secrets

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from webapp.blueprints.consents.services import record_consent
from webapp.core.db import transaction
from webapp.core.i18n import choose_language, offered_languages
from webapp.core.security import public, tokenless
from webapp.core.stored import Aim, Stored, all_stores
from webapp.core.switches import own_path

blueprint = Blueprint("consent_choice", __name__, template_folder="../templates")
CHOICE_COOKIE, NUMBER_COOKIE = "consent", "consent_id"
SIX_MONTHS = 184 * 24 * 3600  # as long as six months can be: none may be asked before they are over
CHOICES = frozenset({"accept", "refuse", "chosen"})
STORES = (
    Stored(
        CHOICE_COOKIE, _l("Remembers what was agreed to and refused, so that it is not asked again."), _l("Six months")
    ),
    Stored(NUMBER_COOKIE, _l("A number by chance, under which the register keeps that choice."), _l("Six months")),
)


def aims() -> tuple[Aim, ...]:
    """What visitors are asked for, by name."""
    asked = {stored.aim.name: stored.aim for stored in all_stores() if stored.aim is not None}
    return tuple(asked[name] for name in sorted(asked))


def declared_version() -> str:
    """Changes when something is declared anew that needs consent: then visitors are asked again."""
    asked = sorted((each.name, each.kind, each.setter, each.aim.name) for each in all_stores() if each.aim)
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:8]


def chosen() -> frozenset[str] | None:
    """The aims that this visitor agreed to; None when they have not decided on what is declared today."""
    version, _dot, marks = request.cookies.get(CHOICE_COOKIE, "").partition(".")
    asked = aims()
    if not asked or version != declared_version() or len(marks) != len(asked) or set(marks) - {"0", "1"}:
        return None
    return frozenset(aim.name for aim, mark in zip(asked, marks, strict=True) if mark == "1")


def consented(aim: str) -> bool:
    """Whether this visitor agreed to an aim: templates set what is not technical after that alone."""
    return aim in (chosen() or ())


def render_bar() -> str:
    """The question, for those who have not decided; "" for all others, and where there is nothing to ask."""
    asked = aims()
    if not asked or chosen() is not None:
        return ""
    return render_template(
        "consents/_bar.html", aims=asked, choices=url_for("consent_pages.cookies", language=_spoken())
    )


@blueprint.post("/consent")
@tokenless
@public
def choose() -> Response:
    """Keep what a visitor agreed to, and go back to the page."""
    choice, asked = request.form.get("choice", ""), aims()
    if choice not in CHOICES or not asked:
        abort(400)
    ticked = set(request.form.getlist("aim"))
    agreed = [choice == "accept" or (choice == "chosen" and aim.name in ticked) for aim in asked]
    version, number = declared_version(), secrets.token_hex(12)
    back = own_path(request.form.get("next"))
    with transaction() as session:
        for aim, given in zip(asked, agreed, strict=True):
            record_consent(
                session,
                subject=f"browser:{number}",
                purpose=f"cookies:{aim.name}",
                version=version,
                words=f"{aim.title}: {aim.words}",
                language=choose_language(),
                source=back,
                given=given,
            )
    response = redirect(back, 303)
    secure = current_app.extensions["settings"].secure_cookies
    marks = "".join("1" if given else "0" for given in agreed)
    kept = {CHOICE_COOKIE: f"{version}.{marks}", NUMBER_COOKIE: number}
    for name, value in kept.items():
        response.set_cookie(name, value, max_age=SIX_MONTHS, secure=secure, httponly=True, samesite="Lax")
    return response


def _spoken() -> str:
    return choose_language() if choose_language() in offered_languages() else offered_languages()[0]
