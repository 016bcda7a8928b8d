"""The list engine walks a table page by page in both directions, and nothing in an address can break it."""

from __future__ import annotations

import base64
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from tests.rooms.crm.makers import make_customer
from webapp.blueprints.crm.models import Customer
from webapp.blueprints.crm.queries import CUSTOMERS
from webapp.core.lists import Page, distinct_values, open_rows, read_arguments, read_page
from webapp.core.lists.cursors import Cursor

ROME = ZoneInfo("Europe/Rome")


def page(session: Session, *, at: str | None = None, **arguments: Any) -> Page:
    return read_page(session, CUSTOMERS, MultiDict({**arguments, **({"at": at} if at else {})}), zone=ROME)


def walk(session: Session, **arguments: Any) -> list[list[str]]:
    """The pages forwards, as customer numbers."""
    pages, at = [], None
    while True:
        found = page(session, at=at, size="25", columns=["number"], **arguments)
        pages.append([row.number for row in found.rows])
        at = found.next_cursor
        if at is None:
            return pages


def walk_back(session: Session, **arguments: Any) -> list[list[str]]:
    """The pages from the last to the first."""
    pages, at = [], "last"
    while at is not None:
        found = page(session, at=at, size="25", columns=["number"], **arguments)
        pages.append([row.number for row in found.rows])
        at = found.previous_cursor
    return pages


@pytest.fixture
def sixty(session: Session) -> list[Customer]:
    """Sixty customers, many of one name, some with the names of others in capitals."""
    names = ["Rossi", "rossi", "Bianchi", "ÀNGELO", "50%_off\\"]
    customers = [Customer(number=f"N{n:03}", name=names[n % 5], country=["Italy", ""][n % 2]) for n in range(60)]
    session.add_all(customers)
    session.flush()
    return customers


@pytest.mark.parametrize("sort", ["name", "-name", "number", "-number", "country", "-country"])
def test_walking_forwards_shows_every_row_once_in_order(session: Session, sixty: list[Customer], sort: str) -> None:
    reading = read_arguments(session, CUSTOMERS, MultiDict({"sort": sort}), zone=ROME)
    everything = [row.number for row in open_rows(session, reading)]
    pages = walk(session, sort=sort)
    assert [len(each) for each in pages] == [25, 25, 10]
    assert [number for each in pages for number in each] == everything
    assert len(set(everything)) == 60


@pytest.mark.parametrize("sort", ["name", "-country"])
def test_walking_back_from_the_last_page_shows_every_row_and_a_full_first_page(
    session: Session, sixty: list[Customer], sort: str
) -> None:
    forwards = [number for each in walk(session, sort=sort) for number in each]
    last, middle, first = walk_back(session, sort=sort)
    assert first == forwards[:25]
    assert middle + last == forwards[10:]


def test_going_on_and_back_leads_to_the_same_page(session: Session, sixty: list[Customer]) -> None:
    first = page(session, size="25")
    second = page(session, size="25", at=first.next_cursor)
    assert second.previous_cursor
    again = page(session, size="25", at=second.previous_cursor)
    assert [row.id_ for row in again.rows] == [row.id_ for row in first.rows]
    assert first.previous_cursor is None
    assert again.previous_cursor is None


def test_names_are_ordered_without_regard_to_case(session: Session) -> None:
    for name in ("beta", "Alpha", "GAMMA", "alpha 2"):
        make_customer(session, name=name)
    assert [row.name for row in page(session).rows] == ["Alpha", "alpha 2", "beta", "GAMMA"]


def test_a_row_that_comes_in_between_shifts_nothing(session: Session, sixty: list[Customer]) -> None:
    first = page(session, sort="number", size="25")
    make_customer(session, number="N0001", name="early")
    second = page(session, sort="number", size="25", at=first.next_cursor)
    assert second.rows[0].number == "N025"


def test_a_mark_whose_rows_are_gone_leads_to_the_first_page(session: Session, sixty: list[Customer]) -> None:
    mark = Cursor(after=True, sort="number", value="ZZZ", id=1).encode()
    found = page(session, sort="number", at=mark)
    assert found.rows[0].number == "N000"


