"""How public pages are set in type: two scales and a few faces that every system has. No font is ever fetched."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

SCALES: Mapping[str, LazyString] = {
    "generous": _l("Generous: large titles, much air"),
    "compact": _l("Compact: smaller titles, more on a screen"),
}
FONTS: Mapping[str, LazyString] = {
    "sans": _l("Plain (sans serif, the system's own)"),
    "humanist": _l("Warm (humanist sans serif)"),
    "serif": _l("Classical (serif)"),
}
# by https://modernfontstacks.com: each system has one of these
STACKS = {
    "sans": 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif',
    "humanist": 'Seravek, "Gill Sans Nova", Ubuntu, Calibri, "DejaVu Sans", source-sans-pro, sans-serif',
    "serif": '"Iowan Old Style", "Palatino Linotype", "URW Palladio L", P052, "Liberation Serif", Georgia, serif',
}
# fluid between a phone of 22.5rem and a screen of 80rem; every size grows with the reader's own text size (rem)
RULES = {
    "compact": {
        "text": "1rem",
        "small": "0.875rem",
        "lead": "clamp(1.0625rem, 1.04rem + 0.1vw, 1.125rem)",
        "h3": "clamp(1.125rem, 1.08rem + 0.22vw, 1.25rem)",
        "h2": "clamp(1.375rem, 1.24rem + 0.65vw, 1.75rem)",
        "h1": "clamp(1.75rem, 1.49rem + 1.3vw, 2.5rem)",
        "display": "clamp(2rem, 1.57rem + 2.17vw, 3.25rem)",
        "leading": "1.6",
        "space": "clamp(2rem, 1.48rem + 2.6vw, 3.5rem)",
        "gap": "clamp(1rem, 0.83rem + 0.87vw, 1.5rem)",
    },
    "generous": {
        "text": "clamp(1.0625rem, 1.02rem + 0.22vw, 1.1875rem)",
        "small": "clamp(0.9375rem, 0.92rem + 0.1vw, 1rem)",
        "lead": "clamp(1.1875rem, 1.12rem + 0.33vw, 1.375rem)",
        "h3": "clamp(1.25rem, 1.16rem + 0.43vw, 1.5rem)",
        "h2": "clamp(1.625rem, 1.36rem + 1.3vw, 2.375rem)",
        "h1": "clamp(2.125rem, 1.69rem + 2.17vw, 3.375rem)",
        "display": "clamp(2.5rem, 1.8rem + 3.48vw, 4.5rem)",
        "leading": "1.7",
        "space": "clamp(3rem, 1.78rem + 6.1vw, 6.5rem)",
        "gap": "clamp(1.25rem, 0.99rem + 1.3vw, 2rem)",
    },
}


def type_rules(scale: str, heading_font: str, text_font: str) -> dict[str, str]:
    """The custom properties of a scale and two faces, by name; an unknown name stands for the first of its kind."""
    sizes = RULES.get(scale, RULES["generous"])
    return {f"--site-{name}": value for name, value in sizes.items()} | {
        "--site-heading-font": STACKS.get(heading_font, STACKS["sans"]),
        "--site-text-font": STACKS.get(text_font, STACKS["sans"]),
        "--site-heading-weight": "600" if heading_font == "serif" else "700",
    }
