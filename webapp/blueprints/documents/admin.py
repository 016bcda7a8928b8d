"""Documents that were run or rendered, in the administration: only to look at."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.blueprints.documents.models import Run
from webapp.core.admin import FromDay, ReadOnlyModelView


class RunAdmin(ReadOnlyModelView):
    """Documents that were run or rendered."""

    column_list = ("id", "notebook_id", "kind", "path", "state", "asked_at", "finished_at", "size")
    column_details_list = (*column_list[1:], "parameters", "words", "task_id", "asked_by")
    column_filters = ("notebook_id", "kind", "state", FromDay(Run.asked_at, _l("Asked for")))


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [RunAdmin(Run, _l("Documents run and rendered"))]
