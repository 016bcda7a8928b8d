"""The page with the form of a record that is there, and its change: the second of two editors is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.core.errors import EditConflict
from webapp.core.forms import RecordForm, submit
from webapp.core.web import done

R = TypeVar("R")
F = TypeVar("F", bound=RecordForm)


def ask_and_edit(
    load: Callable[[], R],
    fill: Callable[..., F],
    page: Callable[..., Response],
    save: Callable[[Session, F, int], object],
    *,
    then: str,
    message: str,
) -> Response:
    """The form of the record that `load` finds; once it is sent, the change, or the form with what is wrong.

    `fill` makes the form of a record, with `formdata=None` without what was typed. `page` is given the form and the record,
    and `status` and `differences` where they are worth a word. `save` is given the version that the person saw. Raises the
    domain errors that belong to no field of the form.
    """
    stored = load()
    form = fill(stored)
    if request.method != "POST":
        return page(form, stored)
    seen = form.seen_version

    def work(session: Session) -> bool:
        save(session, form, seen)
        return True

    try:
        saved = submit(form, work)
    except EditConflict:
        theirs = load()
        return page(form, theirs, status=409, differences=form.meet(fill(theirs, formdata=None)))
    return done(then, message) if saved else page(form, stored, status=422)
