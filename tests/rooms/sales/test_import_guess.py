"""Proposed mappings: what is seen in files of several shapes, and that a proposal loads and works."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy.orm import Session

from webapp.blueprints.sales.services.import_guess import Guess, guess_mapping
from webapp.blueprints.sales.services.import_looks import date_form
from webapp.blueprints.sales.services.import_mapping import mapping_from
from webapp.blueprints.sales.services.import_problems import ImportRefused
from webapp.blueprints.sales.services.importing import import_sales
from webapp.core.security import SYSTEM

ITALIAN = (
    "Vendite di maggio\r\n"
    "Numero documento;Data documento;Codice articolo;Descrizione;Q.tà;Prezzo unitario;Codice cliente;Ragione sociale;Paese;Sconto %\r\n"
    "1;05/05/2024;A1;Caffè;2;1.234,50;10;Rossi;Italia;10\r\n"
    "2;25/05/2024;A2;Tè;1;3,50;11;Bianchi;Italia;\r\n"
)


def proposed(guess: Guess) -> dict[str, object]:
    """The proposal as it reads from its TOML."""
    return tomllib.loads(guess.as_toml())


def test_an_italian_spreadsheet_is_understood_and_its_proposal_imports_it(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "vendite.csv"
    path.write_bytes(ITALIAN.encode("cp1252"))
    guess = guess_mapping(path)
    found = proposed(guess)
    assert found == {
        "encoding": "cp1252", "delimiter": ";", "skip_lines": 1, "decimal": ",", "thousands": ".", "date_format": "%d/%m/%Y",
        "columns": {
            "order_number": "Numero documento", "date": "Data documento", "sku": "Codice articolo",
            "description": "Descrizione", "quantity": "Q.tà", "unit_price": "Prezzo unitario", "discount": "Sconto %",
            "customer_number": "Codice cliente", "customer_name": "Ragione sociale", "country": "Paese",
        },
    }  # fmt: skip
    assert "# the first 1 lines have another shape" in guess.as_toml()
    result = import_sales(session, path=path, mapping=mapping_from(found), by=SYSTEM)
    assert (result.accepted, str(result.net)) == (2, "2225.6000")


def test_a_file_without_header_is_read_by_what_its_columns_hold(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "till.txt"
    rows = [f"2024-05-{n:02} 10:{n:02}\tK{n % 3}\tKitchen thing {n}\t{n}\t{n}.95\n" for n in range(1, 20)]
    path.write_text("".join(rows))
    guess = guess_mapping(path)
    found = proposed(guess)
    assert (found["header"], found["delimiter"], found["order_per"]) == (False, "tab", "day")
    assert found["columns"] == {"date": 1, "sku": 2, "description": 3, "quantity": 4, "unit_price": 5}
    assert import_sales(session, path=path, mapping=mapping_from(found), by=SYSTEM).accepted == 19


def test_a_workbook_is_understood(session: Session, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Invoice", "Date", "SKU", "Product name", "Qty", "Price"])
    sheet.append([1, dt.datetime(2024, 5, 1, 10), "A", "Apple", 2, 1.5])
    book.save(tmp_path / "a.xlsx")
    found = proposed(guess_mapping(tmp_path / "a.xlsx"))
    assert found["sheet"] == "Sheet"
    result = import_sales(session, path=tmp_path / "a.xlsx", mapping=mapping_from(found), by=SYSTEM)
    assert (result.accepted, result.quarantined) == (1, 0)


@pytest.mark.parametrize(
    ("values", "form", "words"),
    [
        (["13/01/2024", "01/02/2024"], "%d/%m/%Y", "day first"),
        (["01/13/2024", "01/02/2024"], "%m/%d/%Y", "month first"),
        (["01/02/2024"], "%d/%m/%Y", "could be month first too"),
        (["2024-01-02 10:00"], "iso", "year first"),
        (["1/31/24 9:05 PM"], "%m/%d/%y %I:%M %p", "month first"),
        (["31.12.2023 23:59:59"], "%d.%m.%Y %H:%M:%S", "day first"),
        (["never"], "iso", "no form was recognised"),
    ],
)
def test_the_order_of_day_and_month_comes_from_the_dates(values: list[str], form: str, words: str) -> None:
    found, why = date_form(values)
    assert found == form
    assert words in why


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xd0\xcf\x11\xe0", b"PK\x03\x04"])
def test_what_is_no_table_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(ImportRefused):
        guess_mapping(tmp_path / "a")


def test_a_file_of_one_column_says_what_lacks(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name\nApple\nPear\n")
    assert any(sentence.startswith("date:") for sentence in guess_mapping(tmp_path / "a.csv").missing)
