"""The company's colours as a small style sheet, readable on light and dark, its mark and its logo.

The content policy forbids inline styles, so the colours come as a file whose address carries the profile's version.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, g, request, url_for

from webapp.core.assets import FOR_GOOD
from webapp.core.company import CompanyProfile
from webapp.core.picture_sizes import Size, size_of_picture
from webapp.core.security import public
from webapp.core.typography import type_rules

ON_LIGHT = 5.6  # contrast of coloured text to white: 4.5 are still left on a tinted or hovered row
ON_DARK = 6.6
WHITE = (255, 255, 255)
BLACK = (0, 0, 0)
DARK_CARD = (38, 38, 38)
FALLBACK = "#206bc4"
TEXT_CONTRAST = 4.5  # WCAG 2.2, criterion 1.4.3
EDGE_CONTRAST = 3.0  # criterion 1.4.11

Colour = tuple[int, int, int]

branding = Blueprint("branding", __name__)


def set_up_branding(app: Flask) -> None:
    """Open the style sheet and the images of the company."""
    app.register_blueprint(branding)
    app.jinja_env.globals["branding_url"] = branding_url
    app.jinja_env.globals["logo_size"] = logo_size
    app.extensions["bottega_logo"] = (None, None)  # version of the profile, and the size of its logo


def branding_url(name: str) -> str:
    """The address of `branding.css`, `icon.svg` or `logo`, with the version of the profile."""
    endpoint = {"branding.css": "branding.style_sheet", "icon.svg": "branding.icon", "logo": "branding.logo"}[name]
    company: CompanyProfile | None = g.get("company")
    return url_for(endpoint, v=company.version if company else None)


def logo_size() -> Size | None:
    """Width and height of the company's logo, None where it does not say: its bytes are read once a version."""
    company: CompanyProfile = g.company
    version = company.version, company.updated_at
    known: tuple[Any, Size | None] = current_app.extensions["bottega_logo"]
    if known[0] != version:
        known = current_app.extensions["bottega_logo"] = (version, size_of_picture(company.logo or b""))
    return known[1]


@branding.get("/branding.css")
@public
def style_sheet() -> Response:
    """The colours, and how the public pages are set in type."""
    company: CompanyProfile = g.company
    colours = colour_rules(company.primary_colour, company.accent_colour)
    sizes = type_rules(company.type_scale, company.heading_font, company.text_font)
    words = "".join(f"  {name}: {value};\n" for name, value in sizes.items())
    return _kept(f"{colours}:root {{\n{words}}}\n", "text/css")


@branding.get("/branding/icon.svg")
@public
def icon() -> Response:
    """The mark in the browser's tab: the first letter on the company's colour."""
    company: CompanyProfile = g.company
    colour = parse_colour(company.primary_colour)
    letter = company.name[:1].upper()
    letter = letter if letter.isalnum() else "B"
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="7" fill="{to_hex(colour)}"/>'
        f'<text x="16" y="23" text-anchor="middle" font-family="sans-serif" font-size="20" font-weight="700" '
        f'fill="{to_hex(ink_upon(colour))}">{letter}</text></svg>'
    )
    return _kept(svg, "image/svg+xml")


@branding.get("/branding/logo")
@public
def logo() -> Response:
    """The logo."""
    company: CompanyProfile = g.company
    if not company.logo or not company.logo_type:
        abort(404)
    return _kept(company.logo, company.logo_type)


def _kept(content: str | bytes, kind: str) -> Response:
    response = Response(content, mimetype=kind)
    response.headers["Cache-Control"] = f"public, max-age={FOR_GOOD if 'v' in request.args else 60}"
    response.add_etag()
    response.make_conditional(request)
    return response


def colour_rules(primary: str, accent: str) -> str:
    """The CSS that dresses the pages in two colours given as #rrggbb."""
    main, second = parse_colour(primary), parse_colour(accent)
    return "\n".join(
        [
            ":root {",
            f"  --tblr-primary: {to_hex(main)};",
            f"  --tblr-primary-rgb: {main[0]}, {main[1]}, {main[2]};",
            f"  --tblr-primary-fg: {to_hex(ink_upon(main))};",
            f"  --house-primary-ink: light-dark({_on_light(main)}, {_on_dark(main)});",
            f"  --house-primary-edge: light-dark({_edge(main, WHITE)}, {_edge(main, DARK_CARD)});",
            f"  --house-accent: {to_hex(second)};",
            f"  --house-accent-fg: {to_hex(ink_upon(second))};",
            f"  --house-accent-ink: light-dark({_on_light(second)}, {_on_dark(second)});",
            "  --tblr-link-color: var(--house-primary-ink);",
            "  --tblr-link-hover-color: var(--house-primary-ink);",
            "}",
            "",
        ]
    )


def parse_colour(text: str) -> Colour:
    """The red, green and blue (0 to 255) of #rrggbb; the house's blue when `text` is none."""
    digits = text[1:] if re.fullmatch(r"#[0-9a-fA-F]{6}", text) else FALLBACK[1:]
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def to_hex(colour: Colour) -> str:
    """The colour as #rrggbb."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def ink_upon(colour: Colour) -> Colour:
    """White where it can be read upon `colour`, else black."""
    return WHITE if contrast(WHITE, colour) >= TEXT_CONTRAST else BLACK


def readable(colour: Colour, background: Colour, least: float) -> Colour:
    """`colour`, moved away from `background` just as far as text in it needs to reach the contrast `least`."""
    towards = BLACK if background == WHITE else WHITE
    for percent in range(0, 101, 4):
        mixed = _mix(colour, towards, percent / 100)
        if contrast(mixed, background) >= least:
            return mixed
    return towards


def _on_light(colour: Colour) -> str:
    return to_hex(readable(colour, WHITE, ON_LIGHT))


def _on_dark(colour: Colour) -> str:
    return to_hex(readable(colour, DARK_CARD, ON_DARK))


def _edge(colour: Colour, ground: Colour) -> str:
    """The edge of a shape in `colour` on `ground`: the colour itself where that stands out."""
    return to_hex(readable(colour, ground, EDGE_CONTRAST))


def _luminance(colour: Colour) -> float:
    parts = [value / 255 for value in colour]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mix(colour: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return red, green, blue
