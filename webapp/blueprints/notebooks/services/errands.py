"""Errands as the house knows them: their names, which are still under way, and the volumes for what they make."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.events import ErrandUnderWay, WhichErrands
from webapp.blueprints.notebooks.models import Volume
from webapp.blueprints.notebooks.services.homes import HOME, UNFINISHED
from webapp.blueprints.notebooks.services.progress import house_of
from webapp.blueprints.notebooks.services.wishes import NoEngine
from webapp.blueprints.notebooks.settings import notebook_settings
from webapp.core.clock import utc_now
from webapp.core.events import gather

PREFIX = "run-"
TURNS = 10**12  # from here on a reader's turn is that of an errand: a throw-away container beside the notebook itself


def refuse_without_engine() -> None:
    """Raises NoEngine where nothing runs notebooks, so that nothing is asked for that nobody does."""
    if not notebook_settings().engine:
        raise NoEngine


def list_under_way(session: Session) -> frozenset[int]:
    """The numbers of the errands that somebody still works on, as the rooms above tell it."""
    return frozenset(each.number for each in gather(session, WhichErrands(), ErrandUnderWay))


def name_of_errand(number: int) -> str:
    """How its container is called."""
    return f"{PREFIX}{number}"


def number_of_errand(name: str) -> int | None:
    """Which errand a container of this name is; None for no errand."""
    number = name.removeprefix(PREFIX)
    return int(number) if number.isdigit() else None


def turn_of_errand(number: int) -> int:
    """The turn of the reader of GOLD that an errand has."""
    return TURNS + number


def make_room_for_output(session: Session, number: int) -> str:
    """The name of a volume for what an errand makes; the keeper removes it in some hours if nobody does before."""
    name = f"nb-{str(house_of(session))[:8]}-run-{number}"
    known = session.scalars(select(Volume).where(Volume.name == name)).one_or_none()
    if known is None:
        session.add(Volume(name=name, kind=HOME, remove_at=utc_now() + UNFINISHED))
    session.flush()
    return name


def let_output_go(session: Session, name: str) -> None:
    """The output was taken over: its volume is to go."""
    session.execute(update(Volume).where(Volume.name == name).values(remove_at=func.now()))
