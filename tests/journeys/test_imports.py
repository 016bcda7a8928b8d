"""Somebody who knows no mappings takes a sales file all the way: upload, columns, check, import, correction, undo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, text

from tests.journeys.conftest import House, Visitor
from webapp.blueprints.tasks.gateways.runner import execute
from webapp.blueprints.tasks.models import State, Task
from webapp.core.db import db, transaction

pytestmark = pytest.mark.needs("chromium")
Visit = Callable[..., Visitor]
NEW = "/backoffice/imports/new"
ROWS = (
    "Documento;Data;Codice;Descrizione;Qta;Prezzo;Cliente;Paese",
    "J1;03/01/2026;JA1;Piatto;2;1.234,50;J10;Italia",
    "J1;03/01/2026;JA2;Vaso;1;64,00;J10;Italia",
    "J2;31/01/2026;JA1;Piatto;-1;1.234,50;J11;Italia",
    "J3;32/01/2026;JA1;Piatto;1;1.234,50;J11;Italia",
)
REFRESHED = 15_000  # milliseconds: some refreshes, on a busy machine
ORDERS = "SELECT count(*) FROM sales_orders WHERE number IN ('J1', 'J2', 'J3')"


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    """A sales file with a row that cannot be read."""
    path = tmp_path / "vendite.csv"
    path.write_text("\r\n".join(ROWS) + "\r\n", encoding="utf-8")
    return path


def work(house: House) -> None:
    """Do what waits, as a worker would."""
    with house.app.app_context():
        waiting = db.session.scalars(select(Task.id).where(Task.state == State.QUEUED, Task.kind.like("sales.%"))).all()
        db.session.rollback()
        for task in waiting:
            execute(house.app, task, worker="journey")


def change_customer(house: House, number: str) -> None:
    """What a person does to a customer between an import and its undo."""
    with house.app.app_context(), transaction() as session:
        session.execute(text("UPDATE crm_customers SET name = 'Trattoria' WHERE number = :number"), {"number": number})


def remove_customer(house: House, number: str) -> None:
    """Leave the house as it was."""
    with house.app.app_context(), transaction() as session:
        session.execute(text("DELETE FROM crm_customers WHERE number = :number"), {"number": number})


def upload(owner: Visitor, path: Path, words: str = "Upload") -> None:
    owner.page.locator("input[type=file]").set_input_files(path)
    owner.page.get_by_role("button", name=words, exact=True).click()


def choose_columns(owner: Visitor) -> None:
    """The first rows follow the choices; the choice that was made keeps the focus."""
    page = owner.page
    page.wait_for_url("**/imports/uploads/*/")
    expect(page.locator(".mapping-table tbody tr")).to_have_count(4)
    expect(page.locator(".mapping-problem")).to_have_text("32/01/2026 is not a date like 31/10/2024")
    assert owner.violations() == []
    dates = page.locator("[name=date_format]")
    dates.focus()
    dates.select_option("%m/%d/%Y")
    expect(page.locator(".mapping-problem")).to_have_count(2)
    expect(dates).to_be_focused()
    dates.select_option("%d/%m/%Y")
    expect(page.locator(".mapping-problem")).to_have_count(1)
    page.locator("#mapping-file summary").click()
    page.locator("[name=header]").uncheck()
    expect(page.locator(".mapping-table tbody tr")).to_have_count(5)
    page.locator("[name=header]").check()
    expect(page.locator(".mapping-table tbody tr")).to_have_count(4)


def check(owner: Visitor, house: House) -> None:
    """The page waits for the task and then shows its counts; nothing is stored."""
    page = owner.page
    page.locator("[name=check]").press("Enter")
    page.wait_for_url("**/check")
    expect(page.locator("main")).to_contain_text("Waiting")
    assert owner.violations() == []
    work(house)
    expect(page.locator(".import-number")).to_have_text(["4", "3", "0", "1"], timeout=REFRESHED)
    expect(page.locator("main")).to_contain_text("Not a date")
    assert owner.violations() == []
    assert house.query(ORDERS) == 0


def take_in(owner: Visitor, house: House) -> str:
    """The page waits for the import and then goes to its result; the address of that."""
    page = owner.page
    page.get_by_role("button", name="Import now").press("Enter")
    expect(page.locator("main")).to_contain_text("You may leave this page")
    assert owner.violations() == []
    work(house)
    page.wait_for_url(lambda url: "/uploads/" not in url, timeout=REFRESHED)
    expect(page.locator(".import-number")).to_have_text(["4", "3", "0", "1"])
    assert owner.violations() == []
    assert house.query(ORDERS) == 2
    return owner.path


def correct(owner: Visitor, house: House) -> None:
    """The row that was put aside is taken in with another date."""
    page = owner.page
    page.get_by_role("link", name="Correct the row put aside").click()
    page.locator("tbody a").first.click()
    row = page.locator("[name=corrected]")
    row.fill(row.input_value().replace("32/01", "30/01"))
    page.get_by_role("button", name="Take in").click()
    expect(page.locator("#flashes .alert-success")).to_be_visible()
    assert house.query(ORDERS) == 3


def test_a_file_is_imported_corrected_and_undone(visit: Visit, house: House, sales: Path) -> None:
    owner = visit("owner")
    owner.go("/backoffice/imports/")
    owner.page.locator(f"a[href='{NEW}']").click()
    upload(owner, sales)
    choose_columns(owner)
    check(owner, house)
    result = take_in(owner, house)
    correct(owner, house)

    change_customer(house, "J10")
    owner.go(result)
    page = owner.page
    page.get_by_role("link", name="Undo this import").click()
    stays = page.locator(".import-undo section").nth(1)
    expect(stays).to_contain_text("1 customer who was changed or is used elsewhere")
    assert owner.violations() == []
    page.get_by_role("button", name="Undo this import").press("Enter")
    page.wait_for_url(f"**{result}")
    work(house)
    expect(page.locator(".alert-warning")).to_contain_text("This import was undone on", timeout=REFRESHED)
    stays.locator("summary").click()
    expect(stays.locator("details p")).to_have_text("J10 Trattoria")
    assert owner.violations() == []
    assert house.query(ORDERS) == 0
    remove_customer(house, "J10")


def test_a_file_that_is_no_table_is_refused_at_the_form(visit: Visit, tmp_path: Path) -> None:
    owner = visit("owner")
    owner.refusals = {422}
    paper = tmp_path / "march.csv"
    paper.write_bytes(b"%PDF-1.7\n")
    owner.go(NEW)
    upload(owner, paper)
    expect(owner.page.locator("#file-problem")).to_contain_text("march.csv: wrong type: this is a PDF.")
    assert owner.violations() == []


def test_without_scripts_on_a_phone_the_way_is_the_same(visit: Visit, house: House, sales: Path) -> None:
    owner = visit("owner", phone=True, scripts=False, locale="it-IT", dark=True)
    page = owner.page
    owner.go(NEW)
    upload(owner, sales, "Carica")
    page.locator("[name=decimal]").select_option(".")
    page.locator("[name=thousands]").select_option("")
    page.locator("[name=preview]").click()
    expect(page.locator(".mapping-problem").first).to_contain_text("due separatori decimali")
    page.locator("[name=decimal]").select_option(",")
    page.locator("[name=thousands]").select_option(".")
    page.locator("[name=check]").click()
    work(house)
    page.get_by_role("link", name="Guarda di nuovo").click()
    expect(page.locator(".import-number")).to_have_text(["4", "3", "0", "1"])
    page.get_by_role("button", name="Importa ora").click()
    work(house)
    page.get_by_role("link", name="Guarda di nuovo").click()
    page.wait_for_url(lambda url: "/uploads/" not in url)
    assert house.query(ORDERS) == 2
    page.get_by_role("link", name="Annulla questa importazione").click()
    page.get_by_role("button", name="Annulla questa importazione").click()
    work(house)
    page.get_by_role("link", name="Guarda di nuovo").click()
    expect(page.locator(".alert-warning")).to_contain_text("Questa importazione è stata annullata")
    assert house.query(ORDERS) == 0
