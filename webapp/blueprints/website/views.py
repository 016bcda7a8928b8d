"""The public pages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, url_for

from webapp.core.company import CompanyProfile
from webapp.core.security import public
from webapp.core.shell import sign_in_url
from webapp.core.web import show

blueprint = Blueprint("website", __name__, template_folder="templates")


@blueprint.get("/")
@public
def landing() -> Response:
    """Who the company is and how to reach it."""
    company: CompanyProfile = g.company
    address = url_for("website.landing", _external=True)
    return show(
        "website/landing.html",
        address=address,
        facts=business_facts(company, address),
        sign_in=sign_in_url(),
    )


def business_facts(company: CompanyProfile, address: str) -> dict[str, Any]:
    """The company for search engines: schema.org LocalBusiness, what is not known left out."""
    place = {
        "streetAddress": company.street,
        "postalCode": company.postcode,
        "addressLocality": company.city,
        "addressCountry": company.country,
    }
    facts: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LocalBusiness",
        "name": company.name,
        "url": address,
        "slogan": company.tagline,
        "description": company.about,
        "vatID": company.vat_number,
        "email": company.email,
        "telephone": company.phone,
        "address": {"@type": "PostalAddress"} | {key: value for key, value in place.items() if value},
    }
    if company.logo_type:
        facts["logo"] = url_for("branding.logo", v=company.version, _external=True)
    return {key: value for key, value in facts.items() if value}
