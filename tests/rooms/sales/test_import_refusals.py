"""Sales files and mappings that are refused as a whole; workbooks, and what pretends to be one."""

from __future__ import annotations

import datetime as dt
import textwrap
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.rooms.sales.importing import HEADER, Load, counts, mapping, one_aside
from webapp.blueprints.crm.public import Customer
from webapp.blueprints.sales.models import SalesImport
from webapp.blueprints.sales.services.import_problems import ImportRefused
from webapp.blueprints.sales.services.importing import import_sales
from webapp.core.security import SYSTEM

# -- refused as a whole ------------------------------------------------------------------------------------------------

REFUSED = {
    "empty": (b"", "line 1: the file is empty"),
    "blank": (b"\xef\xbb\xbf \r\n\r\n", "line 1: the file is empty"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "old Excel"),
    "PDF": (b"%PDF-1.7\n", "PDF"),
    "HTML": (b"<!DOCTYPE html><table>", "HTML"),
    "noise": (bytes(range(1, 256)) * 20, "not text"),
    "ZIP cut short": (b"PK\x03\x04 nothing", "damaged"),
    "unknown column": (
        b"no,wen,code,text,qty,price,customer,land\n",
        "line 1: there is no column 'when' (did you mean 'wen'?)",
    ),
    "column twice": (b"no,when,when,code,text,qty,price,customer,land\n", "there 2 times"),
    "undecodable header": (b"no,wh\xe8n,code\n", "line 1: column #2: the byte 0xE8"),
    "unclosed header": (b'no,"when\n1,2\n', "line 1: a quote"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_table_is_refused_and_nothing_is_stored(name: str, session: Session, load: Load) -> None:
    content, words = REFUSED[name]
    with pytest.raises(ImportRefused) as refusal:
        load(content=content)
    assert words in str(refusal.value)
    assert "sales.csv" in str(refusal.value)
    assert session.scalar(select(func.count(SalesImport.id))) == 0


def test_a_line_without_end_is_refused(load: Load) -> None:
    with pytest.raises(ImportRefused, match="line 2: the line has more than"):
        load("x" * (17 << 20))


def test_a_header_alone_is_a_file_without_rows(load: Load) -> None:
    assert counts(load()) == (0, 0, 0, 0)


def test_a_folder_and_a_missing_file_are_refused(session: Session, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.csv"):
        with pytest.raises(ImportRefused):
            import_sales(session, path=path, mapping=mapping(), by=SYSTEM)


# -- workbooks ---------------------------------------------------------------------------------------------------------


def workbook(path: Path, *rows: Sequence[object], title: str = "Sales") -> Path:
    """An XLSX file of these rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


def test_a_workbook_is_read_with_its_own_dates_and_numbers(session: Session, tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "sales.csv", HEADER.split(","),  # the name does not matter
        [1001, dt.datetime(2024, 5, 1, 10), "A", "Apple", 2, 1.5, 17850.0, "Italy"],
        [], [1002, "02/05/2024", "B", None, 0.1 + 0.2, "1,25", None, None], [1003, "soon", "B", None, 1, 1, None, None],
    )  # fmt: skip
    result = import_sales(session, path=path, mapping=mapping(decimal=",", date_format="%d/%m/%Y"), by=SYSTEM)
    assert counts(result) == (3, 2, 0, 1)
    assert session.scalar(select(Customer.number)) == "17850"
    assert result.net == Decimal("3.375")
    aside = one_aside(session)
    assert (aside.line_number, aside.column, aside.raw) == (5, "when", "1003,soon,B,,1,1,,")


def test_an_unknown_sheet_is_refused_by_naming_those_there_are(session: Session, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["no"], title="Vendite")
    with pytest.raises(ImportRefused, match=r"no sheet 'Vendita' \(did you mean 'Vendite'\?\); there are Vendite"):
        import_sales(session, path=path, mapping=mapping(sheet="Vendita"), by=SYSTEM)


def bomb(path: Path, part: str, size: int, start: bytes = b"<worksheet>", declared: int | None = None) -> Path:
    """A workbook of which one part unpacks to `size` bytes, whatever it declares."""
    workbook(path, ["a"])
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist() if name != part}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
        with new.open(part, "w", force_zip64=True) as stream:
            stream.write(start)
            for _ in range(size >> 20):
                stream.write(b" " * (1 << 20))
    if declared is not None:
        packed = path.read_bytes()
        at = packed.rindex(b"PK\x01\x02")
        path.write_bytes(packed[: at + 24] + declared.to_bytes(4, "little") + packed[at + 28 :])
    return path


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (("xl/worksheets/sheet1.xml", 64 << 20, b"<worksheet>"), "ZIP bomb"),
        (("xl/sharedStrings.xml", 80 << 20, b"<sst>"), "ZIP bomb"),
        (("xl/worksheets/sheet1.xml", 4 << 20, b"<worksheet><t>"), "more than a million characters"),
        (("xl/sharedStrings.xml", 0, b'<!DOCTYPE s [<!ENTITY a "b">]><sst/>'), "entities"),
    ],
)
def test_a_zip_bomb_is_refused(content: tuple[str, int, bytes], words: str, session: Session, tmp_path: Path) -> None:
    path = bomb(tmp_path / "bomb.xlsx", *content)
    with pytest.raises(ImportRefused, match=words):
        import_sales(session, path=path, mapping=mapping(), by=SYSTEM)


def test_a_zip_bomb_that_lies_about_its_size_is_refused(session: Session, tmp_path: Path) -> None:
    path = bomb(tmp_path / "bomb.xlsx", "xl/worksheets/sheet1.xml", 64 << 20, declared=1000)
    with pytest.raises(ImportRefused, match=r"ZIP bomb|damaged"):
        import_sales(session, path=path, mapping=mapping(), by=SYSTEM)


def test_another_archive_is_no_workbook(session: Session, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(ImportRefused, match="not an XLSX workbook"):
        import_sales(session, path=tmp_path / "a.xlsx", mapping=mapping(), by=SYSTEM)


# -- mappings ----------------------------------------------------------------------------------------------------------

WRONG_MAPPINGS = {
    "broken": ("columns = [", "not TOML"),
    "no columns": ("title = 'x'", r"\[columns\] is missing"),
    "unknown key": ("delimeter = ';'\n[columns]\ndate='d'", "unknown key 'delimeter' .did you mean 'delimiter'"),
    "unknown meaning": ("[columns]\nprice='p'", "'price' is no meaning"),
    "needed one missing": ("[columns]\ndate='d'\nsku='s'\norder_number='o'\nquantity='q'", "unit_price is neither"),
    "no order": ("[columns]\ndate='d'\nsku='s'\nquantity='q'\nunit_price='p'", "order_number is missing"),
    "wrong type": ("skip_lines='2'\n[columns]\ndate='d'", "skip_lines must be a whole number"),
    "unknown encoding": (
        "encoding='utf-9'\norder_per='day'\n[columns]\ndate='d'\nsku='s'\nquantity='q'\nunit_price='p'",
        "utf-9",
    ),
    "a date without its year": (
        "date_format='%d/%m'\norder_per='day'\n[columns]\ndate='d'\nsku='s'\nquantity='q'\nunit_price='p'",
        "'%d/%m' does not say the day, the month and the year",
    ),
    "no form of a date": (
        "date_format=['iso', '%Q']\norder_per='day'\n[columns]\ndate='d'\nsku='s'\nquantity='q'\nunit_price='p'",
        "'%Q' does not say",
    ),
    "unknown zone": (
        "time_zone='Mars'\norder_per='day'\n[columns]\ndate='d'\nsku='s'\nquantity='q'\nunit_price='p'",
        "Mars",
    ),
}


@pytest.mark.parametrize("name", WRONG_MAPPINGS)
def test_a_wrong_mapping_is_refused_with_the_place(name: str, session: Session, tmp_path: Path) -> None:
    content, words = WRONG_MAPPINGS[name]
    path = tmp_path / "mapping.toml"
    path.write_text(textwrap.dedent(content))
    with pytest.raises(ImportRefused, match=words) as refusal:
        import_sales(session, path=tmp_path / "sales.csv", mapping=str(path), by=SYSTEM)
    assert "mapping.toml" in str(refusal.value)
