"""Marks on the time: versions that went live, and notes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import TimeMark
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, DateRange, ListSpec, Search

MARKS = {"deploy": _l("new version"), "note": _l("note")}
MOST = 200  # marks that are drawn on a chart


def list_marks(session: Session, begin: dt.datetime, end: dt.datetime) -> Sequence[TimeMark]:
    """The marks between two aware moments, the second excluded: the newest ones, in their order."""
    query = select(TimeMark).where(TimeMark.at >= begin, TimeMark.at < end)
    found = session.scalars(query.order_by(TimeMark.at.desc(), TimeMark.id.desc()).limit(MOST)).all()
    return found[::-1]


def get_mark(session: Session, mark_id: int) -> TimeMark:
    """One mark. Raises NotFound."""
    found = session.get(TimeMark, mark_id)
    if found is None:
        raise NotFound(gettext("There is no such mark, or not any more."))
    return found


def said(mark: TimeMark) -> str:
    """What a mark says: its text, else the version that went live."""
    return " · ".join(part for part in (mark.release, mark.text) if part)


def list_of_marks() -> ListSpec:
    """All marks, newest first."""
    return ListSpec(
        name="traffic-marks",
        source=TimeMark,
        id=TimeMark.id,
        columns=(
            Column("at", _l("When"), TimeMark.at, kind="date", sort_by=TimeMark.at),
            Column("kind", _l("What"), TimeMark.kind, kind="choice", choices=MARKS, sort_by=TimeMark.kind),
            Column("text", _l("Text"), func.concat_ws(" · ", func.nullif(TimeMark.release, ""), func.nullif(TimeMark.text, ""))),
            Column("author", _l("By"), TimeMark.author),
        ),
        sort="-at",
        filters=(
            DateRange(_l("From"), _l("To"), TimeMark.at),
            Choice("kind", _l("What"), TimeMark.kind, MARKS),
        ),
        search=(Search(TimeMark.text), Search(TimeMark.release)),
        search_hint=_l("Text or version"),
    )  # fmt: skip
