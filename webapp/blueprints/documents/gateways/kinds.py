"""The long work on documents: run with parameters, also by a schedule, and rendered for readers."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.blueprints.documents.gateways.working import work_on
from webapp.blueprints.documents.queries import RENDERING, RUN
from webapp.blueprints.documents.services import RENDER_DOCUMENT, RUN_DOCUMENT, read_parameters
from webapp.blueprints.notebooks.public import KEEPERS_QUEUE, EngineDown, EngineRefused, open_errands
from webapp.blueprints.notebooks.public import NotebooksPermission as May
from webapp.core.errors import DomainError
from webapp.core.jobs import TEMPORARY, Argument, Arguments, TaskKind, TaskRun

NOTEBOOK = Argument("notebook", _l("Notebook, by its short name"), required=True)
DOCUMENT = Argument("document", _l("Document, as in reports/sales.ipynb"), required=True)


class EngineSaidNo(DomainError):
    """The engine refused; the sentence is its own."""


def run_document(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Run a document. Raises NotFound, NotAllowed, NoHome, DocumentFailed, ParametersWrong, EngineDown, EngineSaidNo."""
    return _work(run, args, RUN, read_parameters(str(args.get("parameters") or "")))


def render_document(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Render a document. Raises what `run_document` does."""
    return _work(run, args, RENDERING, {})


def _work(run: TaskRun, args: Arguments, kind: str, parameters: dict[str, Any]) -> dict[str, Any]:
    errands = open_errands()
    try:
        return work_on(
            run, errands, slug=str(args["notebook"]), kind=kind, path=str(args["document"]), parameters=parameters
        )
    except EngineRefused as refused:
        raise EngineSaidNo(_("The engine refused: %(reason)s", reason=str(refused))) from None


def _kind(name: str, title: Any, work: Any, *more: Argument) -> TaskKind:
    return TaskKind(
        name=name, title=title, work=work, arguments=(NOTEBOOK, DOCUMENT, *more), permission=May.RUN,
        queue=KEEPERS_QUEUE, apart=True, attempts=2, retry_on=(*TEMPORARY, EngineDown), backoff=10,
        soft_limit=3600, hard_limit=3900, schedulable=True,
        alone=lambda args: f"notebook-document:{args['notebook']}:{args['document']}",
    )  # fmt: skip


TASKS = (
    _kind(
        RUN_DOCUMENT, _l("Run a document of a notebook"), run_document,
        Argument("parameters", _l("Parameters, as in country = Italy"), default=""),
    ),
    _kind(RENDER_DOCUMENT, _l("Render a document of a notebook for its readers"), render_document),
)  # fmt: skip
