"""The pages show the figures of the report and the book; what is in the vault is read by the owner alone, and written down."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.conftest import ENGLISH
from tests.rooms.traffic.browsing import PAGE, SignIn, submit
from tests.rooms.traffic.makers import as_json, combined, store
from webapp.blueprints.traffic.models import TrafficFile, VaultAddress, VaultReading
from webapp.blueprints.traffic.queries.report import get_report
from webapp.blueprints.traffic.services.vault import read_address
from webapp.core.clock import utc_now
from webapp.core.errors import NotFound
from webapp.core.security import SYSTEM

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def file(session: Session, tmp_path: Path) -> TrafficFile:
    """A log of three requests and one line that no format knows."""
    hits = [
        combined(at=NOW),
        combined(at=NOW, address="203.0.113.8"),
        combined(at=NOW, request="GET /a%20b HTTP/1.1", status=404),
    ]
    store(session, tmp_path, [*hits, b"<script>alert(1)</script> 203.0.113.9\n"], "access.log")
    return session.scalars(select(TrafficFile)).one()


def test_the_page_shows_the_figures_of_the_report(file: TrafficFile, session: Session, sign_in: SignIn) -> None:
    report = get_report(session, None, None)
    page = sign_in("staff").get(PAGE, headers=ENGLISH).text
    assert re.findall(r'class="kpi-value">([\d,.]+)<', page)[:4] == [
        f"{figure:,}" for figure in (report.hits, report.visitors, report.visits, report.bytes)
    ]
    assert "The hits are those of the book of the files." in page
    assert "/a%20b" in page
    assert "As a table" in page


def test_days_without_hits_and_days_that_make_no_sense_are_told(sign_in: SignIn) -> None:
    client = sign_in("staff")
    assert "No hits on these days" in client.get(f"{PAGE}?from=2001-01-01&to=2001-01-02", headers=ENGLISH).text
    assert (
        "The last day is before the first one."
        in client.get(f"{PAGE}?from=2001-01-02&to=2001-01-01", headers=ENGLISH).text
    )
    assert "Write a date like 2026-11-21." in client.get(f"{PAGE}?from=soon", headers=ENGLISH).text


def test_the_days_are_had_as_a_file(file: TrafficFile, sign_in: SignIn) -> None:
    day = NOW.date().isoformat()
    content = (
        sign_in("staff").get(f"{PAGE}figures/overview/days.csv", headers=ENGLISH).data.decode("utf-8-sig").splitlines()
    )
    assert content[0] == "day,hits,visitors,visits,pages,bytes,errors"
    assert content[1].split(",")[1:] == ["3", "2", "2", "2", "3702", "1"]
    assert abs(dt.date.fromisoformat(content[1].split(",")[0]) - dt.date.fromisoformat(day)) <= dt.timedelta(days=1)


def test_the_book_adds_up_and_says_so(file: TrafficFile, sign_in: SignIn) -> None:
    client = sign_in("staff")
    page = client.get(f"{PAGE}files/", headers=ENGLISH).text
    assert "Every line is accounted for." in page
    assert "4 lines = 3 parsed + 1 rejected + 0 ignored" in page
    one = client.get(f"{PAGE}files/{file.id}/", headers=ENGLISH).text
    assert "not a line of a known format: 1" in one
    assert "203.0.113" not in one
    assert client.get(f"{PAGE}files/987654/", headers=ENGLISH).status_code == 404


def test_rejected_lines_are_read_by_the_owner_and_that_is_written_down(
    file: TrafficFile, session: Session, sign_in: SignIn
) -> None:
    address = f"{PAGE}files/{file.id}/rejected"
    page = submit(sign_in("owner"), address).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 203.0.113.9" in page
    [reading] = session.scalars(select(VaultReading)).all()
    assert f"file {file.id}" in reading.what
    assert "rejected lines of file" in sign_in("owner").get(f"{PAGE}readings/", headers=ENGLISH).text
    assert submit(sign_in("staff"), address).status_code == 403


def test_an_address_is_read_from_the_vault_and_that_is_written_down(file: TrafficFile, session: Session) -> None:
    day, visitor = session.execute(
        select(VaultAddress.day, VaultAddress.visitor).where(VaultAddress.address == "203.0.113.8")
    ).one()
    assert read_address(session, by=SYSTEM, day=day, visitor=visitor) == "203.0.113.8"
    with pytest.raises(NotFound):
        read_address(session, by=SYSTEM, day=day, visitor=visitor + 1)
    assert len(session.scalars(select(VaultReading)).all()) == 2


@pytest.mark.parametrize(
    ("narrow", "told"), [("", (3, 1)), ("status=404", (1, 1)), ("path=/shop", (2, 0)), ("host=x", (0, 0))]
)
def test_what_happens_now_obeys_the_filters_and_leads_to_its_lines(
    session: Session, sign_in: SignIn, tmp_path: Path, narrow: str, told: tuple[int, int]
) -> None:
    at = utc_now() - dt.timedelta(seconds=20)
    store(session, tmp_path, [as_json(at), as_json(at, uri="/other", status="404"), as_json(at, address="203.0.113.8")])
    client = sign_in("staff")
    page = client.get(f"{PAGE}now/?{narrow}", headers=ENGLISH)
    figures = re.findall(r'class="kpi-value">([\d,.]+)<', page.text)
    assert (int(figures[2]), int(figures[3])) == told
    again = unescape(re.findall(r'hx-get="([^"]+)"', page.text)[-1])
    assert again.partition("?")[2] == narrow, "it asks for itself again under the same filters"
    links = [unescape(each) for each in re.findall(r'<h2 class="h3">\s*<a href="([^"]+)"', page.text)]
    for link, count in zip(links[2:4], told, strict=True):
        rows = client.get(f"{link}&format=csv").data.decode("utf-8-sig").splitlines()
        assert len(rows) - 1 == count, link
    minutes = [unescape(each) for each in re.findall(r'<th scope="row">\s*<a href="([^"]+since=[^"]+)"', page.text)]
    rows_of = [client.get(f"{each}&format=csv").data.decode("utf-8-sig").splitlines() for each in minutes[:6]]
    assert sum(len(rows) - 1 for rows in rows_of) == told[0]
    assert client.get(f"{PAGE}now/?status=many", headers=ENGLISH).status_code == 422
