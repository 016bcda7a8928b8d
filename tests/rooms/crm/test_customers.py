"""Customers are listed, exported, created, changed and deleted by those who may, and nobody's work is lost."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from tests.rooms.crm.makers import make_customer
from webapp.blueprints.crm.models import Customer
from webapp.blueprints.crm.services import clean_vat_number, is_italian_vat_number

SignIn = Callable[[str], FlaskClient]
URL = "/backoffice/customers/"
HTMX = {"HX-Request": "true"}
ENGLISH = {"Accept-Language": "en"}


def fields(**changes: str) -> dict[str, str]:
    return {"number": "C1", "name": "Ada", "kind": "person", "email": "", "country": "", "vat_number": ""} | changes


def test_the_page_shows_customers_and_for_htmx_only_the_results(session: Session, sign_in: SignIn) -> None:
    make_customer(session, name="Ferramenta Bianchi")
    browser = sign_in("viewer")
    page = browser.get(URL).text
    part = browser.get(f"{URL}?q=bian&country=", headers=HTMX)
    assert "<html" in page
    assert "Ferramenta Bianchi" in page
    assert "<html" not in part.text
    assert "Ferramenta Bianchi" in part.text
    assert part.headers["HX-Push-Url"] == f"{URL}?q=bian"
    assert "HX-Request" in part.headers["Vary"]


def test_a_step_back_in_the_history_brings_the_whole_page(sign_in: SignIn) -> None:
    answer = sign_in("viewer").get(URL, headers={**HTMX, "HX-History-Restore-Request": "true"})
    assert "<html" in answer.text


def test_a_viewer_sees_no_buttons_that_write(session: Session, sign_in: SignIn) -> None:
    customer = make_customer(session)
    for browser, there in ((sign_in("viewer"), False), (sign_in("staff"), True)):
        assert (f"{URL}new" in browser.get(URL).text) is there
        detail = browser.get(f"{URL}{customer.id}/").text
        assert ("/edit" in detail) is there
        assert ("/delete" in detail) is there


@pytest.mark.parametrize("path", ["new", "{id}/edit", "{id}/delete"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_writing_is_refused_to_viewers_and_strangers(
    session: Session, sign_in: SignIn, client: FlaskClient, path: str, method: str
) -> None:
    customer = make_customer(session, name="Untouched")
    where = URL + path.format(id=customer.id)
    viewer = sign_in("viewer")
    page = viewer.get(URL).text
    token = page.split('name="csrf-token" content="')[1].split('"')[0]
    assert getattr(viewer, method)(where, data=fields(csrf_token=token)).status_code == 403
    assert getattr(client, method)(where, data=fields()).status_code in (302, 303, 400, 401)
    session.expire_all()
    assert session.get(Customer, customer.id).name == "Untouched"


@pytest.mark.parametrize("path", ["", "suggestions?q=a", "{id}/"])
def test_reading_is_refused_to_strangers(session: Session, client: FlaskClient, path: str) -> None:
    customer = make_customer(session)
    assert client.get(URL + path.format(id=customer.id)).status_code in (302, 303, 401)


@pytest.fixture
def staff(sign_in: SignIn) -> Callable[..., object]:
    """A member of staff who fills in forms: `staff(path, data)`, the CSRF token included."""
    browser = sign_in("staff")

    def post(path: str, data: dict[str, str]) -> object:
        page = browser.get(URL, headers=ENGLISH).text
        token = page.split('name="csrf-token" content="')[1].split('"')[0]
        return browser.post(URL + path, data={**data, "csrf_token": token}, headers=ENGLISH)

    return post


def test_a_customer_is_created(session: Session, staff: Callable[..., object]) -> None:
    answer = staff("new", fields(number=" C7 ", name="Ada \x00Lovelace", email="ada@engine.org", country="UK"))
    customer = session.query(Customer).filter_by(number="C7").one()
    assert answer.status_code == 303
    assert answer.location.endswith(f"/customers/{customer.id}/")
    assert (customer.name, customer.email, customer.vat_number) == ("Ada Lovelace", "ada@engine.org", None)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": "  "}, "This field is required."),
        ({"number": "x" * 41}, "Field cannot be longer than 40 characters."),
        ({"email": "nobody"}, "Invalid email address."),
        ({"kind": "alien"}, "Not a valid choice."),
        ({"country": "Italia", "vat_number": "IT 12345678901"}, "This is not an Italian VAT number"),
        ({"number": "TAKEN"}, "Another customer has this number."),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    session: Session, staff: Callable[..., object], wrong: dict[str, str], sentence: str
) -> None:
    make_customer(session, number="TAKEN")
    session.commit()
    answer = staff("new", fields(**wrong))
    name = list(wrong)[-1]
    assert answer.status_code == 422
    assert sentence in answer.text.split(f'id="{name}-problem"')[1][:300]
    assert 'value="C1"' in answer.text or "number" in wrong


def test_the_second_of_two_editors_is_told_and_loses_nothing(session: Session, staff: Callable[..., object]) -> None:
    customer = make_customer(session, name="Old name")
    session.commit()
    where, seen = f"{customer.id}/edit", str(customer.version)
    first = staff(where, fields(name="First name", version=seen))
    second = staff(where, fields(name="Second name", version=seen))
    assert first.status_code == 303
    assert second.status_code == 409
    assert "First name" in second.text
    assert 'value="Second name"' in second.text
    session.expire_all()
    assert session.get(Customer, customer.id).name == "First name"
    version = second.text.split('name="version"')[1].split('value="')[1].split('"')[0]
    again = staff(where, fields(name="Second name", version=version))
    session.expire_all()
    assert again.status_code == 303
    assert session.get(Customer, customer.id).name == "Second name"


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
def test_a_form_without_its_version_stores_nothing(
    session: Session, staff: Callable[..., object], version: str
) -> None:
    customer = make_customer(session, name="Old name")
    session.commit()
    assert staff(f"{customer.id}/edit", fields(name="New", version=version)).status_code == 409
    session.expire_all()
    assert session.get(Customer, customer.id).name == "Old name"


def test_deleting_asks_first_and_then_deletes(session: Session, sign_in: SignIn, staff: Callable[..., object]) -> None:
    customer = make_customer(session, name="Gone & away")
    session.commit()
    assert "Gone &amp; away" in sign_in("staff").get(f"{URL}{customer.id}/delete").text
    assert staff(f"{customer.id}/delete", {"version": "99"}).status_code == 409
    assert staff(f"{customer.id}/delete", {"version": str(customer.version)}).status_code == 303
    assert session.query(Customer).filter_by(id=customer.id).count() == 0


def test_a_customer_that_is_not_there_is_a_404(sign_in: SignIn) -> None:
    browser = sign_in("staff")
    for path in ("9999999/", "9999999/edit", "9999999/delete", "99999999999999999999/"):
        assert browser.get(URL + path).status_code == 404


def test_suggestions_are_options(session: Session, sign_in: SignIn) -> None:
    make_customer(session, number="Z9", name="A <b> name")
    assert sign_in("viewer").get(f"{URL}suggestions?customer=z").text.strip() == (
        '<option value="Z9">A &lt;b&gt; name</option>'
    )


def exported(browser: FlaskClient, query: str, language: str = "en") -> bytes:
    answer = browser.get(f"{URL}?{query}", headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    return answer.data


def test_the_export_holds_what_is_filtered_and_no_formula(session: Session, sign_in: SignIn) -> None:
    make_customer(session, number="-5", name='=HYPERLINK("http://x")', country="Italy", email="@x")
    make_customer(session, number="7", name=" \t+1", country="Italy")
    make_customer(session, country="France")
    browser = sign_in("viewer")
    query = "country=Italy&sort=number&columns=number&columns=name&columns=email"
    content = exported(browser, f"{query}&format=csv")
    rows = [["Number", "Name", "E-mail"], ["'-5", '\'=HYPERLINK("http://x")', "'@x"], ["7", "' \t+1", ""]]
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig")))) == rows
    sheet = load_workbook(io.BytesIO(exported(browser, f"{query}&format=xlsx"))).active
    assert [[cell.value or "" for cell in row] for row in sheet.iter_rows()] == rows
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}


def test_the_italian_export_is_made_for_italian_spreadsheets(session: Session, sign_in: SignIn) -> None:
    make_customer(session, number="1", name="Uno")
    content = exported(sign_in("viewer"), "columns=number&columns=name&format=csv", "it")
    assert content.decode("utf-8-sig").splitlines()[1] == "1;Uno"


def test_an_export_with_a_filter_that_is_not_understood_is_refused(sign_in: SignIn) -> None:
    answer = sign_in("viewer").get(f"{URL}?kind=alien&format=csv")
    assert answer.status_code == 422
    assert "alien" in answer.text


@pytest.mark.parametrize("number", ["07643520567", "00743110157", "02342520158"])
def test_italian_vat_numbers_are_known_by_their_check_digit(number: str) -> None:
    assert is_italian_vat_number(number)
    for digit in "0123456789":
        assert is_italian_vat_number(number[:10] + digit) == (digit == number[10])


@pytest.mark.parametrize("text", ["", "0" * 11, "1234567890", "123456789012", "0764352056x", "٠٧٦٤٣٥٢٠٥٦٧"])
def test_what_is_not_eleven_digits_is_no_italian_vat_number(text: str) -> None:
    assert not is_italian_vat_number(text)


def test_vat_numbers_are_stored_plainly() -> None:
    assert clean_vat_number("IT 0764 3520.567", "Italy") == "07643520567"
    assert clean_vat_number("de 123-456", "Germany") == "DE123456"
    assert clean_vat_number("  ", "Italy") is None