def _packed(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "mark",
    [
        "x",
        "é",
        "=" * 5000,
        _packed(),
        _packed(1, "name", "a"),
        _packed(1, "name", "a", "1"),
        _packed(1, "name", 5, 1),
        _packed(1, "name", "a\x00b", 1),
        _packed(1, "name", "\ud800", 1),
        _packed(1, "name", "a", 2**70),
        _packed(1, "number", "a", 1),
        _packed(1, "name", None, 1),
        base64.urlsafe_b64encode(b"[" * 3000).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_a_tampered_mark_is_told_and_leads_to_the_first_page(
    session: Session, sixty: list[Customer], mark: str
) -> None:
    found = page(session, at=mark)
    assert len(found.notices) == 1
    assert found.rows == page(session).rows


@pytest.mark.parametrize(
    "arguments",
    [
        {"sort": "password"},
        {"sort": "--name"},
        {"sort": "email"},
        {"size": "1000000"},
        {"size": "-1"},
        {"columns": ["nothing", "id; drop table"]},
        {"q": "\x00"},
        {"unknown": "1"},
        {"kind": "\x00"},
    ],
)
def test_what_the_list_does_not_know_is_left_out(
    session: Session, sixty: list[Customer], arguments: dict[str, Any]
) -> None:
    found = page(session, **arguments)
    assert found.rows == page(session).rows
    assert not found.notices


def test_a_choice_that_is_none_is_told_and_filters_nothing(session: Session, sixty: list[Customer]) -> None:
    found = page(session, kind="alien")
    assert found.notices == ("Kind: “alien” is none of the choices.",)
    assert found.count == 60


def test_the_search_takes_its_text_literally(session: Session, sixty: list[Customer]) -> None:
    assert page(session, q="%_OFF\\").count == 12
    assert page(session, q="_____").count == 0
    assert page(session, q="àngelo").count == 12


def test_a_filter_takes_exactly_what_was_asked(session: Session, sixty: list[Customer]) -> None:
    make_customer(session, country="Italy ")
    assert page(session, country="Italy").count == 30


def test_only_the_chosen_columns_are_read(session: Session, sixty: list[Customer]) -> None:
    found = page(session, columns=["country", "number"])
    assert [column.key for column in found.reading.columns] == ["number", "country"]
    assert not hasattr(found.rows[0], "email")


def test_the_address_keeps_all_that_was_asked(session: Session, sixty: list[Customer]) -> None:
    asked = {"q": "rossi", "country": "Italy", "sort": "-number", "size": "25", "columns": ["number", "name"]}
    reading = page(session, **asked).reading
    assert reading.link() == "?q=rossi&country=Italy&sort=-number&columns=number&columns=name&size=25"
    assert reading.clear_link() == "?sort=-number&columns=number&columns=name&size=25"


def test_a_page_costs_two_statements_whatever_it_shows(session: Session, sixty: list[Customer]) -> None:
    statements: list[str] = []
    connection = session.connection()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    try:
        page(session, size="25", kind="organisation")
    finally:
        event.remove(connection, "before_cursor_execute", note)
    reads = [each for each in statements if "WITH RECURSIVE" not in each]
    assert len(reads) == 2
    assert all("LIMIT" in each for each in reads)


def test_more_than_a_thousand_are_not_counted(session: Session) -> None:
    session.add_all(Customer(number=f"M{n}", name="Many") for n in range(1001))
    session.flush()
    assert page(session).count is None


def test_distinct_values_are_found_in_order(session: Session, sixty: list[Customer]) -> None:
    make_customer(session, country="Austria")
    assert distinct_values(session, Customer.country) == ("Austria", "Italy")


def test_each_filter_in_force_is_told_in_words_with_the_way_out_of_it(session: Session, sixty: list[Customer]) -> None:
    reading = page(session, q="rossi", kind="person", country="").reading
    assert [(each.label, each.words) for each in reading.narrowed] == [("Search", "rossi"), ("Kind", "Person")]
    assert [each.without for each in reading.narrowed] == ["?kind=person", "?q=rossi"]
