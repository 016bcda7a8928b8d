"""What strangers get of places: a page of all sites with their hours, and the contacts as vCard."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Blueprint, g
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.places.models import Department
from webapp.blueprints.places.queries.sites import (
    find_site,
    get_part,
    get_site,
    list_departments,
    list_sites,
    list_ways,
)
from webapp.blueprints.places.services.cards import MEDIA, department_card, site_card
from webapp.blueprints.places.settings import FIND_US
from webapp.blueprints.places.views.blocks import contacts_context, facts_of, hours_context, map_context
from webapp.core.company import get_company
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.i18n import REGIONS
from webapp.core.site import PublicPage, localized
from webapp.core.site_pages import Head, home_crumb, in_own_languages, share, whole_address

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("places_site", __name__, template_folder="../templates")
EVERYWHERE = {"site": "all"}


def find_us(language: str) -> Response:
    """All sites: where they are, when they are open, and how they are reached. 404 where there is none."""
    session = db.session()
    sites = list_sites(session)
    if not sites:
        raise NotFound(_("The page was moved or never existed."))
    company = g.company
    title = _("Where we are")
    kind, known = {"@type": "LocalBusiness"}, {"@id": whole_address("/") + "#company"}
    facts = kind | known | {"name": company.name, "url": whole_address(f"/{language}")}
    further = kind | {"url": whole_address(FIND_US[language]), "parentOrganization": known}
    head = Head(
        title=title,
        description=_description(session, language),
        others=in_own_languages(FIND_US),
        crumbs=(home_crumb(language), (title, FIND_US[language])),
        facts=(
            facts | facts_of(session, sites[0]),
            *(
                further | {"name": f"{company.name}, {site.name(language)}"} | facts_of(session, site)
                for site in sites[1:]
            ),
        ),
    )
    return share(
        "places/find_us.html",
        head,
        hours=hours_context(session, EVERYWHERE, language),
        contacts=contacts_context(session, EVERYWHERE, language),
        ways_there=map_context(session, EVERYWHERE, language),
    )


def site_vcard(language: str, site_id: int) -> Response:
    """A site as vCard."""
    session = db.session()
    site = get_site(session, site_id)
    card = site_card(
        g.company, site, list_ways(session, site.id), language=language, address=whole_address(f"/{language}")
    )
    return _card(card, f"site-{site.id}")


def department_vcard(language: str, department_id: int) -> Response:
    """A department as vCard."""
    session = db.session()
    department = get_part(session, Department, department_id)
    site = find_site(session, department.site_id)
    card = department_card(g.company, department, site, language=language, address=whole_address(f"/{language}"))
    return _card(card, f"department-{department.id}")


localized(blueprint, find_us, FIND_US)
localized(
    blueprint, site_vcard, {"it": "/it/dove-siamo/sede-<int:site_id>.vcf", "en": "/en/find-us/site-<int:site_id>.vcf"}
)
localized(
    blueprint,
    department_vcard,
    {
        "it": "/it/dove-siamo/reparto-<int:department_id>.vcf",
        "en": "/en/find-us/department-<int:department_id>.vcf",
    },
)


def public_pages(session: Session) -> Iterable[PublicPage]:
    """The page of all sites, once there is one."""
    sites = list_sites(session)
    if not sites:
        return
    languages = get_company(session).language_codes
    departments = list_departments(session)
    for language in languages:
        with force_locale(REGIONS[language]):
            yield PublicPage(
                path=FIND_US[language],
                language=language,
                title=_("Where we are"),
                kind="page",
                modified=max([site.updated_at for site in sites] + [each.updated_at for each in departments]),
                description=_description(session, language),
                text=" ".join(
                    [
                        *(f"{site.name(language)} {site.address} {site.directions(language)}" for site in sites),
                        *(f"{each.name(language)} {each.person}" for each in departments),
                        _("opening hours, contacts, telephone, address"),
                    ]
                ),
                others={each: FIND_US[each] for each in languages},
            )


def _description(session: Session, language: str) -> str:
    told = [
        f"{site.name(language)}: {site.address}" if site.address else site.name(language)
        for site in list_sites(session)
    ]
    return "; ".join(told)[:300]


def _card(text: str, name: str) -> Response:
    response = Response(text, content_type=MEDIA)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.vcf"'
    return response
