"""Documents of a notebook run with parameters, or rendered for those who only read. The keeper does it in containers."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.models import Notebook, Run, Volume
from webapp.blueprints.notebooks.queries.notebooks import WORK, get_notebook
from webapp.blueprints.notebooks.queries.runs import DONE, FAILED, QUEUED, RENDERING, RUN, RUNNING, get_document_run
from webapp.blueprints.notebooks.services.homes import HOME
from webapp.blueprints.notebooks.services.progress import house_of
from webapp.blueprints.notebooks.services.wishes import NoEngine
from webapp.blueprints.notebooks.settings import notebook_settings
from webapp.blueprints.tasks.public import ENDED, Task, ask
from webapp.core.clock import utc_now
from webapp.core.db import after_commit
from webapp.core.errors import DomainError, NotAllowed
from webapp.core.security import Actor
from webapp.core.settings import house_settings

RUN_DOCUMENT, RENDER_DOCUMENT = "notebooks.run_document", "notebooks.render_document"
KEPT = 50  # of one document
LONGEST_PARAMETERS = 10_000
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
UNFINISHED = dt.timedelta(hours=6)


class PathWrong(DomainError):
    """This names no document of a notebook's home."""

    status = 422
    field = "document"

    def __init__(self) -> None:
        super().__init__(_("Write the path of a document in the home of the notebook, as in reports/sales.ipynb."))


class ParametersWrong(DomainError):
    """These are no parameters."""

    status = 422
    field = "parameters"


def checked_path(path: str) -> str:
    """The path of a document below the home, in its plain form. Raises PathWrong."""
    pure = PurePosixPath(path.strip())
    if (
        pure.is_absolute()
        or ".." in pure.parts
        or pure.suffix != ".ipynb"
        or len(str(pure)) > 300
        or not str(pure).isprintable()
        or str(pure).startswith("-")
    ):
        raise PathWrong
    return str(pure)


def read_parameters(text: str) -> dict[str, Any]:
    """The parameters that lines of `name = value` say; a value is JSON where it can be, else text. Raises ParametersWrong."""
    if len(text) > LONGEST_PARAMETERS:
        raise ParametersWrong(_("These are too many parameters."))
    found: dict[str, Any] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        name, sign, value = (part.strip() for part in line.partition("="))
        if not sign or not NAME.fullmatch(name):
            raise ParametersWrong(
                _("“%(line)s” is no parameter: write one on each line, as in country = Italy.", line=line[:60])
            )
        try:
            found[name] = json.loads(value, parse_constant=_refuse_constant)
        except ValueError:
            found[name] = value
    return found


def write_parameters(parameters: Mapping[str, Any]) -> str:
    """Parameters as lines."""
    return "\n".join(
        f"{name} = {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in parameters.items()
    )


def ask_to_run(session: Session, *, by: Actor, slug: str, document: str, parameters: str) -> int:
    """Let the keeper run a document; the number of the task. Raises NotFound, NotAllowed, NoEngine, PathWrong, ParametersWrong."""
    notebook, path, values = _may_ask(session, by, slug), checked_path(document), read_parameters(parameters)
    args = {"notebook": slug, "document": path, "parameters": parameters}
    task = ask(session, RUN_DOCUMENT, args, by=by)
    _queue(session, notebook, RUN, path, task.id, by=by, parameters=values)
    return task.id


def ask_to_render(session: Session, *, by: Actor, slug: str, document: str) -> int:
    """Let the keeper render a document for its readers; the number of the task. Raises as `ask_to_run` does."""
    notebook, path = _may_ask(session, by, slug), checked_path(document)
    task = ask(session, RENDER_DOCUMENT, {"notebook": slug, "document": path}, by=by)
    _queue(session, notebook, RENDERING, path, task.id, by=by, parameters={})
    return task.id


def begin_run(
    session: Session, *, by: Actor, slug: str, kind: str, path: str, parameters: Mapping[str, Any], task_id: int
) -> Run:
    """The keeper begins, or begins again. Raises NotFound, NotAllowed (rights can end while a task waits), PathWrong."""
    notebook = get_notebook(session, slug, by=by, to=WORK)
    run = session.scalars(select(Run).where(Run.task_id == task_id)).one_or_none()
    if run is None:
        run = Run(notebook_id=notebook.id, kind=kind, path=checked_path(path), task_id=task_id, asked_by=by.user_id)
        session.add(run)
    run.parameters, run.state, run.words, run.finished_at = dict(parameters), RUNNING, "", None
    session.flush()
    return run


