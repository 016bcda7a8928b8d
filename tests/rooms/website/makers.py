"""What the tests of the website stand on: pages that are made in a line."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from webapp.blueprints.website.models import Page
from webapp.blueprints.website.queries.pages import Written, find_home, get_written
from webapp.blueprints.website.services.drafts import Content, save_draft
from webapp.blueprints.website.services.pages import begin_text, create_page
from webapp.blueprints.website.services.publishing import publish
from webapp.core.security import SYSTEM

EDITOR = "/backoffice/site/pages"


def make_home(session: Session) -> Page:
    """The start page in English, or the one that is there."""
    return find_home(session) or create_page(session, by=SYSTEM, parent_id=None, language="en", title="Home")


def make_page(session: Session, title: str = "About us", *, below: Page | None = None, **texts: Any) -> Page:
    """A draft in English, below the start page."""
    above = below or make_home(session)
    page = create_page(session, by=SYSTEM, parent_id=above.id, language="en", title=title)
    if texts:
        write(session, page, **texts)
    session.commit()
    return page


def translate(session: Session, page: Page, title: str) -> None:
    """The same page in Italian."""
    begin_text(session, by=SYSTEM, page=page, language="it", title=title, blocks=[])
    session.commit()


def draft_of(session: Session, page: Page, language: str = "en") -> Written:
    """The page as its editors see it now."""
    session.expire_all()
    return get_written(session, page.id, language)


def write(session: Session, page: Page, language: str = "en", remember: bool = True, **changes: Any) -> None:
    """Save a draft with these changes."""
    draft = draft_of(session, page, language).draft
    now = {name: getattr(draft, name) for name in ("title", "menu_title", "description", "blocks")}
    save_draft(
        session, by=SYSTEM, page_id=page.id, language=language, version=draft.version,
        content=Content(**(now | changes)), remember=remember,
    )  # fmt: skip
    session.commit()


def show(session: Session, page: Page, language: str = "en") -> str:
    """Publish the draft; its path."""
    written = draft_of(session, page, language)
    publish(session, by=SYSTEM, page_id=page.id, language=language, version=written.draft.version)
    session.commit()
    return draft_of(session, page, language).text.path


def text_block(text: str = "Good morning", name: str = "t1", **values: Any) -> dict[str, Any]:
    """A block of text."""
    return {"id": name, "kind": "text", "values": {"title": "", "text": text, "picture": None, "side": ""} | values}


def fields_of(page: str) -> dict[str, Any]:
    """What the editor's form would send: its fields as they stand, lists for names that come more than once."""
    form = page.partition('id="page-form"')[2].partition("</form>")[0]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        chosen = 'type="radio"' not in tag or " checked" in tag
        if name and chosen and 'type="checkbox"' not in tag:
            found.setdefault(name[1], []).append(value[1] if value else "")
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        found.setdefault(name, []).append(text)
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"\s+selected', options)
        found.setdefault(name, []).append(chosen[1] if chosen else "")
    return found


def open_editor(client: FlaskClient, page: Page, language: str = "en") -> dict[str, Any]:
    """The fields of the editor as the browser would send them back."""
    answer = client.get(f"{EDITOR}/{page.id}/{language}/")
    assert answer.status_code == 200, answer.text
    return fields_of(answer.text)


def post(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    """Send a small form, with the token that the tree's page has, in English."""
    page = client.get(f"{EDITOR}/", headers={"Accept-Language": "en"}).text
    found = re.search(r'name="csrf-token" content="([^"]*)"', page)
    token = found[1] if found else ""
    return client.post(EDITOR + path, data={"csrf_token": token, **fields}, headers={"Accept-Language": "en"})
