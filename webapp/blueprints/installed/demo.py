"""The demo company's site as an app: a short name, and shortcuts to the pages that the open rooms have."""

from __future__ import annotations

from flask import current_app
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from webapp.blueprints.installed.queries import get_setting
from webapp.blueprints.installed.services.changing import MOST_SHORTCUTS, update_setting
from webapp.core.security import SYSTEM

SHORTCUTS = {
    "it": [["Orari e indirizzo", "/it/dove-siamo"], ["Prodotti", "/it/prodotti"], ["Novità", "/it/notizie"]],
    "en": [["Hours and address", "/en/find-us"], ["Products", "/en/products"], ["News", "/en/news"]],
}


def load_demo(session: Session) -> None:
    """Store the short name and the shortcuts."""
    shortcuts = {
        language: [each for each in wanted if _is_there(each[1])][:MOST_SHORTCUTS]
        for language, wanted in SHORTCUTS.items()
    }
    values = {"short_names": {"it": "Manfredi", "en": "Manfredi"}, "shortcuts": shortcuts}
    update_setting(session, by=SYSTEM, version=get_setting(session, lock=True).version, values=values)


def _is_there(path: str) -> bool:
    """Whether a room has a page of its own at that path; one that takes whatever follows its beginning does not count."""
    try:
        _endpoint, arguments = current_app.url_map.bind("localhost").match(path)
    except (HTTPException, RequestRedirect):
        return False
    return set(arguments) <= {"language"}
