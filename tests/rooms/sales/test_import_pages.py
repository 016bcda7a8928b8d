"""The pages of imports and of the rows put aside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.sales.models import OrderLine, QuarantinedRow
from webapp.blueprints.sales.services.importing import import_sales
from webapp.core.security import SYSTEM

SignIn = Callable[[str], FlaskClient]
HEADER = "order,date,sku,description,category,quantity,price,customer,customer_name,country,discount"
GOOD = "N1,2024-01-01,S1,Thing,Things,1,1.5,C1,,Italy,"
BAD = "N2,soon,S1,=1+1,Things,1,1.5,C1,,Italy,"
LIST, ROW = "/backoffice/imports/quarantine/", "/backoffice/imports/quarantine/{}/"


@pytest.fixture
def bad_row(session: Session, tmp_path: Path) -> QuarantinedRow:
    """A row that an import put aside."""
    path = tmp_path / "january.csv"
    path.write_text(f"{HEADER}\n{GOOD}\n{BAD}\n")
    import_sales(session, path=path, mapping="demo", by=SYSTEM)
    session.commit()
    return session.scalars(select(QuarantinedRow)).one()


@pytest.fixture
def english(sign_in: SignIn) -> SignIn:
    """Sign in with a browser that asks for English."""

    def signed_in(role: str) -> FlaskClient:
        client = sign_in(role)
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    return signed_in


def send(client: FlaskClient, address: str, **data: str) -> Any:
    """Post a form as its page would, with the page's token."""
    page = client.get("/login", follow_redirects=True).text
    token = page.split('name="csrf-token" content="')[1].split('"')[0]
    return client.post(address, data={**data, "csrf_token": token})


def lines(session: Session) -> int:
    """How many order lines there are."""
    return session.scalar(select(func.count(OrderLine.id))) or 0


def test_imports_and_rows_are_listed_and_exported(english: SignIn, bad_row: QuarantinedRow) -> None:
    client = english("viewer")
    assert "january.csv" in client.get("/backoffice/imports/").text
    page = client.get(LIST + "?state=open&problem=not_a_date").text
    assert "N2,soon" in page
    assert "Not a date" in page
    assert "N2,soon" not in client.get(LIST + "?problem=nul").text
    assert "N2,soon,S1" in client.get(LIST + "?format=csv").get_data(as_text=True)
    assert client.get(LIST + "?format=xlsx").status_code == 200


def test_a_row_is_corrected_and_taken_in(english: SignIn, session: Session, bad_row: QuarantinedRow) -> None:
    client, address = english("staff"), ROW.format(bad_row.id)
    assert "soon is not a date" in client.get(address).text
    wrong = send(client, address, corrected=BAD.replace("soon", "later"))
    assert wrong.status_code == 422
    assert "later is not a date" in wrong.text
    assert BAD.replace("soon", "later") in wrong.text
    known = send(client, address, corrected=GOOD)
    assert (known.status_code, lines(session)) == (422, 1)
    assert "is stored already" in known.text
    taken = send(client, address, corrected=BAD.replace("soon", "2024-01-02") + "\r\n")
    assert (taken.status_code, lines(session)) == (303, 2)
    session.refresh(bad_row)
    assert (bad_row.state, bad_row.settled_by) == ("replayed", "The staff")
    again = send(client, address, corrected=GOOD, even_if_known="y")
    assert (again.status_code, lines(session)) == (409, 2)


def test_a_row_is_discarded(english: SignIn, session: Session, bad_row: QuarantinedRow) -> None:
    client = english("staff")
    assert send(client, ROW.format(bad_row.id) + "discard").status_code == 303
    session.refresh(bad_row)
    assert bad_row.state == "discarded"


def test_who_may_only_read_changes_nothing(english: SignIn, session: Session, bad_row: QuarantinedRow) -> None:
    client, address = english("viewer"), ROW.format(bad_row.id)
    assert client.get(address).status_code == 200
    assert send(client, address, corrected=GOOD).status_code == 403
    assert send(client, address + "discard").status_code == 403
    assert lines(session) == 1


def test_nobody_signed_in_sees_nothing(client: FlaskClient, bad_row: QuarantinedRow) -> None:
    for address in (LIST, "/backoffice/imports/", ROW.format(bad_row.id)):
        assert client.get(address).status_code in (302, 401)
    assert send(client, ROW.format(bad_row.id), corrected=GOOD).status_code in (302, 401)


def test_a_row_that_is_not_there_is_not_found(english: SignIn) -> None:
    assert english("staff").get(ROW.format(99)).status_code == 404
