"""Runs and renderings of documents in the API, below `/api/v1/workspaces`. The keeper does them: the answer names its task."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from webapp.blueprints.documents.models import Run
from webapp.blueprints.documents.queries import DOCUMENTS, SEE, WORK, get_document_run, visible_documents
from webapp.blueprints.documents.schemas import (
    DocumentLineSchema,
    DocumentSchema,
    RenderingAskedSchema,
    RunAskedSchema,
)
from webapp.blueprints.documents.services import MEDIA, ask_to_render, ask_to_run, delete_run, get_document
from webapp.blueprints.notebooks.public import get_notebook
from webapp.core.api import ID, ApiBlueprint, answer_list, arguments_of, page_of
from webapp.core.db import db, transaction
from webapp.core.security import current_actor, requires
from webapp.core.web import send_stream

blueprint = ApiBlueprint("documents", __name__, path="/workspaces", title="Documents of notebooks")


@blueprint.route("/notebooks/<slug>/documents")
@requires(SEE)
@blueprint.arguments(arguments_of(DOCUMENTS), location="query")
@blueprint.response(200, page_of(DocumentLineSchema, "Documents"))
def documents(_asked: dict[str, Any], slug: str) -> dict[str, Any]:
    """List the runs and renderings of a notebook's documents.

    Who only reads the project sees the renderings that can be read.
    """
    session, by = db.session(), current_actor()
    return answer_list(session, visible_documents(session, get_notebook(session, slug, by=by), by=by))


@blueprint.route("/notebooks/<slug>/documents/run", methods=["POST"])
@requires(WORK)
@blueprint.arguments(RunAskedSchema)
@blueprint.response(202, DocumentSchema)
def run(asked: dict[str, Any], slug: str) -> dict[str, Any]:
    """Run a document of a notebook with parameters."""
    with transaction() as session:
        return _told(ask_to_run(session, by=current_actor(), slug=slug, **asked), slug)


@blueprint.route("/notebooks/<slug>/documents/render", methods=["POST"])
@requires(WORK)
@blueprint.arguments(RenderingAskedSchema)
@blueprint.response(202, DocumentSchema)
def render(asked: dict[str, Any], slug: str) -> dict[str, Any]:
    """Render a document of a notebook, as it is now, for its readers."""
    with transaction() as session:
        return _told(ask_to_render(session, by=current_actor(), slug=slug, **asked), slug)


@blueprint.route(f"/documents/<{ID}:run_id>")
@requires(SEE)
@blueprint.response(200, DocumentSchema)
def document(run_id: int) -> dict[str, Any]:
    """Read how a run or rendering stands."""
    found, notebook = get_document_run(db.session(), run_id, by=current_actor())
    return _told(found, notebook.slug)


@blueprint.route(f"/documents/<{ID}:run_id>/download")
@requires(WORK)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type=MEDIA)
def download(run_id: int) -> Response:
    """Fetch the document that a run or rendering left, as JupyterLab opens it."""
    name, path = get_document(db.session(), by=current_actor(), run_id=run_id)
    return send_stream(iter([path.read_bytes()]), media=MEDIA, name=name)


@blueprint.route(f"/documents/<{ID}:run_id>", methods=["DELETE"])
@requires(WORK)
@blueprint.response(204)
def forget(run_id: int) -> None:
    """Delete a run or rendering that is over, and what is kept of it."""
    with transaction() as session:
        delete_run(session, by=current_actor(), run_id=run_id)


def _told(found: Run, slug: str) -> dict[str, Any]:
    """A run as its schema writes it."""
    columns = {column.key: getattr(found, column.key) for column in found.__table__.columns}
    return {**columns, "document": found.path, "notebook": slug}
