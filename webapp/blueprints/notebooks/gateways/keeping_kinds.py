"""The long work on images, homes and shared data. Only a worker of the queue `docker` does it: it alone has the engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.blueprints.notebooks.gateways import backups
from webapp.blueprints.notebooks.gateways.hands import HANDS, Hands, open_hands
from webapp.blueprints.notebooks.gateways.homes import measure, provide
from webapp.blueprints.notebooks.models import Notebook
from webapp.blueprints.notebooks.permissions import NotebooksPermission as May
from webapp.blueprints.notebooks.ports import Cause, EngineDown, EngineRefused
from webapp.blueprints.notebooks.queries.images import get_image
from webapp.blueprints.notebooks.queries.notebooks import WORK, may_do
from webapp.blueprints.notebooks.services.backups import BACK_UP, CLONE, RESTORE
from webapp.blueprints.notebooks.services.homes import MEGABYTE, shared_of
from webapp.blueprints.notebooks.services.images import (
    BUILD,
    OWN_IMAGE,
    PULL,
    checked_version,
    note_present,
    offer_built,
)
from webapp.blueprints.notebooks.services.shared import (
    SHARE,
    TAKE_BACK,
    drop_kept,
    get_shared_project,
    note_shared,
    note_taken_back,
    shared_folder,
)
from webapp.blueprints.notebooks.settings import KEEPERS_QUEUE, notebook_settings
from webapp.core.errors import DomainError, NotAllowed, NotFound
from webapp.core.jobs import TEMPORARY, Arguments, TaskKind, TaskRun
from webapp.core.settings import PROJECT

PIECE = 1 << 20
RETRIED = (*TEMPORARY, EngineDown)
FOLDER = PROJECT / "workspaces"
DOCKERFILE = "jupyter/Dockerfile"


class EngineSaidNo(DomainError):
    """The engine refused; the sentence is its own."""


def pull_image(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Fetch an image of the list. Raises NotFound, NotAllowed, EngineDown, EngineSaidNo."""
    _refuse_who_may_not(run)
    with run.transaction() as session:
        image = get_image(session, int(args["image_id"]))
        image_id, reference = image.id, image.reference
    hands = _hands()

    def tell(done: int, total: int | None, words: str) -> None:
        run.progress(-(-done // MEGABYTE), -(-total // MEGABYTE) if total else None, words)
        run.check()

    try:
        hands.images.pull(reference, tell)
    except EngineRefused as refused:
        with run.transaction() as session:
            note_present(session, image_id, reference, present=hands.images.has(reference))
        raise EngineSaidNo(_pull_problem(refused, reference)) from None
    with run.transaction() as session:
        note_present(session, image_id, reference, present=True)
    return {"reference": reference}


def _pull_problem(refused: EngineRefused, reference: str) -> str:
    named = {"image": reference, "reason": str(refused)}
    if refused.cause == Cause.NO_REGISTRY:
        return str(_("%(image)s could not be fetched, because its registry does not answer (%(reason)s): try again when it does.", **named))  # fmt: skip
    if refused.cause == Cause.IMAGE_MISSING:
        return str(_("%(image)s could not be fetched, because its registry does not have it, or not for this engine (%(reason)s): look at its name.", **named))  # fmt: skip
    return str(_("%(image)s could not be fetched: %(reason)s", **named))


def build_image(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Build the image that the project ships, and put it on the list. Raises NotAllowed, EngineDown, EngineSaidNo."""
    _refuse_who_may_not(run)
    reference = f"{OWN_IMAGE}:{checked_version(str(args['version']))}"
    steps = 0

    def tell(line: str) -> None:
        nonlocal steps
        if line.startswith("Step "):
            steps += 1
            now, _slash, rest = line.removeprefix("Step ").partition("/")
            total = rest.partition(" ")[0]
            if now.isdigit() and total.isdigit():
                run.progress(int(now) - 1, int(total), line[:300])
            run.log(line[:500])
        run.check()

    try:
        _hands().images.build(str(FOLDER), DOCKERFILE, reference, build_arguments(str(args["version"])), tell)
    except EngineRefused as refused:
        raise EngineSaidNo(_("The image could not be built: %(reason)s", reason=str(refused))) from None
    with run.transaction() as session:
        offer_built(session, reference=reference, by=run.by)
    return {"reference": reference}


def build_arguments(version: str) -> dict[str, str]:
    """What the Dockerfile asks for, as this installation answers it."""
    base = notebook_settings().base_image
    return {"VERSION": version} | ({"PYTHON_IMAGE": base} if base else {})


def back_up(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Save a home to a file."""
    number = _refuse_stranger(run, args, "notebook_id")
    return _tried(lambda hands: backups.back_up(run, hands, number))


def restore(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Put a backup in place of a home."""
    number = _refuse_stranger(run, args, "notebook_id")
    return _tried(lambda hands: backups.restore(run, hands, number, int(args["backup_id"])))


def clone(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Copy a home into that of a new notebook."""
    number, copy = _refuse_stranger(run, args, "notebook_id"), _refuse_stranger(run, args, "copy_id")
    return _tried(lambda hands: backups.clone(run, hands, number, copy))


def share(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Put an uploaded file into the shared data of a project."""
    name, path = str(args["name"]), shared_folder() / Path(str(args["kept"])).name
    with run.transaction() as session:
        project = get_shared_project(session, int(args["project_id"]), by=run.by)
        number, volume = project.id, shared_of(session, project.id)
    if not path.is_file():  # a worker that did it died before its last word
        return {"name": name}
    size = path.stat().st_size

    def work(hands: Hands) -> dict[str, Any]:
        provide(hands.volumes, volume)
        with path.open("rb") as file:
            pieces: Iterator[bytes] = iter(lambda: file.read(PIECE), b"")
            hands.volumes.add(volume.name, name, size, backups.counted(run, pieces, size, _("copying")))
        with run.transaction() as session:
            note_shared(session, number, name)
            drop_kept(session, path.name)
        return {"name": name, "bytes": measure(hands.volumes, volume)}

    return _tried(work)


def take_back(run: TaskRun, args: Arguments) -> dict[str, Any]:
    """Remove a file from the shared data of a project."""
    name = str(args["name"])
    with run.transaction() as session:
        project = get_shared_project(session, int(args["project_id"]), by=run.by)
        number, volume = project.id, shared_of(session, project.id)

    def work(hands: Hands) -> dict[str, Any]:
        provide(hands.volumes, volume)
        hands.volumes.take_out(volume.name, name)
        with run.transaction() as session:
            note_taken_back(session, number, name)
        return {"name": name, "bytes": measure(hands.volumes, volume)}

    return _tried(work)


def _tried(work: Any) -> dict[str, Any]:
    try:
        done: dict[str, Any] = work(_hands())
    except EngineRefused as refused:
        raise EngineSaidNo(_("The engine refused: %(reason)s", reason=str(refused))) from None
    return done


def _hands() -> Hands:
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Werkzeug's way to the thing behind
    opened: Hands = app.extensions.get(HANDS, open_hands)(app)
    return opened


def _refuse_who_may_not(run: TaskRun) -> None:
    """Rights can be taken from a person while their task waits."""
    if not run.by.may(May.IMAGES_EDIT):
        raise NotAllowed(_("%(name)s may not keep the list of images any more.", name=run.by.name))


def _refuse_stranger(run: TaskRun, args: Arguments, name: str) -> int:
    with run.transaction() as session:
        notebook = session.get(Notebook, int(args[name]))
        if notebook is None:
            raise NotFound(_("This notebook does not exist, or does not any more."))
        if not may_do(session, notebook, run.by, WORK):
            raise NotAllowed(_("%(name)s may not work in this notebook any more.", name=run.by.name))
        return notebook.id


def _of_home(args: Arguments) -> str:
    return f"notebook-home:{args.get('copy_id') or args['notebook_id']}"


def _of_project(args: Arguments) -> str:
    return f"notebook-shared:{args['project_id']}"


def _kind(name: str, title: Any, work: Any, **more: Any) -> TaskKind:
    return TaskKind(
        name=name, title=title, work=work, queue=KEEPERS_QUEUE, apart=True, retry_on=RETRIED, backoff=10,
        soft_limit=6 * 3600, hard_limit=6 * 3600 + 300, **more,
    )  # fmt: skip


KEEPING_TASKS = (
    _kind(PULL, _l("Fetch an image of notebooks"), pull_image, permission=May.IMAGES_EDIT, alone=lambda args: f"notebook-image:{args['image_id']}"),
    _kind(BUILD, _l("Build the image of notebooks"), build_image, permission=May.IMAGES_EDIT, alone=lambda _args: BUILD),
    _kind(BACK_UP, _l("Back up a notebook's home"), back_up, permission=May.RUN, alone=_of_home),
    _kind(RESTORE, _l("Restore a notebook's home"), restore, permission=May.RUN, alone=_of_home),
    _kind(CLONE, _l("Copy a notebook's home"), clone, permission=May.RUN, alone=_of_home),
    _kind(SHARE, _l("Share a file in a project"), share, permission=May.RUN, alone=_of_project),
    _kind(TAKE_BACK, _l("Take back a shared file"), take_back, permission=May.RUN, alone=_of_project),
)  # fmt: skip
