"""Documents of a notebook run with parameters, or rendered for those who only read. The keeper does it in containers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.blueprints.documents.models import Run
from webapp.blueprints.documents.queries import DONE, FAILED, QUEUED, RENDERING, RUN, RUNNING, WORK, get_document_run
from webapp.blueprints.notebooks.public import (
    ErrandUnderWay,
    Notebook,
    NotebooksDeleted,
    WhatGoesAlong,
    WhichErrands,
    get_notebook,
    refuse_without_engine,
)
from webapp.blueprints.tasks.public import ENDED, Task, ask
from webapp.blueprints.workspaces.public import Belongings
from webapp.core.clock import utc_now
from webapp.core.db import after_commit
from webapp.core.errors import DomainError, NotAllowed, NotFound
from webapp.core.security import Actor
from webapp.core.settings import house_settings

RUN_DOCUMENT, RENDER_DOCUMENT = "notebooks.run_document", "notebooks.render_document"  # as schedules have stored them
KEPT = 50  # of one document
MEDIA = "application/x-ipynb+json"
LONGEST_PARAMETERS = 10_000
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
UNKEEPABLE = re.compile(r"[\ud800-\udfff]|(?<!\\)(?:\\\\)*\\u0000")  # what PostgreSQL has no place for, in JSON


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
        found[name] = _value_of(value)
        if UNKEEPABLE.search(json.dumps(found[name], ensure_ascii=False)):
            raise ParametersWrong(_("The value of “%(name)s” has signs that cannot be kept.", name=name))
    return found


def write_parameters(parameters: Mapping[str, Any]) -> str:
    """Parameters as lines, from which `read_parameters` reads the same again."""
    return "\n".join(f"{name} = {_in_a_line(value)}" for name, value in parameters.items())


def ask_to_run(
    session: Session, *, by: Actor, slug: str, document: str, parameters: str | Mapping[str, Any] = ""
) -> Run:
    """Let the keeper run a document, with parameters as lines or as JSON values; the run, which waits.

    Raises NotFound, NotAllowed, NoEngine, PathWrong and ParametersWrong.
    """
    notebook, path = _may_ask(session, by, slug), checked_path(document)
    lines = parameters if isinstance(parameters, str) else write_parameters(parameters)
    args = {"notebook": slug, "document": path, "parameters": lines}
    values = read_parameters(lines)
    task = ask(session, RUN_DOCUMENT, args, by=by)
    return _queue(session, notebook, RUN, path, task.id, by=by, parameters=values)


def ask_to_render(session: Session, *, by: Actor, slug: str, document: str) -> Run:
    """Let the keeper render a document for its readers; the rendering, which waits. Raises as `ask_to_run` does."""
    notebook, path = _may_ask(session, by, slug), checked_path(document)
    task = ask(session, RENDER_DOCUMENT, {"notebook": slug, "document": path}, by=by)
    return _queue(session, notebook, RENDERING, path, task.id, by=by, parameters={})


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


def get_document(session: Session, *, by: Actor, run_id: int) -> tuple[str, Path]:
    """The document that a run or rendering left, as JupyterLab opens it: a name for it, and the file.

    Raises NotFound, and NotAllowed for who only reads.
    """
    run, notebook = get_document_run(session, run_id, by=by)
    get_notebook(session, notebook.slug, by=by, to=WORK)
    path = runs_folder() / f"{run.file}.ipynb"
    if not run.file or not path.is_file():
        raise NotFound(_("Nothing was kept of it."))
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", run.path.rpartition("/")[2].removesuffix(".ipynb"))
    return f"{stem}-{run.id}.ipynb", path


def runs_folder() -> Path:
    """Where what runs and renderings made is kept: of each a document, and a page without anything that runs."""
    return house_settings().instance / "notebooks" / "runs"


def list_run_files(session: Session) -> frozenset[str]:
    """The names under which something is kept."""
    return frozenset(session.scalars(select(Run.file).where(Run.file != "")))


def is_under_way(session: Session, run_id: int) -> bool:
    """Whether somebody still works on that run."""
    return bool(session.scalar(select(Run.id).where(Run.id == run_id, Run.state.in_((QUEUED, RUNNING)))))


def tell_under_way(session: Session, _asked: WhichErrands) -> Iterator[ErrandUnderWay]:
    """The runs that somebody works on. Those whose task is over without having said so (cancelled, killed) are ended first."""
    ended = select(Task.id).where(Task.state.in_(ENDED))
    session.execute(
        update(Run)
        .where(Run.state.in_((QUEUED, RUNNING)), Run.task_id.in_(ended))
        .values(state=FAILED, finished_at=func.clock_timestamp(), words=_("It was ended before it was done."))
    )
    for number in session.scalars(select(Run.id).where(Run.state.in_((QUEUED, RUNNING)))):
        yield ErrandUnderWay(number)


def tell_documents(session: Session, asked: WhatGoesAlong) -> Iterator[Belongings]:
    """The runs and renderings of the notebooks, counted and in words."""
    mine = Run.notebook_id.in_(asked.notebook_ids)
    count, size = session.execute(select(func.count(Run.id), func.coalesce(func.sum(Run.size), 0)).where(mine)).one()
    if count:
        words = ngettext("%(num)s document run or rendered", "%(num)s documents run or rendered", count)
        yield Belongings("documents", words, count, int(size or 0))


def let_documents_go(session: Session, deleted: NotebooksDeleted) -> None:
    """The notebooks go, and their runs and renderings with what is kept of them."""
    for run in session.scalars(select(Run).where(Run.notebook_id.in_(deleted.notebook_ids))):
        _forget(session, run)
    session.flush()


def _queue(
    session: Session,
    notebook: Notebook,
    kind: str,
    path: str,
    task_id: int,
    *,
    by: Actor,
    parameters: Mapping[str, Any],
) -> Run:
    run = session.scalars(select(Run).where(Run.task_id == task_id)).one_or_none()
    if run is None:
        run = Run(notebook_id=notebook.id, kind=kind, path=path, task_id=task_id, asked_by=by.user_id)
        run.parameters = dict(parameters)
        session.add(run)
        session.flush()
    return run


def _may_ask(session: Session, by: Actor, slug: str) -> Notebook:
    notebook = get_notebook(session, slug, by=by, to=WORK)
    refuse_without_engine()
    return notebook


def _forget(session: Session, run: Run) -> None:
    if run.file:
        paths = [runs_folder() / f"{run.file}{ending}" for ending in (".ipynb", ".html")]

        def remove() -> None:
            for path in paths:
                path.unlink(missing_ok=True)

        after_commit(session, remove)
    session.delete(run)


def _value_of(text: str) -> Any:
    """JSON where it is, else the text itself."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return text


def _in_a_line(value: Any) -> str:
    """A value as it stands in a line; a text as it is where it is read as the same text again."""
    if isinstance(value, str) and value == value.strip() and _is_one_line(value) and _value_of(value) == value:
        return value
    told = json.dumps(value, ensure_ascii=False)
    return told if _is_one_line(told) else json.dumps(value)


def _is_one_line(text: str) -> bool:
    return len(text.splitlines()) < 2


def _refuse_constant(word: str) -> Any:
    raise ValueError(word)
