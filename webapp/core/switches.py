"""The switches of language and theme: small forms that leave a cookie and come back to the page."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Flask, abort, current_app, redirect, request
from werkzeug.wrappers import Response

from webapp.core.i18n import COOKIE as LANGUAGE_COOKIE
from webapp.core.i18n import offered_languages
from webapp.core.preferences import THEME_COOKIE, THEMES, KeptPreferences, current_theme
from webapp.core.security import public

A_YEAR = 365 * 24 * 3600

preferences = Blueprint("preferences", __name__, url_prefix="/preferences")


def set_up_switches(app: Flask) -> None:
    """Open the switches."""
    app.register_blueprint(preferences)
    app.jinja_env.globals["current_theme"] = current_theme


def own_path(target: str | None) -> str:
    """`target` when it is a path of this site, else the start page: nobody is sent elsewhere by a link to us."""
    if (
        not target
        or not target.startswith("/")
        or any(ord(character) < 32 or character == "\\" for character in target)
    ):
        return "/"
    parts = urlsplit(target)
    return target if not (parts.scheme or parts.netloc or target.startswith("//")) else "/"


@preferences.post("/language")
@public
def set_language() -> Response:
    """Remember the language."""
    return _remember("language", LANGUAGE_COOKIE, offered_languages())


@preferences.post("/theme")
@public
def set_theme() -> Response:
    """Remember the theme."""
    return _remember("theme", THEME_COOKIE, THEMES)


def _remember(name: str, cookie: str, allowed: tuple[str, ...]) -> Response:
    choice = request.form.get(name, "")
    if choice not in allowed:
        abort(400)
    kept: KeptPreferences | None = current_app.extensions.get("bottega_preferences")
    if kept:
        kept.keep(name, choice)
    response = redirect(own_path(request.form.get("next")), 303)
    secure = current_app.extensions["settings"].secure_cookies
    response.set_cookie(cookie, choice, max_age=A_YEAR, secure=secure, httponly=True, samesite="Lax")
    return response
