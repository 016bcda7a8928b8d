"""The figures of a panel beside those of the time that they are compared with: row by row, and drawn as a dashed line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _

from webapp.blueprints.traffic.views.asking import DEEP, Asked
from webapp.blueprints.traffic.views.cards import Column, Panel, Way, change_of, table, written

ABSENT = {"number": 0, "bytes": 0}  # what a row has that is gone
RATES = ("seconds", "percent")  # of what was not told nothing is known


def compared(now: Panel, then: Panel | None) -> Panel:
    """The first rows with what their figure was then, and the first ones of then that are gone; as it is without any.

    A row that is not among those of then is new, unless then had more rows than were read: then nothing is known of it.
    """
    if not now.figure or then is None or not then.lines:
        return replace(now, lines=now.lines[: now.most])
    names = list(now.data_columns)
    place = names.index(now.figure)
    kind = now.headings[place].kind
    rated = kind in RATES
    known = {line.values[: now.texts]: line.values[place] for line in then.lines}
    whole = len(then.lines) < DEEP and not rated
    rows: list[tuple[Way, Sequence[Any]]] = []
    for line in now.lines[: now.most]:
        before = known.get(line.values[: now.texts], 0 if whole else None)
        rows.append((line.way, with_change(line.values, place, before)))
    ways = [line.ways and (*line.ways[: place + 1], "", "", *line.ways[place + 1 :]) for line in now.lines[: now.most]]
    if len(now.lines) < DEEP and not rated:
        here = {line.values[: now.texts] for line in now.lines}
        for line in (each for each in then.lines[: now.most] if each.values[: now.texts] not in here):
            left = [ABSENT.get(column.kind) for column in now.headings[now.texts :]]
            rows.append((line.way, with_change([*line.values[: now.texts], *left], place, line.values[place])))
            ways.append(())
    return table(
        now.key, now.title, with_columns(now.headings, place), rows, sentence=now.sentence, texts=now.texts, spec=now.spec,
        wide=now.wide, urls=ways, figure=now.figure, most=len(rows),
    )  # fmt: skip


def with_columns(columns: Sequence[Column], place: int) -> tuple[Column, ...]:
    """The columns with two more behind the compared one."""
    figure = columns[place]
    beside = (
        Column(_("Earlier"), f"{figure.name}_before", figure.kind), Column(_("Change"), f"{figure.name}_change", "change"),
    )  # fmt: skip
    return (*columns[: place + 1], *beside, *columns[place + 1 :])


def with_change(values: Sequence[Any], place: int, before: Any, *, of_time: bool = False) -> tuple[Any, ...]:
    """The values of a row with what the compared one was before, None where that is not known, and its change.

    A day is never new or gone: rows `of_time` tell no change from nothing.
    """
    now = values[place]
    change = None if before is None or now is None else change_of(now, before)
    if of_time and isinstance(change, str):
        change = -1.0 if change == "gone" else None
    return (*values[: place + 1], before, change, *values[place + 1 :])


def beside(text: str, now: float, before: float, kind: str) -> str:
    """A figure in words, with what it was before."""
    was = _("before: %(figure)s", figure=written(before, kind))
    change = change_of(now, before)
    return (
        f"{text} ({was})"
        if change is None or isinstance(change, str)
        else f"{text} ({was}, {written(change, 'change')})"
    )


def dashed(asked: Asked) -> str:
    """What the dashed line of a chart is."""
    return str(_("The dashed line shows %(days)s.", days=days_of(asked.former))) if asked.former else ""


def days_of(asked: Asked) -> str:
    """The days that are asked for, in words."""
    first, last = (str(format_date(day, "short")) for day in (asked.within.first, asked.within.last))
    return first if first == last else f"{first} - {last}"
