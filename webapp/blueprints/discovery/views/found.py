"""What makes the public site found: its search, sitemap, robots.txt, and pictures for links on other sites."""

from __future__ import annotations

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from flask_babel import gettext as _

from webapp.blueprints.discovery.models import IndexedPage
from webapp.blueprints.discovery.queries.searching import KINDS, pages_like, search_pages
from webapp.blueprints.discovery.queries.sitemap import count_parts, index_xml, part_xml
from webapp.blueprints.discovery.queries.words import noted
from webapp.blueprints.discovery.services.drawing import Look, mark_of, picture_of
from webapp.blueprints.discovery.services.notes import note
from webapp.core.company import CompanyProfile
from webapp.core.db import db
from webapp.core.i18n import choose_language
from webapp.core.security import public
from webapp.core.site import localized
from webapp.core.site_pages import Head, home_crumb, in_own_languages, share, whole_address
from webapp.core.web import send_stream

blueprint = Blueprint("discovery_found", __name__, template_folder="../templates")
ADDRESSES = {"it": "/it/cerca", "en": "/en/search"}
LONGEST = 200
A_DAY = 24 * 3600
CLOSED = ("/backoffice/", "/admin/", "/api/", "/account/", "/login", "/preferences/")


def search(language: str) -> Response:
    """The site's search: the form, and what was found in this language, a page at a time."""
    asked = request.args.get("q", "").replace("\x00", "").strip()[:LONGEST]
    page_text = request.args.get("page", "1")
    page = int(page_text) if page_text.isdecimal() and len(page_text) < 6 else 1
    results = search_pages(db.session(), asked, language=language, page=page) if asked else None
    words = noted(asked)
    if results is not None and page == 1 and words:
        note("search", language, words, 0 if results.loose else results.total)
    title = _("Search")
    head = Head(
        title=_("Search: %(words)s", words=asked) if asked else title,
        others=in_own_languages(ADDRESSES),
        crumbs=(home_crumb(language), (title, ADDRESSES[language])),
        indexed=False,
    )
    return share(
        "discovery/search.html",
        head,
        keep=False,
        asked=asked,
        results=results,
        kinds=KINDS,
        address=ADDRESSES[language],
    )


localized(blueprint, search, ADDRESSES)


@blueprint.get("/sitemap.xml")
@public
def sitemap() -> Response:
    """The index of the parts of the sitemap."""
    parts, modified = count_parts(db.session())
    addresses = [
        whole_address(url_for("discovery_found.sitemap_part", number=number)) for number in range(1, parts + 1)
    ]
    return Response(index_xml(addresses, modified), content_type="application/xml; charset=utf-8")


@blueprint.get("/sitemap-<int:number>.xml")
@public
def sitemap_part(number: int) -> Response:
    """A part of the sitemap, sent as it is read."""
    parts, _modified = count_parts(db.session())
    if not 1 <= number <= parts:
        abort(404)
    chunks = part_xml(db.session(), number, whole_address(""))
    response = send_stream(chunks, media="application/xml; charset=utf-8", name="sitemap.xml")
    del response.headers["Content-Disposition"]
    return response


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    """What search engines may read, and where the sitemap is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED), ""]
    lines.append(f"Sitemap: {whole_address(url_for('discovery_found.sitemap'))}")
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/og/<path:page>.png")
@public
def picture(page: str) -> Response:
    """The picture of a page by which other sites show a link to it; of one that is not known the company's."""
    found = db.session().get(IndexedPage, f"/{page}") if len(page) < LONGEST and "\x00" not in page else None
    look = _look(g.company, page)
    title = found.title if found else g.company.name
    etag = mark_of(title, look)
    response = Response(content_type="image/png")
    response.set_etag(etag)
    # its address changes with it; one that came before the index knew the page is asked for again
    response.headers["Cache-Control"] = f"public, max-age={A_DAY if found else 60}"
    response.make_conditional(request)
    if response.status_code != 304:
        response.set_data(picture_of(title, look))
    return response


def offer_picture(path: str, head: Head) -> str:
    """The path of the picture of a page that has none of its own (`app.extensions["bottega_page_picture"]`)."""
    page = path.lstrip("/") or choose_language()
    mark = mark_of(head.title, _look(g.company, page))[:8]
    return url_for("discovery_found.picture", page=page, v=mark)


def render_search_box(**_context: object) -> str:
    """The search box of the public pages' bar."""
    language = choose_language()
    return render_template("discovery/_search_box.html", address=ADDRESSES.get(language, ADDRESSES["en"]))


def render_way_out(*, code: int, **_context: object) -> str:
    """On the page of an address at which there is nothing: the search, and pages whose titles are like it."""
    if code not in (404, 410):
        return ""
    language = choose_language()
    path = request.path if len(request.path) < LONGEST and "\x00" not in request.path else ""
    return render_template(
        "discovery/_way_out.html",
        address=ADDRESSES.get(language, ADDRESSES["en"]),
        pages=pages_like(db.session(), path, language=language),
    )


def _look(company: CompanyProfile, page: str) -> Look:
    return Look(
        name=company.name,
        tagline=company.said("tagline", page.partition("/")[0]),
        primary=company.primary_colour,
        accent=company.accent_colour,
        version=company.version,
        logo=lambda: company.logo if company.logo_type else None,
    )
