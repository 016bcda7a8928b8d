"""Visits: where they begin and end, how many see one page alone, and the ways from page to page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from webapp.blueprints.traffic.models import Visit
from webapp.blueprints.traffic.queries.narrowing import exact
from webapp.blueprints.traffic.queries.visiting import get_bounces, list_ends, list_steps
from webapp.blueprints.traffic.views.asking import Asked
from webapp.blueprints.traffic.views.cards import Column, Panel, share, table

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def ends(session: Session, asked: Asked) -> list[Panel]:
    """Where visits begin and end."""
    panels = []
    for key, title, end in (
        ("entry", _("Where visits begin"), Visit.entry_id), ("exit", _("Where visits end"), Visit.exit_id),
    ):  # fmt: skip
        found = list_ends(session, asked.within, end)
        rows = [(asked.way(**{key: exact(path, number)}), (path, count)) for number, path, count in found]
        panels.append(
            table(key, title, (Column(_("Path"), key, "text"), Column(_("Visits"), "visits")), rows, figure="visits")
        )
    return panels


def bounces(session: Session, asked: Asked) -> list[Panel]:
    """How many visits saw one page alone."""
    found = get_bounces(session, asked.within)
    # one page view each; under other filters, whatever these leave of such a visit
    alone = {"seen": "one"} if asked.narrows else {"seen": "one", "content": "page"}
    rows = [
        (asked.lines(content="page"), (_("saw a page"), found.visits, 1.0 if found.visits else 0.0)),
        (asked.lines(**alone), (_("saw one page alone"), found.bounces, share(found.bounces, found.visits))),
    ]
    columns = (
        Column(_("Visits that"), "visits_that", "text"),
        Column(_("Visits"), "visits"),
        Column(_("Share"), "share", "percent"),
    )
    return [table("bounces", _("Bounces"), columns, rows, figure="visits")]


def steps(session: Session, asked: Asked) -> list[Panel]:
    """From page to page."""
    rows = [
        (asked.way(path=exact(each.origin, each.from_id), content="page"), (each.origin, each.target, each.times))
        for each in list_steps(session, asked.within)
    ]
    columns = (Column(_("From"), "from", "text"), Column(_("To"), "to", "text"), Column(_("Times"), "times"))
    return [table("steps", _("From page to page"), columns, rows, texts=2, figure="times")]
