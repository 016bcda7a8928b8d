"""The page that asks whether to delete something of workspaces, and says what would go with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import request
from werkzeug.wrappers import Response

from webapp.core.forms import submit_deletion
from webapp.core.web import done, show

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def ask_and_delete(
    page: str,
    tell: Callable[[], dict[str, Any]],
    delete: Callable[[Session, int], None],
    *,
    then: str,
    message: str,
) -> Response:
    """The question with what `tell` says of the thing now; once answered, the deletion, or why it could not be done."""
    if request.method != "POST":
        return show(page, **tell())
    problem = submit_deletion(delete)
    if problem is None:
        return done(then, message)
    return show(page, status=409, **tell(), problem=problem.sentence)
