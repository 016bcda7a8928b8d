"""The web app manifest: what a telephone reads of a site that it installs (W3C, Web Application Manifest)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from webapp.blueprints.installed.models import InstalledSetting
from webapp.core.company import CompanyProfile

LONGEST_SHORT_NAME = 12  # signs that fit below an icon
GROUND = "#ffffff"


def short_name(company: CompanyProfile, setting: InstalledSetting, language: str) -> str:
    """What stands below the icon: what the company wrote, else its name, cut between words where it is long."""
    if given := setting.short_names.get(language):
        return str(given)
    if len(company.name) <= LONGEST_SHORT_NAME:
        return company.name
    short = ""
    for word in company.name.split():
        if len(f"{short} {word}") > LONGEST_SHORT_NAME:
            break
        short = f"{short} {word}".strip()
    return short or company.name[:LONGEST_SHORT_NAME]


def web_manifest(
    company: CompanyProfile, setting: InstalledSetting, language: str, address_of: Callable[[str], str]
) -> dict[str, Any]:
    """The manifest in a language; `address_of` an icon by its name."""
    pictures = [("icon-192", 192, "any"), ("icon-512", 512, "any"), ("maskable-512", 512, "maskable")]
    icons = [
        {"src": address_of(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for name, size, purpose in pictures
    ]
    shortcuts = [
        {
            "name": words,
            "url": path,
            "icons": [{"src": address_of("icon-192"), "sizes": "192x192", "type": "image/png"}],
        }
        for words, path in setting.shortcuts.get(language, ())
    ]
    return {
        "id": "/",
        "lang": language,
        "dir": "ltr",
        "name": company.name,
        "short_name": short_name(company, setting, language),
        "description": company.said("tagline", language),
        "start_url": f"/{language}",
        "scope": "/",
        "display": "standalone",
        "theme_color": company.primary_colour,
        "background_color": GROUND,
        "icons": icons,
        "shortcuts": shortcuts,
    }
