"""What the page shell asks for: the company, the menu with the current line, and the ways in and out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import Field

from webapp.core.room import opened
from webapp.core.security import current_actor
from webapp.core.web import menu

LANGUAGE_NAMES = {"it": "Italiano", "en": "English"}
# What tells people that they are not in the real house; production needs no sign.
ENVIRONMENT_NAMES = {"development": _l("Development"), "test": _l("Test")}


@dataclass(frozen=True)
class MenuLine:
    """A line of the back office menu as the shell draws it."""

    label: str
    url: str
    icon: str
    current: bool
    section: str = ""


@dataclass(frozen=True)
class MenuSection:
    """Lines of the menu that stand together; `label` is "" for a line that stands alone."""

    label: str
    lines: list[MenuLine]

    @property
    def current(self) -> bool:
        """Whether the page is among them."""
        return any(line.current for line in self.lines)


def set_up_shell(app: Flask) -> None:
    """Give the layouts and the form macros what they ask for."""
    app.jinja_env.globals.update(
        menu_lines=menu_lines,
        menu_sections=menu_sections,
        office_home=office_home,
        sign_in_url=sign_in_url,
        sign_out_url=sign_out_url,
        here=here,
        language_name=lambda code: LANGUAGE_NAMES.get(code, code),
        field_attributes=field_attributes,
        account_lines=account_lines,
        banners=banners,
        environment_name=ENVIRONMENT_NAMES.get(app.extensions["settings"].environment),
    )
    app.context_processor(lambda: {"company": g.get("company")})


def menu_lines() -> list[MenuLine]:
    """The menu of the current actor; the line whose address leads furthest towards this page is the current one."""
    entries = [(entry, url_for(entry.endpoint)) for entry in menu()]
    urls = [url for _entry, url in entries]
    current = _furthest(urls, request.path)
    return [
        MenuLine(str(entry.label), url, entry.icon, url == current, str(entry.section or "")) for entry, url in entries
    ]


def menu_sections() -> list[MenuSection]:
    """The same lines, those of one section together where its first one stands."""
    sections: list[MenuSection] = []
    for line in menu_lines():
        section = next((each for each in sections if each.label and each.label == line.section), None)
        if section is None:
            section = MenuSection(line.section, [])
            sections.append(section)
        section.lines.append(line)
    return sections


def account_lines() -> list[MenuLine]:
    """The pages of the current actor's own account, the current one marked; none for nobody."""
    actor = current_actor()
    entries = sorted((entry for room in opened() for entry in room.account), key=lambda entry: entry.order)
    if not actor.signed_in or banners():
        return []
    offered = [(each, url_for(each.endpoint)) for each in entries if not each.permission or actor.may(each.permission)]
    current = _furthest([url for _entry, url in offered], request.path)
    return [MenuLine(str(entry.label), url, entry.icon, url == current) for entry, url in offered]


def banners() -> list[Markup]:
    """What rooms have to say on every page; they add what renders it to `app.extensions["bottega_banners"]`."""
    if "banners" not in g:
        g.banners = []  # a banner that asks for them itself finds none
        g.banners = [Markup(told) for render in current_app.extensions.get("bottega_banners", ()) if (told := render())]  # noqa: S704 - templates of the house
    found: list[Markup] = g.banners
    return found


def _furthest(urls: list[str], path: str) -> str | None:
    """The longest of `urls` that is `path` or above it; the home of the office, above all others, counts for itself only."""
    matching = []
    for url in urls:
        folder = url.rstrip("/") + "/"
        is_hub = folder.count("/") == 2 and any(other != url and other.startswith(folder) for other in urls)
        if path == url or (not is_hub and path.startswith(folder)):
            matching.append(url)
    return max(matching, key=len, default=None)


def office_home() -> str:
    """The first page of the back office that the current actor may open, the start page for others."""
    entries = menu()
    return url_for(entries[0].endpoint) if entries else "/"


def sign_in_url() -> str | None:
    """The sign-in page, when a room offers one."""
    endpoint = current_app.extensions.get("bottega_sign_in")
    return url_for(endpoint) if endpoint else None


def sign_out_url() -> str | None:
    """The address that a sign-out form posts to, when a room offers one."""
    endpoint = current_app.extensions.get("bottega_sign_out")
    return url_for(endpoint) if endpoint else None


def here() -> str:
    """The path of this page with its query, where a switch comes back to; the start page after a write."""
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def field_attributes(control: Field, help_text: str, extra: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a control that tie it to its help and its problems."""
    notes = [f"{control.id}-help"] if help_text else []
    attributes = dict(extra)
    if control.errors:
        notes.append(f"{control.id}-problem")
        attributes["aria-invalid"] = "true"
    if notes:
        attributes["aria-describedby"] = " ".join(notes)
    return attributes
