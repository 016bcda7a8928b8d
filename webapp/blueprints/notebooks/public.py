"""What other rooms may use of notebooks: which there are, who may do what with them, and errands beside them."""

from __future__ import annotations

from flask import current_app
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.events import ErrandUnderWay, NotebooksDeleted, WhatGoesAlong, WhichErrands
from webapp.blueprints.notebooks.models import Notebook
from webapp.blueprints.notebooks.permissions import NotebooksPermission
from webapp.blueprints.notebooks.ports import EngineDown, EngineRefused, Errand, Errands, Outcome
from webapp.blueprints.notebooks.queries.notebooks import get_notebook, get_project_of, may_do
from webapp.blueprints.notebooks.services.errands import refuse_without_engine
from webapp.blueprints.notebooks.settings import KEEPERS_QUEUE

__all__ = [
    "ERRANDS",
    "KEEPERS_QUEUE",
    "EngineDown",
    "EngineRefused",
    "Errand",
    "ErrandUnderWay",
    "Errands",
    "Notebook",
    "NotebooksDeleted",
    "NotebooksPermission",
    "Outcome",
    "WhatGoesAlong",
    "WhichErrands",
    "find_notebook",
    "get_notebook",
    "get_project_of",
    "may_do",
    "open_errands",
    "refuse_without_engine",
]
ERRANDS = "notebook_errands"  # in the application's extensions: what opens them, set by the room itself


def find_notebook(session: Session, notebook_id: int) -> Notebook | None:
    """The notebook with this number, whoever asks; None when it is gone."""
    return session.get(Notebook, notebook_id)


def open_errands() -> Errands:
    """Those of this installation; only a worker of the queue `docker` may ask. Raises EngineDown."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Werkzeug's way to the thing behind
    errands: Errands = app.extensions[ERRANDS](app)
    return errands
