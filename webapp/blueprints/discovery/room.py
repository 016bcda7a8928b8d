"""The discovery room: that pages are found, by search engines, by the site's own search, and where they moved to."""

from __future__ import annotations

import logging
import time

from flask import Flask
from flask_babel import lazy_gettext as _l
from sqlalchemy import event
from sqlalchemy.orm import Session

from webapp.blueprints.discovery.admin import admin_views
from webapp.blueprints.discovery.demo import load_demo
from webapp.blueprints.discovery.permissions import TITLES
from webapp.blueprints.discovery.permissions import DiscoveryPermission as May
from webapp.blueprints.discovery.services.redirecting import follow_move
from webapp.blueprints.discovery.tasks import INDEX, PATIENCE, SCHEDULES, TASKS
from webapp.blueprints.discovery.views import found, office, redirects
from webapp.blueprints.discovery.views.answers import answer_missing
from webapp.blueprints.tasks.public import ask
from webapp.core.db import after_commit, db, transaction
from webapp.core.events import listen
from webapp.core.public_state import shown_tables
from webapp.core.room import SITE_SECTION, MenuEntry, Panel, Room, opened
from webapp.core.security import SYSTEM
from webapp.core.site import PageMoved

log = logging.getLogger(__name__)
CHANGED = "discovery_changed"


def set_up(app: Flask) -> None:
    """Lead on who asks for moved pages, offer pictures, hear of moves, and bring the index up to date after changes."""
    app.after_request(answer_missing)
    app.extensions["bottega_page_picture"] = found.offer_picture
    listen(app, PageMoved, lambda session, moved: follow_move(session, moved.old_path, moved.new_path))
    if app.extensions["settings"].environment != "test" and not event.contains(
        db.session, "after_flush", notice_change
    ):  # there the tests ask for it
        event.listen(db.session, "after_flush", notice_change)


def notice_change(session: Session, _context: object) -> None:
    """Ask for the index once a transaction has committed in which something changed that strangers see."""
    if session.info.get(CHANGED):
        return
    shown = shown_tables(opened())
    if any(
        getattr(each, "__tablename__", "") in shown
        for part in (session.new, session.dirty, session.deleted)
        for each in part
    ):
        session.info[CHANGED] = True
        after_commit(session, lambda: ask_for_index(session))


def ask_for_index(session: Session) -> None:
    """Queue the index; changes of the same moment are one task. The minute's task does it where this fails."""
    session.info.pop(CHANGED, None)
    moment = int(time.time() / PATIENCE) + 1
    try:
        with transaction() as other:
            ask(other, INDEX, {"after": moment * PATIENCE}, by=SYSTEM, key=f"index:{moment}")
    except Exception:
        log.exception("the index of pages waits for its minute")


room = Room(
    name="discovery",
    title=_l("Search and redirects"),
    requires=("tasks",),
    admin_views=admin_views,
    blueprints=(found.blueprint, office.blueprint, redirects.blueprint),
    permissions=May,
    titles=TITLES,
    grants={"staff": frozenset(May), "viewer": frozenset({May.REPORTS_READ})},
    menu=(
        MenuEntry(_l("Site search"), "discovery.searches", May.REPORTS_READ, "search", 40, SITE_SECTION),
        MenuEntry(_l("Redirects"), "discovery_redirects.redirects", May.REPORTS_READ, "arrow-right", 40, SITE_SECTION),
    ),
    panels=(Panel("site.bar", "", found.render_search_box), Panel("site.problem", "", found.render_way_out)),
    setup=set_up,
    tasks=TASKS,
    schedules=SCHEDULES,
    demo=load_demo,
)
