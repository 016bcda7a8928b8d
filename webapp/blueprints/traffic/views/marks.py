"""Marks on the time charts: the versions that went live by themselves, and notes of the staff."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.traffic.forms import NoteForm
from webapp.blueprints.traffic.permissions import TrafficPermission as May
from webapp.blueprints.traffic.queries.marks import MARKS, get_mark, list_marks, list_of_marks, said
from webapp.blueprints.traffic.services.marks import add_note, remove_note
from webapp.core.clock import utc_now
from webapp.core.db import db
from webapp.core.deletion import ask_and_delete
from webapp.core.forms import submit
from webapp.core.happenings import Happening
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("traffic_marks", __name__, template_folder="../templates", url_prefix="/backoffice/traffic/marks")


def tell_happenings(begin: dt.datetime, end: dt.datetime) -> list[Happening]:
    """The marks between two moments for whoever may see them: what all time charts draw."""
    if not current_actor().may(May.READ):
        return []
    return [
        Happening(mark.at, mark.kind, str(MARKS[mark.kind]), said(mark), url_for("traffic_marks.mark", mark_id=mark.id))
        for mark in list_marks(db.session(), begin, end)
    ]


@blueprint.get("/")
@requires(May.READ)
def marks() -> Response:
    """All marks, or their export."""
    return show_list(db.session(), list_of_marks(), "traffic/marks.html", "traffic/_marks.html")


@blueprint.get("/<int:mark_id>/")
@requires(May.READ)
def mark(mark_id: int) -> Response:
    """One mark, with the way to the lines around it."""
    found = get_mark(db.session(), mark_id)
    around = [found.at.astimezone(g.company.zone) + dt.timedelta(minutes=minutes) for minutes in (-30, 30)]
    since, until = (moment.isoformat(timespec="minutes") for moment in around)
    days = {"from": around[0].date().isoformat(), "to": around[1].date().isoformat()}
    return show(
        "traffic/mark.html", mark=found, kinds=MARKS, said=said(found), lines={**days, "since": since, "until": until}
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires(May.NOTES)
def new_note() -> Response:
    """The form of a note, and its writing."""
    if request.method == "GET":
        now = utc_now().astimezone(g.company.zone).replace(tzinfo=None, second=0, microsecond=0)
        return show("traffic/note_form.html", form=NoteForm(formdata=None, data={"at": now}))
    form, by, zone = NoteForm(), current_actor(), g.company.zone
    made = submit(form, lambda s: add_note(s, by=by, at=form.moment(zone), text=form.text.data).id)
    if made is None:
        return show("traffic/note_form.html", status=422, form=form)
    return done(url_for(".marks"), _("The note was written. The time charts show it."))


@blueprint.route("/<int:mark_id>/delete", methods=["GET", "POST"])
@requires(May.NOTES)
def remove_mark(mark_id: int) -> Response:
    """The question whether to delete a note, and the deletion."""
    by = current_actor()

    def tell() -> dict[str, Any]:
        found = get_mark(db.session(), mark_id)
        return {"mark": found, "said": said(found)}

    return ask_and_delete(
        "traffic/mark_delete.html",
        tell,
        lambda s, _seen: remove_note(s, by=by, mark_id=mark_id),  # a note has no versions: nobody changes it
        then=url_for(".marks"),
        message=_("The note was deleted."),
    )
