"""Flask-Admin for the owner: every model of every open room, at /admin."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_admin import Admin, AdminIndexView
from flask_admin.theme import Bootstrap4Theme
from flask_babel import lazy_gettext as _l

from webapp.core.admin.fields import KeyLoader
from webapp.core.admin.filters import FromDay, ToDay
from webapp.core.admin.floor import floor_views
from webapp.core.admin.formats import shortened
from webapp.core.admin.lists import OwnerOnly, door
from webapp.core.admin.views import OwnerModelView, ReadOnlyModelView
from webapp.core.room import opened
from webapp.core.security import CorePermission, lock_endpoints
from webapp.core.web import nonce

__all__ = ["FromDay", "KeyLoader", "OwnerModelView", "ReadOnlyModelView", "ToDay", "set_up_admin", "shortened"]


class AdminHome(OwnerOnly, AdminIndexView):  # type: ignore[misc]  # Flask-Admin ships no types
    """The first page: the records of each open room."""

    def __init__(self, sections: list[tuple[Any, list[Any]]]) -> None:
        super().__init__(name=_l("Administration"), endpoint="admin", url="/admin")
        self.static_folder = None  # none of the library's scripts and styles is used
        self.sections = sections

    @door("/")
    def index(self) -> Any:
        """The records that can be administrated, room by room."""
        return self.render("admin/index.html", sections=self.sections)


def set_up_admin(app: Flask) -> None:
    """Open /admin with the views of the floor and of every open room, and declare their locks."""
    with app.app_context():
        sections: list[tuple[Any, list[Any]]] = [(_l("Company"), list(floor_views()))]
        sections += [(room.title, room.admin_views()) for room in opened() if room.admin_views]
        admin = Admin(
            app,
            name=_l("Administration"),
            index_view=AdminHome(sections),
            theme=Bootstrap4Theme(),
            csp_nonce_generator=nonce,
        )
        admin.record_views = [view for _title, views in sections for view in views]
        admin.add_views(*admin.record_views)
    lock_endpoints(app, "admin", CorePermission.ADMIN_USE)
    for view in admin.record_views:
        lock_endpoints(app, view.endpoint, CorePermission.ADMIN_USE)
