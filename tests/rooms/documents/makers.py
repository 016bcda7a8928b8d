"""Documents that were run or rendered, for tests."""

from __future__ import annotations

import json

from sqlalchemy.orm import Session

from webapp.blueprints.documents.models import Run
from webapp.blueprints.documents.queries import DONE, RENDERING
from webapp.blueprints.documents.services import runs_folder
from webapp.blueprints.notebooks.models import Notebook


def make_page(session: Session, notebook: Notebook, *, kind: str = RENDERING, html: str = "<p>Figures</p>") -> Run:
    """A document that was rendered or run."""
    run = Run(
        notebook_id=notebook.id, kind=kind, path="reports/sales.ipynb", state=DONE, file=f"file{notebook.id}{kind}"
    )
    session.add(run)
    session.flush()
    folder = runs_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{run.file}.html").write_text(html)
    (folder / f"{run.file}.ipynb").write_text(json.dumps({"cells": []}))
    session.commit()
    return run
