"""The pages about privacy and cookies, made from what the site does, and where the company adds its own words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, g, render_template, request, url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from webapp.blueprints.consents.events import Taken, WhatIsTaken
from webapp.blueprints.consents.models import NoticeKind
from webapp.blueprints.consents.permissions import ConsentsPermission as May
from webapp.blueprints.consents.queries import find_notice, list_notices
from webapp.blueprints.consents.services import NothingChanged, publish_notice
from webapp.blueprints.consents.views.choosing import STORES, aims, chosen, declared_version
from webapp.core.company import get_company
from webapp.core.db import db, transaction
from webapp.core.events import gather
from webapp.core.forms import clean
from webapp.core.i18n import choose_language, offered_languages
from webapp.core.markdown import markdown
from webapp.core.personal import Keeping, all_keepings
from webapp.core.security import current_actor, requires
from webapp.core.settings import house_settings
from webapp.core.site import PublicPage, localized
from webapp.core.site_pages import Head, share
from webapp.core.stored import Stored, all_stores
from webapp.core.web import done, show

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

office = Blueprint("notices", __name__, template_folder="../templates", url_prefix="/backoffice/site/notices")
blueprint = Blueprint("consent_pages", __name__, template_folder="../templates")
ADDRESSES = {
    NoticeKind.PRIVACY: {"it": "/it/privacy", "en": "/en/privacy"},
    NoticeKind.COOKIES: {"it": "/it/cookie", "en": "/en/cookies"},
}
TITLES = {NoticeKind.PRIVACY: _l("Privacy notice"), NoticeKind.COOKIES: _l("Cookies")}
KINDS_OF_STORES = {
    "cookie": _l("Cookie"),
    "local": _l("Local storage"),
    "session": _l("Session storage"),
    "cache": _l("Cache of the browser"),
}
MOST_WORDS = 40_000


def privacy(language: str) -> Response:
    """What the company does with the data of visitors (GDPR art. 13)."""
    taken = gather(db.session(), WhatIsTaken(language), Taken)
    return _page(NoticeKind.PRIVACY, language, taken=taken, keepings=all_keepings())


def cookies(language: str) -> Response:
    """What the site leaves in a visitor's browser, and where they change their mind."""
    stores = tuple(stored for stored in all_stores() if aims() or stored not in STORES)
    return _page(
        NoticeKind.COOKIES,
        language,
        technical=_apart(stores, technical=True),
        others=_apart(stores, technical=False),
        keepings=KINDS_OF_STORES,
        aims=aims(),
        chosen=chosen(),
        version=declared_version(),
    )


localized(blueprint, privacy, ADDRESSES[NoticeKind.PRIVACY])
localized(blueprint, cookies, ADDRESSES[NoticeKind.COOKIES])


def render_links() -> str:
    """Links to both pages for the foot of the public pages."""
    language = choose_language()
    paths = {kind: ADDRESSES[kind][language] for kind in NoticeKind}
    return render_template("consents/_links.html", paths=paths, titles=TITLES, asks=bool(aims()))


def list_pages(session: Session) -> Iterator[PublicPage]:
    """Both pages in the company's languages."""
    company = get_company(session)
    for kind in NoticeKind:
        notice = find_notice(session, kind)
        modified = max(notice.published_at, company.updated_at) if notice else company.updated_at
        paths = {language: ADDRESSES[kind][language] for language in company.language_codes}
        for language, path in paths.items():
            with force_locale(language):
                title = str(TITLES[kind])
            text = notice.texts.get(language, "") if notice else ""
            yield PublicPage(path, language, title, "page", modified, text=text, others=paths)


def tell_keepings() -> Iterator[Keeping]:
    """How long a consent is kept."""
    months = house_settings().consent_months
    years, rest = divmod(months, 12)
    words = (
        ngettext("%(num)s month", "%(num)s months", months)
        if rest
        else ngettext("%(num)s year", "%(num)s years", years)
    )
    lasts = _(
        "%(time)s after it was given, refused or taken back, and as long as what came with it is kept", time=words
    )
    yield Keeping(_("A consent: who gave it, when, where and to which words"), lasts)


@office.get("/")
@requires(May.NOTICES_WRITE)
def notices() -> Response:
    """The company's own words on both pages, and their versions."""
    return show("consents/notices.html", latest=_latest(), **_words_of_page())


@office.post("/<kind>")
@requires(May.NOTICES_WRITE)
def publish(kind: str) -> Response:
    """Publish a new version of the words on a page."""
    if kind not in set(NoticeKind):
        abort(404)
    of = NoticeKind(kind)
    texts = {each: str(clean(request.form.get(f"text_{each}", ""))) for each in g.company.language_codes}
    problem = (
        _("At most %(count)s characters.", count=MOST_WORDS)
        if any(len(each) > MOST_WORDS for each in texts.values())
        else ""
    )
    if not problem:
        try:
            with transaction() as session:
                publish_notice(session, by=current_actor(), kind=of, texts=texts)
        except NothingChanged as unchanged:
            problem = str(unchanged.sentence)
    if problem:
        latest = {**_latest(), of: texts}
        return show("consents/notices.html", status=422, latest=latest, problem=problem, wrong=of, **_words_of_page())
    return done(url_for("notices.notices"), _("The words are published."))


def _words_of_page() -> dict[str, Any]:
    return {
        "kinds": TITLES,
        "languages": g.company.language_codes,
        "versions": list_notices(db.session()),
        "paths": {kind: _paths(kind) for kind in NoticeKind},
    }


def _latest() -> dict[NoticeKind, dict[str, str]]:
    found = {kind: find_notice(db.session(), kind) for kind in NoticeKind}
    return {kind: dict(notice.texts) if notice else {} for kind, notice in found.items()}


def _page(kind: NoticeKind, language: str, **context: Any) -> Response:
    if language not in offered_languages():
        abort(404)
    notice = find_notice(db.session(), kind)
    title = str(TITLES[kind])
    head = Head(
        title=title,
        others=_paths(kind),
        crumbs=((_("Home"), f"/{language}"), (title, ADDRESSES[kind][language])),
        modified=notice.published_at if notice else None,
    )
    words = markdown(notice.texts.get(language, "")) if notice else ""
    others = {each: ADDRESSES[each][language] for each in NoticeKind}
    return share(
        f"consents/{kind}.html", head, notice=notice, words=words, paths=others, here_path=request.path, **context
    )


def _paths(kind: NoticeKind) -> dict[str, str]:
    return {language: ADDRESSES[kind][language] for language in offered_languages()}


def _apart(stores: tuple[Stored, ...], *, technical: bool) -> list[Stored]:
    return [stored for stored in stores if stored.technical is technical]
