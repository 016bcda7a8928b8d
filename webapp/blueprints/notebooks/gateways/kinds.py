"""The long work on notebooks that a wish asks for. Only a worker of the queue `docker` does it: it alone has the engine."""

from __future__ import annotations

from flask import current_app
from flask_babel import lazy_gettext as _l

from webapp.blueprints.notebooks.ports import EngineDown
from webapp.blueprints.notebooks.services.wishes import CLEAR, SETTLE
from webapp.blueprints.notebooks.settings import KEEPERS_QUEUE
from webapp.core.jobs import TEMPORARY, Arguments, TaskKind, TaskRun


def settle(run: TaskRun, args: Arguments) -> None:
    """Make true what is wanted of a notebook. Raises EngineDown: then it is tried again, and the reconciler does it too."""
    from webapp.blueprints.notebooks.gateways.driving import Busy, Driver
    from webapp.blueprints.notebooks.gateways.hands import open_hands

    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Werkzeug's way to the thing behind
    try:
        Driver(app, open_hands(app)).settle(int(args["notebook"]))
    except Busy:
        run.log("somebody else works on this notebook: they see the new wish")


def clear(_run: TaskRun, args: Arguments) -> None:
    """Remove what the engine has of a notebook that was deleted. Raises EngineDown."""
    from webapp.blueprints.notebooks.gateways.driving import Driver
    from webapp.blueprints.notebooks.gateways.hands import open_hands

    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Werkzeug's way to the thing behind
    Driver(app, open_hands(app)).clear(str(args["slug"]))


TASKS = (
    TaskKind(
        name=SETTLE,
        title=_l("Start or stop a notebook"),
        work=settle,
        queue=KEEPERS_QUEUE,
        apart=True,
        retry_on=(*TEMPORARY, EngineDown),
        backoff=3,
    ),
    TaskKind(
        name=CLEAR,
        title=_l("Clear away a deleted notebook"),
        work=clear,
        queue=KEEPERS_QUEUE,
        apart=True,
        retry_on=(*TEMPORARY, EngineDown),
        backoff=3,
    ),
)
