"""The panels: one set of filters narrows them all, every figure leads to its lines, and they are those of the report."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.rooms.conftest import ENGLISH
from tests.rooms.traffic.browsing import PAGE, SignIn
from tests.rooms.traffic.makers import as_json, store
from webapp.blueprints.tasks.models import Task

NOON = dt.datetime.combine(dt.datetime.now(dt.UTC).date() - dt.timedelta(days=2), dt.time(10), dt.UTC)
DAY = NOON.date().isoformat()
DAYS = f"from={DAY}&to={DAY}"
SECTIONS = ("pages", "visits", "answers", "speed", "sources", "visitors")
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1"
REQUEST = "c0ffee00" * 4


@pytest.fixture(autouse=True)
def lines(session: Session, tmp_path: Path) -> None:
    """A visitor at a desk who comes from Google and walks through three pages, and one on a phone who finds nothing."""

    def at(minute: int, **changes: str) -> bytes:
        number = {"request_id": f"{minute:032x}"} | changes
        return as_json(NOON + dt.timedelta(minutes=minute), **number)

    content = [
        at(0, uri="/", query="utm_campaign=spring", referrer="https://www.google.com/"),
        at(1, uri="/site.css", referrer="https://suite.example.it/", query="", cache="HIT"),
        at(2, uri="/shop", query=""),
        at(3, uri="/cart", query="", status="302"),
        at(4, uri="/done", query="", request_time="2.500", upstream_time="2.400", database_time="1.900"),
        at(5, uri="/gone", query="", status="404", address="198.51.100.9", user_agent=PHONE, referrer="https://other.example/a*b"),
        at(6, uri="/broken", query="", status="500", address="198.51.100.9", user_agent=PHONE, request_id=REQUEST),
        at(7, uri="/" + "x" * 300, query="", host="shop.example.it", method="POST"),
    ]  # fmt: skip
    store(session, tmp_path, content)


def figures(client: FlaskClient, narrow: str = "") -> list[int]:
    """Hits, visitors, visits, bytes, page views and errors."""
    page = client.get(f"{PAGE}?{DAYS}&{narrow}", headers=ENGLISH).text
    return [int(figure.replace(",", "")) for figure in re.findall(r'class="kpi-value">([\d,]+)<', page)]


def test_the_key_figures_are_those_of_the_hits(sign_in: SignIn) -> None:
    assert figures(sign_in("staff")) == [8, 2, 2, 8 * 1234, 3, 2]


@pytest.mark.parametrize(
    ("narrow", "hits"),
    [
        ("host=shop.example.it", 1), ("host=nowhere", 0), ("path=/shop", 1), ("path=/s*", 2), ("status=404", 1),
        ("status=4xx", 1), ("status=400-599", 2), ("method=POST", 1), ("device=phone", 2), ("device=desktop", 6),
        ("browser=Firefox", 6), ("engine=Google", 1), ("site=other.example", 1), ("campaign=spring", 1), ("cache=HIT", 1),
        ("content=page", 3), ("content=file", 1), ("entry=/gone", 2), ("exit=/broken", 2), ("seconds_min=2", 1),
        ("words=broken", 1), ("network=198.51.100.0", 2), ("class=person", 8), ("class=waiting", 0), ("class=attack", 0),
        ("status=404&method=GET&device=phone", 1), ("country=IT", 0), ("country=-", 8),
    ],
)  # fmt: skip
def test_a_filter_narrows_figures_and_lines_alike(sign_in: SignIn, narrow: str, hits: int) -> None:
    client = sign_in("staff")
    found = figures(client, narrow)
    rows = (
        client.get(f"{PAGE}requests/?{DAYS}&{narrow}&format=csv", headers=ENGLISH).data.decode("utf-8-sig").splitlines()
    )
    assert len(rows) - 1 == hits
    assert (found[0] if found else 0) == hits


@pytest.mark.parametrize("section", SECTIONS)
def test_every_row_of_a_section_leads_to_lines(session: Session, sign_in: SignIn, tmp_path: Path, section: str) -> None:
    store(session, tmp_path, [as_json(NOON, uri="/shop", address="192.0.2.77")], "alone.jsonl")
    client = sign_in("staff")
    page = client.get(f"{PAGE}figures/{section}/?{DAYS}", headers=ENGLISH)
    assert page.status_code == 200
    links = {unescape(link) for link in re.findall(r'<th scope="row"[^>]*>\s*<a href="([^"]+)"', page.text)}
    assert links
    for link in links:
        answer = client.get(link, headers=ENGLISH)
        assert answer.status_code == 200, link
        assert "Nothing found" not in answer.text, link


def test_a_row_leads_to_as_many_lines_as_it_tells(sign_in: SignIn) -> None:
    client = sign_in("staff")
    for section, panel in (
        ("overview", "paths"), ("overview", "status"), ("overview", "days"), ("pages", "missing"), ("answers", "method"),
        ("sources", "referrers"), ("visitors", "browsers"), ("visitors", "devices"), ("visitors", "kinds"), ("visitors", "hours"),
    ):  # fmt: skip
        page = client.get(
            f"{PAGE}figures/{section}/?{DAYS}" if section != "overview" else f"{PAGE}?{DAYS}", headers=ENGLISH
        )
        part = page.text.split(f'id="panel-{panel}"' if f'id="panel-{panel}"' in page.text else f'id="chart-{panel}"')[
            1
        ]
        link = unescape(re.findall(r'<th scope="row"[^>]*>\s*<a href="([^"]+)"', part)[0])
        told = client.get(f"{PAGE}figures/{section}/{panel}.csv?{DAYS}").data.decode("utf-8-sig").splitlines()
        hits = dict(zip(told[0].split(","), told[1].split(","), strict=True))["hits"]
        rows = client.get(f"{link}&format=csv").data.decode("utf-8-sig").splitlines()
        assert len(rows) - 1 == int(hits), panel


def test_lines_by_their_seconds_come_once_each_from_page_to_page(
    session: Session, sign_in: SignIn, tmp_path: Path
) -> None:
    seconds = ["0.125"] * 30 + ["3.001", "3.002", "12.000", "-"] + [f"0.{number:03}" for number in range(126, 150)]
    store(
        session, tmp_path,
        [as_json(NOON, uri=f"/n{number}", request_time=each) for number, each in enumerate(seconds)], "many.jsonl",
    )  # fmt: skip
    client, address, found = sign_in("staff"), f"{PAGE}requests/?{DAYS}&path=/n*&sort=-seconds&size=25", []
    for _page in range(3):
        page = client.get(address, headers=ENGLISH).text
        found += re.findall(r"/n(\d+)<", page)
        onward = re.findall(r'href="(\?[^"]*\bat=(?!last)[^"]+)"', page)  # the previous page, and the next one
        address = f"{PAGE}requests/{unescape(onward[-1])}" if onward else ""
    told = [float(seconds[int(number)].replace("-", "-1")) for number in found]
    assert sorted(set(found), key=found.index) == found
    assert told == sorted((float(each.replace("-", "-1")) for each in seconds), reverse=True)


def test_the_slowest_tell_the_parts_of_the_application_and_of_the_databases(sign_in: SignIn) -> None:
    client = sign_in("staff")
    told = client.get(f"{PAGE}figures/speed/slowest.csv?{DAYS}").data.decode("utf-8-sig").splitlines()
    first = dict(zip(told[0].split(","), told[1].split(","), strict=True))
    assert (first["seconds"], first["application"], first["database"]) == ("2.5", "2.4", "1.9")
    assert (first["application_share"], first["database_share"]) == ("0.96", "0.76")
    told = client.get(f"{PAGE}figures/speed/speeds.csv?{DAYS}").data.decode("utf-8-sig").splitlines()
    day = dict(zip(told[0].split(","), told[1].split(","), strict=True))
    assert float(day["database"]) == pytest.approx((7 * 0.04 + 1.9) / (7 * 0.125 + 2.5), rel=1e-3)
    page = client.get(f"{PAGE}requests/{4:032x}/", headers=ENGLISH).text
    assert re.search(r"In the database</dt>\s*<dd[^>]*>\s*1\.9\s*<", page)


def test_filters_that_were_not_understood_are_told(sign_in: SignIn) -> None:
    client = sign_in("staff")
    answer = client.get(f"{PAGE}?{DAYS}&status=many&visitor=me&since=soon", headers=ENGLISH)
    assert answer.status_code == 422
    assert "Write a status like 404 or 5xx." in answer.text
    assert client.get(f"{PAGE}?from=0001-01-01&to=9999-12-31", headers=ENGLISH).status_code == 422


def test_htmx_gets_the_panels_alone_and_the_address(sign_in: SignIn) -> None:
    answer = sign_in("staff").get(f"{PAGE}?{DAYS}&host=&path=%2Fshop", headers=ENGLISH | {"HX-Request": "true"})
    assert "<html" not in answer.text
    assert answer.headers["HX-Push-Url"] == f"{PAGE}?from={DAY}&to={DAY}&path=/shop"


def test_the_period_before_is_compared(sign_in: SignIn) -> None:
    page = sign_in("staff").get(f"{PAGE}?{DAYS}", headers=ENGLISH).text
    assert "before: none" in page
    assert "before: none" not in sign_in("staff").get(f"{PAGE}?{DAYS}&compare=none", headers=ENGLISH).text


@pytest.mark.parametrize("grain", ["minute", "hour", "day", "month"])
def test_figures_are_told_by_the_period(sign_in: SignIn, grain: str) -> None:
    told = (
        sign_in("staff")
        .get(f"{PAGE}figures/overview/days.csv?{DAYS}&grain={grain}")
        .data.decode("utf-8-sig")
        .splitlines()
    )
    assert told[0].startswith(f"{grain},hits")
    assert sum(int(row.split(",")[-6]) for row in told[1:]) == 8


def test_a_request_has_a_page_with_its_trail(sign_in: SignIn) -> None:
    client = sign_in("staff")
    page = client.get(f"{PAGE}requests/{REQUEST}/", headers=ENGLISH).text
    assert "500 GET /broken" in re.sub(r"\s+", " ", page)
    assert "/gone" in page  # what the same visitor asked for around it
    assert "198.51.100.9" not in page
    assert client.get(f"{PAGE}requests/{'0' * 32}x/", headers=ENGLISH).status_code == 404
    assert client.get(f"{PAGE}lines/{2**62}/", headers=ENGLISH).status_code == 404


def test_the_trail_of_a_request_tells_the_tasks_that_it_asked_for(session: Session, sign_in: SignIn) -> None:
    session.add(Task(kind="traffic.let_go", args={}, actor="Ada", queue="default", most_attempts=1, request_id=REQUEST))
    session.flush()
    page = sign_in("owner").get(f"{PAGE}requests/{REQUEST}/", headers=ENGLISH).text
    assert "Let go of old traffic" in page


def test_the_moment_is_shown_and_asks_for_itself_again(sign_in: SignIn) -> None:
    client = sign_in("staff")
    assert "<html" in client.get(f"{PAGE}now/", headers=ENGLISH).text
    fragment = client.get(f"{PAGE}now/", headers=ENGLISH | {"HX-Request": "true"}).text
    assert "<html" not in fragment
    assert 'hx-trigger="every 5s"' in fragment


def test_a_visitor_without_the_right_sees_nothing(sign_in: SignIn) -> None:
    for address in ("", "now/", "requests/", "figures/pages/", f"requests/{REQUEST}/", "figures/overview/days.csv"):
        assert sign_in("viewer").get(PAGE + address, headers=ENGLISH).status_code == 403