def end_run(
    session: Session,
    run_id: int,
    *,
    ok: bool,
    words: str = "",
    file: str = "",
    size: int | None = None,
    digest: str = "",
) -> None:
    """It is over; `file` names what is kept of it. Older ones of the same document make room."""
    run = session.get(Run, run_id)
    if run is None:
        return
    run.state, run.words, run.finished_at = DONE if ok else FAILED, words[:4000], utc_now()
    run.file, run.size, run.digest = file, size, digest
    session.flush()
    kept = 1 if run.kind == RENDERING and ok else KEPT
    same = select(Run).where(
        Run.notebook_id == run.notebook_id, Run.kind == run.kind, Run.path == run.path, Run.state.in_((DONE, FAILED))
    )
    for old in session.scalars(same.order_by(Run.id.desc()).offset(kept)):
        _forget(session, old)


def delete_run(session: Session, *, by: Actor, run_id: int) -> Run:
    """Forget a run or rendering and what is kept of it. Raises NotFound, NotAllowed while it is under way."""
    run, notebook = get_document_run(session, run_id, by=by)
    get_notebook(session, notebook.slug, by=by, to=WORK)
    if run.state in (QUEUED, RUNNING):
        raise NotAllowed(_("It is under way: cancel its task first."))
    _forget(session, run)
    return run


def runs_folder() -> Path:
    """Where what runs and renderings made is kept: of each a document, and a page without anything that runs."""
    return house_settings().instance / "notebooks" / "runs"


def list_run_files(session: Session) -> frozenset[str]:
    """The names under which something is kept."""
    return frozenset(session.scalars(select(Run.file).where(Run.file != "")))


def make_room_for_output(session: Session, run_id: int) -> str:
    """The name of a volume for what a run writes; the keeper removes it in some hours if nobody does before."""
    name = f"nb-{str(house_of(session))[:8]}-run-{run_id}"
    known = session.scalars(select(Volume).where(Volume.name == name)).one_or_none()
    if known is None:
        session.add(Volume(name=name, kind=HOME, remove_at=utc_now() + UNFINISHED))
    session.flush()
    return name


def let_output_go(session: Session, name: str) -> None:
    """The output was taken over: its volume is to go."""
    session.execute(update(Volume).where(Volume.name == name).values(remove_at=func.now()))


def is_under_way(session: Session, run_id: int) -> bool:
    """Whether somebody still works on that run."""
    return bool(session.scalar(select(Run.id).where(Run.id == run_id, Run.state.in_((QUEUED, RUNNING)))))


def end_abandoned(session: Session) -> None:
    """Runs whose task is over without having said so: it was cancelled, or its worker died for good."""
    ended = select(Task.id).where(Task.state.in_(ENDED))
    session.execute(
        update(Run)
        .where(Run.state.in_((QUEUED, RUNNING)), Run.task_id.in_(ended))
        .values(state=FAILED, finished_at=func.clock_timestamp(), words=_("It was ended before it was done."))
    )


def _queue(
    session: Session,
    notebook: Notebook,
    kind: str,
    path: str,
    task_id: int,
    *,
    by: Actor,
    parameters: Mapping[str, Any],
) -> None:
    known = session.scalar(select(Run.id).where(Run.task_id == task_id))
    if known is None:
        session.add(
            Run(notebook_id=notebook.id, kind=kind, path=path, task_id=task_id, parameters=dict(parameters), asked_by=by.user_id)
        )  # fmt: skip
        session.flush()


def _may_ask(session: Session, by: Actor, slug: str) -> Notebook:
    notebook = get_notebook(session, slug, by=by, to=WORK)
    if not notebook_settings().engine:
        raise NoEngine
    return notebook


def _forget(session: Session, run: Run) -> None:
    if run.file:
        paths = [runs_folder() / f"{run.file}{ending}" for ending in (".ipynb", ".html")]

        def remove() -> None:
            for path in paths:
                path.unlink(missing_ok=True)

        after_commit(session, remove)
    session.delete(run)


def _refuse_constant(word: str) -> Any:
    raise ValueError(word)
