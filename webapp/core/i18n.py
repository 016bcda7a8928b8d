"""Languages: the user's choice, else the browser's, among those of the company; numbers and dates follow."""

from __future__ import annotations

from flask import Flask, g, has_request_context, request
from flask_babel import Babel, refresh

from webapp.core.company import LANGUAGES, CompanyProfile
from webapp.core.preferences import kept_choice
from webapp.core.wording import set_up_wording

babel = Babel()
COOKIE = "language"
# How each language writes dates and numbers; Flask-Security has Italian by this name only.
REGIONS = {"it": "it_IT", "en": "en_GB"}


def set_up_languages(app: Flask) -> None:
    """Choose language and time zone once a request; outside of one they are those of `speak`, or English and UTC."""
    app.config["BABEL_DEFAULT_LOCALE"] = "en"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    set_up_wording(app)
    babel.init_app(app, locale_selector=choose_locale, timezone_selector=choose_zone)
    app.jinja_env.globals["current_language"] = choose_language
    app.jinja_env.globals["offered_languages"] = offered_languages


def offered_languages() -> tuple[str, ...]:
    """The languages that the company offers, its first one first."""
    company = g.get("company")
    return company.language_codes if company else LANGUAGES


def speak(language: str, company: CompanyProfile) -> None:
    """Work in this language and the company's zone from here on: for what runs outside of a request."""
    g.language = language
    g.company = company
    refresh()


def choose_language() -> str:
    """The language of this request: the address's, the person's choice, the switch's cookie, the browser's wish, the company's first."""
    if not has_request_context():
        return str(g.get("language", "en"))
    addressed = request.path.partition("/")[2].partition("/")[0]  # the public pages have their language in front
    if addressed in offered_languages():
        return addressed
    return preferred_language()


def preferred_language() -> str:
    """The language that the asker would choose, whatever the address says."""
    offered = offered_languages()
    chosen = kept_choice("language") or request.cookies.get(COOKIE)
    if chosen in offered:
        return str(chosen)
    wished = (tag.split("-")[0].lower() for tag, _quality in request.accept_languages)  # best first; en-GB wants en
    return next((language for language in wished if language in offered), offered[0])


def choose_locale() -> str:
    """The language of this request with the region whose dates and numbers it uses."""
    language = choose_language()
    return REGIONS.get(language, language)


def choose_zone() -> str:
    """The company's time zone."""
    company = g.get("company")
    return company.time_zone if company else "UTC"
