"""What is asked for: paths, pages, files, what is not there, and what has moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from webapp.blueprints.traffic.models import Hit
from webapp.blueprints.traffic.queries.figures import list_paths, list_shares
from webapp.blueprints.traffic.queries.narrowing import exact
from webapp.blueprints.traffic.views.asking import Asked
from webapp.blueprints.traffic.views.cards import Column, Panel, table
from webapp.blueprints.traffic.views.panels.shares import shares, usual

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def paths(session: Session, asked: Asked) -> list[Panel]:
    """The most asked paths."""
    found = list_paths(session, asked.within)
    return [shares(asked, "paths", (_("Most asked paths"), _("Path")), "path", found)]


def contents(session: Session, asked: Asked) -> list[Panel]:
    """Pages, and files."""
    pages, files = (list_paths(session, asked.within, content) for content in ("page", "file"))
    return [
        shares(asked, "pages", (_("Pages"), _("Path")), "path", pages, content="page"),
        shares(asked, "files", (_("Files"), _("Path")), "path", files, content="file"),
    ]


def missing(session: Session, asked: Asked) -> list[Panel]:
    """What is not there, and who points there."""
    found = list_shares(session, asked.within, Hit.path_id, Hit.status == 404, other=Hit.referrer_id)
    rows = [
        (
            asked.way(status="404", path=exact(each.text, each.id), referrer=exact(each.other, each.other_id)),
            (each.text, each.other, each.hits, each.visitors),
        )
        for each in found
    ]
    columns = (Column(_("Path"), "path", "text"), Column(_("Referrer"), "referrer", "text"), *usual()[:2])
    return [table("missing", _("Not found, and who points there"), columns, rows, texts=2, figure="hits")]


def redirects(session: Session, asked: Asked) -> list[Panel]:
    """What has moved."""
    moved = (Hit.status.between(300, 399), Hit.status != 304)
    found = list_shares(session, asked.within, Hit.path_id, *moved, status=True)
    rows = [
        (
            asked.way(status=str(each.status), path=exact(each.text, each.id)),
            (each.text, str(each.status), each.hits, each.visitors),
        )
        for each in found
    ]
    columns = (Column(_("Path"), "path", "text"), Column(_("Status"), "status", "text"), *usual()[:2])
    return [table("redirects", _("Redirects"), columns, rows, texts=2, figure="hits")]
