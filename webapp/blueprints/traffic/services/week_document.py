"""The weekly report as a document, in the language of the moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from babel.dates import format_date, format_datetime
from flask_babel import format_decimal, get_locale, gettext

from webapp.blueprints.traffic.queries.alerts import ALERT_KINDS, figure_in_words
from webapp.blueprints.traffic.queries.classes import CLASSES
from webapp.blueprints.traffic.queries.marks import MARKS
from webapp.core.company import CompanyProfile
from webapp.core.pdf import Document
from webapp.core.wording import number, share_in_percent, size

TOP = 10
Figures = dict[str, Any]
Section = tuple[str, Sequence[str], Sequence[Sequence[str]], int]
"""Title, columns, rows, and how many of the columns are words."""


def file_name(monday: dt.date) -> str:
    """What the file is called."""
    year, week, _day = monday.isocalendar()
    return f"traffic-{year}-W{week:02}.pdf"


def summary(figures: Figures) -> list[tuple[str, str, str]]:
    """The key figures of the week: name, value, and what they are compared with."""
    names = {
        "hits": gettext("Hits"), "visitors": gettext("Visitors"), "visits": gettext("Visits"),
        "page_views": gettext("Page views"), "bytes": gettext("Bytes"), "errors": gettext("Errors"),
    }  # fmt: skip
    before = figures["before"]
    return [
        (str(title), _told(name, figures[name]), _change(name, figures[name], before[name])) for name, title in names.items()
    ]  # fmt: skip


def period(figures: Figures) -> str:
    """The days of the week in words."""
    locale = str(get_locale() or "en")
    first, last = (dt.date.fromisoformat(figures[end]) for end in ("from", "to"))
    return f"{format_date(first, 'long', locale=locale)} - {format_date(last, 'long', locale=locale)}"


def sections(figures: Figures, company: CompanyProfile) -> list[Section]:
    """The tables of the report."""
    hits, path, before = gettext("Hits"), gettext("Path"), figures["before"]
    classes = [
        (
            str(CLASSES[kind]),
            number(each["hits"]),
            number(each["visitors"]),
            number(before["by_class"].get(kind, {}).get("hits", 0)),
        )
        for kind, each in figures["by_class"].items()
    ]
    statuses = [
        (status, number(count), number(before["by_status"].get(status, 0))) for status, count in figures["by_status"].items()
    ]  # fmt: skip
    week_before = gettext("Week before")
    return [
        (gettext("Classes of visitors"), (gettext("Class"), hits, gettext("Visitors"), week_before), classes, 1),
        (gettext("Answers by status"), (gettext("Status"), hits, week_before), statuses, 1),
        (
            gettext("Most asked paths"), (path, hits, gettext("Visitors")),
            [(each["path"], number(each["hits"]), number(each["visitors"])) for each in figures["top_paths"][:TOP]], 1,
        ),
        (
            gettext("Not found, and who points there"), (path, gettext("Referrer"), hits),
            [(each["path"], each["referrer"], number(each["hits"])) for each in figures["missing"][:TOP]], 2,
        ),
        (
            gettext("Other sites"), (gettext("Site"), hits, gettext("Visits")),
            [(each["site"], number(each["hits"]), number(each["visits"])) for each in figures["referring_sites"][:TOP]], 1,
        ),
        (
            gettext("Slow paths"), (path, hits, "p50", "p95"),
            [
                (each["path"], number(each["hits"]), _seconds(each["p50"]), _seconds(each["p95"]))
                for each in figures["slow_paths"][:TOP]
            ], 1,
        ),
        (
            gettext("Slowest answers"), (path, gettext("When"), gettext("Status"), gettext("Seconds"), gettext("In the database")),
            [
                (each["path"], _moment(each["at"], company), str(each["status"]), _seconds(each["seconds"]), _seconds(each["database"]))
                for each in figures.get("slowest", ())[:TOP]  # reports from before have none
            ], 2,
        ),
        (
            gettext("Attackers"), (gettext("Network"), gettext("Country"), hits, gettext("Attacks")),
            [
                (each["network"], each["country"], number(each["hits"]), number(each["attacks"]))
                for each in figures["attackers"][:TOP]
            ], 2,
        ),
        (
            gettext("Alerts"), (gettext("Alert"), gettext("Since"), gettext("Until"), gettext("Worst")),
            [
                (
                    " · ".join(part for part in (each["name"] or str(ALERT_KINDS[each["kind"]]), each["subject"]) if part),
                    _moment(each["opened_at"], company), _moment(each["closed_at"], company),
                    figure_in_words(each["kind"], each["worst"]),
                )
                for each in figures["alerts"]
            ], 3,
        ),
        (
            gettext("Marks on the charts"), (gettext("When"), gettext("What"), gettext("Text")),
            [
                (
                    _moment(each["at"], company), str(MARKS[each["kind"]]),
                    " · ".join(part for part in (each["release"], each["text"]) if part),
                )
                for each in figures["marks"]
            ], 3,
        ),
    ]  # fmt: skip


def week_document(figures: Figures, company: CompanyProfile, language: str) -> bytes:
    """The report as PDF."""
    title = title_of_week(figures)
    made = Document(title, language=language, foot=f"{company.name} · {title}", colour=company.primary_colour)
    made.title_line(title, f"{company.name} · {period(figures)}")
    made.figures(summary(figures))
    days = {each["day"]: each["hits"] for each in figures["days"]}
    first = dt.date.fromisoformat(figures["from"])
    week = [first + dt.timedelta(days=number) for number in range(7)]
    locale = str(get_locale() or "en")
    made.heading(gettext("Hits by the day"))
    made.bars(
        [
            (
                format_date(day, "EEE d", locale=locale),
                days.get(day.isoformat(), 0),
                number(days.get(day.isoformat(), 0)),
            )
            for day in week
        ]
    )
    for name, columns, rows, texts in sections(figures, company):
        made.heading(name)
        if rows:
            made.table(columns, rows, widths=_shares(len(columns), texts), texts=texts)
        else:
            made.paragraph(gettext("None"), soft=True)
    return made.content()


def title_of_week(figures: Figures) -> str:
    """What the report is called."""
    year, _dash, week = figures["week"].partition("-W")
    return str(gettext("Traffic, week %(week)s of %(year)s", week=int(week), year=year))


def _shares(columns: int, texts: int) -> list[float]:
    """How wide the columns are: figures a seventh of the line each, the first text twice the others'."""
    figures = columns - texts
    rest = (1 - figures / 7) / (texts + 1)
    return [rest * 2, *[rest] * (texts - 1), *[1 / 7] * figures]


def _told(name: str, value: int) -> str:
    return size(value) if name == "bytes" else number(value)


def _change(name: str, value: int, before: int) -> str:
    if not before:
        return str(gettext("before: none"))
    change = share_in_percent((value - before) / before, signed=True)
    return f"{change} · " + str(gettext("before: %(figure)s", figure=_told(name, before)))


def _seconds(value: float | None) -> str:
    return "—" if value is None else f"{format_decimal(round(value, 3))}\xa0s"


def _moment(told: str | None, company: CompanyProfile) -> str:
    if told is None:
        return "—"
    moment = dt.datetime.fromisoformat(told)
    return str(format_datetime(moment, "short", tzinfo=company.zone, locale=str(get_locale() or "en")))
