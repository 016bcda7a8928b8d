"""The public pages: the start page of each language, every page of the tree, and drafts behind a link that expires."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from webapp.blueprints.website.models import Blocks
from webapp.blueprints.website.queries.kinds import whole
from webapp.blueprints.website.queries.pictures import pictures_of
from webapp.blueprints.website.queries.previews import find_preview, list_drafts
from webapp.blueprints.website.queries.shown import Shown, find_shown, list_crumbs, list_others
from webapp.core.clock import utc_now
from webapp.core.company import CompanyProfile
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.i18n import offered_languages, preferred_language
from webapp.core.security import public
from webapp.core.site import PageDraft, PublicPage, block_kinds, company_facts, localized
from webapp.core.site_pages import Head, share, whole_address

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("website", __name__, template_folder="../templates")


@blueprint.get("/")
@public
def landing() -> AnyResponse:
    """To the start page in the language that the visitor prefers."""
    answer = redirect(url_for("website.page", language=preferred_language()), 302)
    answer.vary.update(("Accept-Language", "Cookie"))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def page(language: str, rest: str = "") -> AnyResponse:
    """A page of the tree, by its address; the start page of a company that wrote none tells its profile."""
    path = f"/{language}/{rest}".rstrip("/")
    if path != request.path:
        query = request.query_string.decode("ascii", "replace")
        return redirect(f"{path}?{query}" if query else path, 301)
    session = db.session()
    now = utc_now()
    shown = find_shown(session, path, now=now)
    if shown is not None:
        return share("website/page.html", _head(shown), until=shown.until(now), **_parts(shown))
    if rest:
        raise NotFound(_("There is no page at this address."))
    company: CompanyProfile = g.company
    others = {each: f"/{each}" for each in offered_languages()}
    head = Head(company.name, company.said("tagline", language), others, facts=(business_facts(company, language),))
    return share("website/landing.html", head)


def preview(language: str, token: str) -> Response:
    """The draft of a page to whoever has its link."""
    shown = find_preview(db.session(), token, language=language, now=utc_now())
    head = Head(shown.title, shown.description, {language: shown.path}, indexed=False)
    answer = share("website/preview.html", head, keep=False, **_parts(shown))
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


localized(blueprint, page, {"it": "/it", "en": "/en"}, strict_slashes=False)
localized(blueprint, page, {"it": "/it/<path:rest>", "en": "/en/<path:rest>"})
localized(blueprint, preview, {"it": "/it/anteprima/<token>", "en": "/en/preview/<token>"})


def tell_drafts(session: Session) -> Iterator[PageDraft]:
    """The drafts of the tree that strangers do not see."""
    for shown in list_drafts(session, now=utc_now()):
        page = PublicPage(shown.path, shown.language, shown.title, "page", shown.modified or utc_now())
        yield PageDraft(page, partial(_drawn, shown))


def _drawn(shown: Shown) -> str:
    return "".join(html for _kind, html in draw_blocks(shown.blocks, shown.language))


def _head(shown: Shown) -> Head:
    session, now = db.session(), utc_now()
    at_home = shown.parent_id is None
    crumbs = list_crumbs(session, shown.page_id, shown.language, now=now)
    company: CompanyProfile = g.company
    offered = offered_languages()
    others = {code: path for code, path in list_others(session, shown.page_id, now=now).items() if code in offered}
    return Head(
        title=shown.title,
        description=shown.description or (company.said("tagline", shown.language) if at_home else ""),
        others=others,
        crumbs=() if at_home else (*crumbs, (shown.short_title, shown.path)),
        facts=(business_facts(company, shown.language),) if at_home else (),
        picture=_picture_of(shown.blocks),
        published=shown.published,
        modified=shown.modified,
    )


def _picture_of(blocks: Blocks) -> str:
    """The path of the first picture in the blocks that is there, "" when none is."""
    path_of: Any = current_app.jinja_env.globals["picture_path"]
    return next(filter(None, map(path_of, pictures_of(blocks))), "")


def _parts(shown: Shown) -> dict[str, Any]:
    drawn = draw_blocks(shown.blocks, shown.language)
    opening = bool(drawn) and bool(shown.blocks) and drawn[0][0] == "hero"
    return {"shown": shown, "blocks": [html for _kind, html in drawn], "opening": opening}


def draw_blocks(blocks: Blocks, language: str) -> list[tuple[str, Markup]]:
    """Kind and HTML of each block whose kind is open, in their order."""
    session, kinds = db.session(), block_kinds()
    drawn: list[tuple[str, Markup]] = []
    for block in blocks:
        kind = kinds.get(block["kind"])
        if kind is None:
            continue
        values = whole(kind, block["values"])
        more = kind.context(session, values, language) if kind.context else {}
        names = {**more, "values": values, "language": language, "number": len(drawn) + 1}
        drawn.append((kind.name, Markup(render_template(kind.template, **names))))  # noqa: S704 - a template escapes
    return drawn


def business_facts(company: CompanyProfile, language: str) -> dict[str, Any]:
    """The company for search engines: schema.org LocalBusiness, what is not known left out; rooms add what they know."""
    place = {
        "streetAddress": company.street,
        "postalCode": company.postcode,
        "addressLocality": company.city,
        "addressCountry": company.country,
    }
    address = whole_address(f"/{language}")
    facts: dict[str, Any] = {
        "@type": "LocalBusiness",
        "@id": whole_address("/") + "#company",
        "name": company.name,
        "url": address,
        "slogan": company.said("tagline", language),
        "description": company.said("about", language),
        "vatID": company.vat_number,
        "email": company.email,
        "telephone": company.phone,
        "address": {"@type": "PostalAddress"} | {key: value for key, value in place.items() if value},
    }
    if company.logo_type:
        facts["logo"] = url_for("branding.logo", v=company.version, _external=True)
        facts["image"] = facts["logo"]
    facts |= company_facts(db.session(), language)
    return {key: value for key, value in facts.items() if value}
