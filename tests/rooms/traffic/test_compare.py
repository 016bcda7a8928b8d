"""What the figures are compared with: beside each row and on each chart over time stands what the same panel said then."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.rooms.traffic.makers import AGENT, as_json, store
from webapp.core.charts import Mark, Point, bars, with_former, with_marks
from webapp.core.db import db

SignIn = Callable[[str], FlaskClient]
PAGE = "/backoffice/traffic/"
ENGLISH = {"Accept-Language": "en"}
TODAY = dt.datetime.now(dt.UTC).date()
FIRST, LAST = TODAY - dt.timedelta(days=4), TODAY - dt.timedelta(days=2)
BACK = dt.timedelta(days=3)
PHONE = AGENT.replace("X11; Linux x86_64", "Android 15; Mobile")
DAYS = f"from={FIRST}&to={LAST}"
THEN = f"from={FIRST - BACK}&to={LAST - BACK}&compare=none"
PANELS = {
    "overview": ("days", "paths", "status"), "pages": ("pages", "files", "missing", "redirects"),
    "visits": ("entry", "exit", "bounces", "steps"), "answers": ("classes", "path-classes", "method", "cache"),
    "speed": ("speeds",), "sources": ("sites", "engines", "referrers", "campaigns"),
    "visitors": ("hours", "kinds", "browsers", "systems", "devices", "networks"),
}  # fmt: skip
FIGURES = {"entry": "visits", "exit": "visits", "bounces": "visits", "steps": "times", "speeds": "p95"}
OVER_TIME = ("days", "classes", "speeds")
WORDS = {"missing": 2, "redirects": 2, "steps": 2, "hours": 2, "classes": 2}


@pytest.fixture(autouse=True)
def lines(session: Session, tmp_path: Path) -> None:
    """Three days, and the three before them, with what stayed, what is new and what is gone."""

    def at(day: dt.date, minute: int, **changes: str) -> bytes:
        moment = dt.datetime.combine(day, dt.time(9, minute), dt.UTC)
        return as_json(moment, **{"request_id": f"{day:%d}{minute:030x}", "query": ""} | changes)

    now = [
        at(FIRST, 0, uri="/", query="utm_campaign=spring", referrer="https://www.google.com/"),
        at(FIRST, 1, uri="/shop"), at(FIRST, 2, uri="/shop"), at(FIRST, 3, uri="/site.css", cache="HIT"),
        at(FIRST, 4, uri="/gone", status="404", referrer="https://other.example/a"), at(FIRST, 5, uri="/old", status="301"),
        at(LAST, 6, uri="/shop", address="198.51.100.9", user_agent=PHONE, request_time="0.500"),
        at(LAST, 7, uri="/fresh", method="POST", status="500"),
    ]  # fmt: skip
    then = [
        at(FIRST - BACK, 0, uri="/", referrer="https://www.bing.com/search"), at(FIRST - BACK, 1, uri="/shop"),
        at(FIRST - BACK, 2, uri="/last-year"), at(FIRST - BACK, 3, uri="/site.css"),
        at(FIRST - BACK, 4, uri="/gone", status="404", referrer="https://other.example/a"),
        at(FIRST - BACK, 5, uri="/older", status="302"), at(FIRST - BACK, 6, uri="/robots.txt", status="404"),
        at(LAST - BACK - dt.timedelta(days=1), 8, uri="/shop", query="utm_source=mail"),
    ]  # fmt: skip
    store(session, tmp_path, [*then, *now])


def read(client: FlaskClient, section: str, panel: str, query: str) -> list[dict[str, str]]:
    answer = client.get(f"{PAGE}figures/{section}/{panel}.csv?{query}", headers=ENGLISH)
    if answer.status_code == 404:  # nothing is drawn of a time without hits
        return []
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def names(panel: str, row: dict[str, str]) -> tuple[str, ...]:
    """By what a row is known again: of a chart over time, the day as it was then."""
    first, *rest = list(row.values())[: WORDS.get(panel, 1)]
    return (first, *rest)


def aligned(panel: str, row: dict[str, str]) -> tuple[str, ...]:
    first, *rest = names(panel, row)
    if panel in OVER_TIME:
        first = (dt.date.fromisoformat(first) + BACK).isoformat()
    return (first, *rest)


@pytest.mark.parametrize("narrow", ["", "&method=GET"])
@pytest.mark.parametrize("section", list(PANELS))
def test_beside_each_figure_stands_what_the_same_panel_said_then(sign_in: SignIn, section: str, narrow: str) -> None:
    client = sign_in("staff")
    for panel in PANELS[section]:
        figure = FIGURES.get(panel, "hits")
        now = read(client, section, panel, DAYS + narrow)
        then = {aligned(panel, row): row for row in read(client, section, panel, THEN + narrow)}
        alone = {names(panel, row): row for row in read(client, section, panel, f"{DAYS}&compare=none{narrow}")}
        assert len({names(panel, row) for row in now}) == len(now), panel
        if not then:
            assert all(f"{figure}_before" not in row for row in now), panel
            continue
        for row in now:
            here, before = alone.get(names(panel, row), {}), then.get(names(panel, row), {})
            assert row[f"{figure}_before"] == before.get(figure, "" if panel == "speeds" else "0"), panel
            assert (row[figure] or "0") == here.get(figure, "0"), panel
            assert_change(row, figure, of_time=panel in OVER_TIME)
        assert then.keys() | alone.keys() == {names(panel, row) for row in now}, panel


def assert_change(row: dict[str, str], figure: str, *, of_time: bool) -> None:
    ours, theirs, change = float(row[figure] or 0), float(row[f"{figure}_before"] or 0), row[f"{figure}_change"]
    if ours and theirs:
        assert float(change) == pytest.approx((ours - theirs) / theirs, rel=1e-4, abs=1e-6)
    elif not of_time:
        assert change == ("new" if ours else "gone" if theirs else "")


def test_the_page_tells_what_grew_what_is_new_and_what_is_gone(sign_in: SignIn) -> None:
    page = sign_in("staff").get(f"{PAGE}?{DAYS}", headers=ENGLISH).text
    part = page.split('id="panel-paths"')[1].split("</table>")[0]
    rows = {
        re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", row)).strip()
        for row in part.split("<tbody>")[1].split("</tr>")
    }  # fmt: skip
    assert any(row.startswith("/shop 3 2 +50 %") for row in rows), rows
    assert any(row.startswith("/fresh 1 0 new") for row in rows)
    assert any(row.startswith("/last-year 0 1 gone") for row in rows)
    [link] = re.findall(r'<a href="([^"]+)">/last-year</a>', part)
    lines = sign_in("staff").get(unescape(link), headers=ENGLISH).text
    assert "Nothing found" not in lines  # those of the time before


def drawings(page: str) -> list[dict[str, Any]]:
    return [json.loads(spec) for spec in re.findall(r"data-chart-spec>(.*?)</script>", page, re.DOTALL)]


@pytest.mark.parametrize(
    ("address", "panel", "figure"), [("", "days", "hits"), ("figures/answers/", "classes", "hits"), ("figures/speed/", "speeds", "p95")]
)  # fmt: skip
def test_a_chart_over_time_draws_the_time_before_as_a_dashed_line(
    sign_in: SignIn, address: str, panel: str, figure: str
) -> None:
    client = sign_in("staff")
    [spec] = drawings(client.get(f"{PAGE}{address}?{DAYS}", headers=ENGLISH).text)
    bars, line = spec["layer"][:2]
    assert line["encoding"]["strokeDash"]["scale"]["range"] == [[5, 3]]
    told: dict[str, float] = {}
    for row in read(client, address.removeprefix("figures/").rstrip("/") or "overview", panel, THEN):
        day = next(iter(row.values()))
        told[day] = told.get(day, 0.0) + float(row[figure])
    drawn = [point["value"] for point in line["data"]["values"]]
    assert drawn == pytest.approx([value for _day, value in sorted(told.items())], rel=1e-4)
    labels = bars["encoding"]["x"]["scale"]["domain"]
    assert {point["label"] for point in line["data"]["values"]} <= set(labels)
    assert {point["label"] for point in spec["data"]["values"]} <= set(labels)
    [alone] = drawings(client.get(f"{PAGE}{address}?{DAYS}&compare=none", headers=ENGLISH).text)
    assert "layer" not in alone


@pytest.fixture
def a_year_ago(session: Session, tmp_path: Path) -> None:
    """Two hits, 52 weeks before the last day."""
    moment = dt.datetime.combine(LAST - dt.timedelta(days=364), dt.time(9), dt.UTC)
    store(session, tmp_path, [as_json(moment), as_json(moment + dt.timedelta(minutes=3))], "old.jsonl")


@pytest.mark.usefixtures("a_year_ago")
@pytest.mark.parametrize("grain", ["minute", "hour", "day", "month"])
@pytest.mark.parametrize(("narrow", "compare"), [("", "previous"), ("&method=GET", "year")])
def test_nothing_of_the_time_before_is_lost_whatever_the_periods(
    sign_in: SignIn, grain: str, narrow: str, compare: str
) -> None:
    first, last = (LAST - dt.timedelta(days=1) if grain == "minute" else FIRST), LAST
    back = last - first + dt.timedelta(days=1) if compare == "previous" else dt.timedelta(days=364)
    client, options = sign_in("staff"), f"grain={grain}{narrow}"
    rows = read(client, "overview", "days", f"from={first}&to={last}&compare={compare}&{options}")
    then = read(client, "overview", "days", f"from={first - back}&to={last - back}&compare=none&{options}")
    assert sum(int(row["hits_before"]) for row in rows) == sum(int(row["hits"]) for row in then) > 0
    starts = [row[grain] for row in rows]
    assert starts == sorted(set(starts))


def test_the_drawn_figure_is_the_compared_one(sign_in: SignIn) -> None:
    rows = read(sign_in("staff"), "overview", "days", f"{DAYS}&figure=errors")
    assert [(row["errors"], row["errors_before"]) for row in rows] == [("1", "2"), ("0", "0"), ("1", "0")]
    assert "hits_before" not in rows[0]


def test_a_page_asks_nothing_twice(sign_in: SignIn, session: Session) -> None:
    client, asked = sign_in("staff"), []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "FROM traffic_hits" in statement or "FROM traffic_visits" in statement:
            asked.append((statement, str(parameters)))

    connection = session.connection()
    event.listen(connection.engine, "before_cursor_execute", note)
    try:
        for query in (
            "method=GET",
            "method=GET&grain=month",
            "method=GET&grain=hour",
            "method=GET&compare=none",
            "figure=bytes",
        ):
            asked.clear()
            assert client.get(f"{PAGE}?{DAYS}&{query}", headers=ENGLISH).status_code == 200
            assert len(asked) == len(set(asked)), query
            assert asked or query == "figure=bytes"
    finally:
        event.remove(connection.engine, "before_cursor_execute", note)
    assert db.session() is session


def test_who_saw_one_page_alone_is_found_line_by_line(sign_in: SignIn) -> None:
    client = sign_in("staff")
    page = client.get(f"{PAGE}figures/visits/?{DAYS}", headers=ENGLISH).text
    [link] = re.findall(r'<a href="([^"]+)">saw one page alone</a>', page)
    [row] = [row for row in read(client, "visits", "bounces", DAYS) if "alone" in row["visits_that"]]
    lines = client.get(f"{unescape(link)}&format=csv").data.decode("utf-8-sig").splitlines()
    assert int(row["visits"]) == len(lines) - 1 == 1
    several = client.get(f"{PAGE}requests/?{DAYS}&seen=more&format=csv").data.decode("utf-8-sig").splitlines()
    assert len(several) - 1 == 6  # the visit of the first day, which saw three


def test_marks_and_the_time_before_are_drawn_together_over_all_labels_of_both() -> None:
    def point(label: str, value: float) -> Point:
        return Point(key=label, label=label, value=value, text=str(value), url="/")

    spec = with_former(
        bars([point("Tue", 1), point("Thu", 2)], title="Hits"), [point("Mon", 3), point("Thu", 4)], title="then"
    )
    mark = Mark(label="Mon", kind="note", shape="circle", text="Fair", url="/")
    drawn = with_marks(spec, [mark])
    shown, line, marks = drawn["layer"]
    assert shown["encoding"]["x"]["scale"]["domain"] == ["Tue", "Mon", "Thu"]
    assert [each["value"] for each in line["data"]["values"]] == [3, 4]
    assert marks["data"]["values"] == [mark]
    assert with_former(bars([point("Tue", 1)], title="Hits"), [], title="then") == bars([point("Tue", 1)], title="Hits")
