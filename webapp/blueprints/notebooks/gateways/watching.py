"""What is watched from outside: whether notebooks can start, and how many stand where. Docker itself is not asked."""

from __future__ import annotations

import datetime as dt

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.models import Engine, Notebook, State
from webapp.blueprints.notebooks.settings import EXTENSION, NotebookSettings
from webapp.core.clock import utc_now
from webapp.core.db import db
from webapp.core.health import NotReady, add_check
from webapp.core.metrics import Figure, add_figures

SILENT = dt.timedelta(seconds=120)  # four rounds of the keeper


def set_up_watching(app: Flask) -> None:
    """Give the application its check and its figures."""
    add_check(app, "notebooks", lambda: tell_engine(app.extensions[EXTENSION]))
    add_figures(app, lambda session: list(list_states(session)))


def tell_engine(settings: NotebookSettings) -> str:
    """Whether notebooks can start, in words. Never a reason to take the suite off line: it does all else without."""
    if not settings.engine:
        return "no engine is set up (NOTEBOOK_ENGINE): the rest of the suite needs none"
    try:
        engine = db.session().get(Engine, 1)
        return words_of(engine, utc_now()) if engine else "the keeper has not begun to work"
    except DBAPIError as problem:
        raise NotReady(f"the database does not answer: {str(problem.orig).strip()}") from None


def words_of(engine: Engine, now: dt.datetime) -> str:
    """The engine as the keeper saw it last, in a sentence."""
    if engine.seen_at is None:
        return "the keeper has not looked at the engine yet: `bottega keeper` has to run, it alone reaches Docker"
    if now - engine.seen_at > SILENT:
        return f"the keeper is silent since {engine.seen_at:%Y-%m-%d %H:%M} UTC: notebooks run on, none starts or stops"
    if not engine.answers:
        return f"the engine does not answer the keeper ({engine.words}): notebooks that are wanted wait for it"
    return f"{engine.kind} {engine.version} answers the keeper" + (f"; {engine.words}" if engine.words else "")


def list_states(session: Session) -> list[Figure]:
    """How many notebooks stand where."""
    rows = session.execute(select(Notebook.state, func.count().label("notebooks")).group_by(Notebook.state))
    counted = {row.state: row.notebooks for row in rows}
    return [
        Figure("bottega_notebooks", "Notebooks by their state", counted.get(state.value, 0), (("state", state.value),))
        for state in State
    ]
