"""The page that asks whether to delete a record, and the deletion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.core.forms import submit_deletion
from webapp.core.web import done, show


def ask_and_delete(
    page: str,
    tell: Callable[[], dict[str, Any]],
    delete: Callable[[Session, int], None],
    *,
    then: str,
    message: str,
) -> Response:
    """The question with what `tell` says of the record now; once answered, the deletion, or why it could not be done.

    `delete` is given the version that the person saw.
    """
    if request.method != "POST":
        return show(page, **tell())
    problem = submit_deletion(delete)
    if problem is None:
        return done(then, message)
    return show(page, status=409, **tell(), problem=problem.sentence)
