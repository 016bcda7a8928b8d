"""Importing sales files: what is stored, what is known, what goes aside, and what is refused."""

from __future__ import annotations

import datetime as dt
import textwrap
import zipfile
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.catalogue.public import Product
from webapp.blueprints.crm.public import Customer
from webapp.blueprints.sales.models import Order, OrderLine, QuarantinedRow, SalesImport
from webapp.blueprints.sales.services.import_mapping import Mapping, mapping_from
from webapp.blueprints.sales.services.import_problems import ImportRefused
from webapp.blueprints.sales.services.importing import ImportResult, import_sales
from webapp.core.security import SYSTEM

HEADER = "no,when,code,text,qty,price,customer,land"
COLUMNS = {
    "order_number": "no", "date": "when", "sku": "code", "description": "text", "quantity": "qty", "unit_price": "price",
    "customer_number": "customer", "country": "land",
}  # fmt: skip
GOOD = "1,2024-05-01 10:00,A,Apple,2,1.50,C1,Italy"

Load = Callable[..., ImportResult]


def mapping(**changes: Any) -> Mapping:
    """The mapping of HEADER."""
    return mapping_from({"columns": COLUMNS, "cancellation_prefix": "X", **changes})


@pytest.fixture
def load(session: Session, tmp_path: Path) -> Load:
    """Import rows below HEADER, or bytes as they are."""

    def run(
        *rows: str, content: bytes | None = None, name: str = "sales.csv", dry_run: bool = False, **changes: Any
    ) -> ImportResult:
        path = tmp_path / name
        path.write_bytes("\n".join([HEADER, *rows, ""]).encode() if content is None else content)
        return import_sales(session, path=path, mapping=mapping(**changes), by=SYSTEM, dry_run=dry_run)

    return run


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    """Rows, accepted, already known, quarantined; they always add up."""
    assert result.rows == result.accepted + result.already_known + result.quarantined
    return result.rows, result.accepted, result.already_known, result.quarantined


def one_aside(session: Session) -> QuarantinedRow:
    """The only row put aside."""
    return session.scalars(select(QuarantinedRow)).one()


def test_rows_become_customers_products_orders_and_lines(session: Session, load: Load) -> None:
    result = load(
        GOOD, "1,2024-05-01 10:01,B,Bread,1,2,C1,Italy", "X2,2024-05-02,A,,-1,1.5,,Italy", "3,2024-05-03,A,,-4,2,,"
    )
    assert counts(result) == (4, 4, 0, 0)
    assert (result.orders, result.customers, result.products, result.net) == (3, 1, 2, Decimal("-4.5"))
    order = session.scalars(select(Order).where(Order.number == "1")).one()
    assert (order.kind, order.net, order.units, order.line_count) == ("sale", Decimal(5), Decimal(3), 2)
    assert order.ordered_at == dt.datetime(2024, 5, 1, 8, 0, tzinfo=dt.UTC)
    assert [(line.position, line.description, line.net) for line in order.lines] == [
        (1, "Apple", Decimal(3)),
        (2, "Bread", Decimal(2)),
    ]
    assert order.customer is not None
    assert (order.customer.number, order.customer.name, order.customer.country) == ("C1", "C1", "Italy")
    kinds = dict(session.execute(select(Order.number, Order.kind)).all())
    assert kinds == {"1": "sale", "X2": "cancellation", "3": "return"}
    apple = session.scalars(select(Product).where(Product.sku == "A")).one()
    assert (apple.name, apple.price) == ("Apple", Decimal(2))
    record = session.get_one(SalesImport, result.id)
    assert (record.rows, record.accepted, record.net, record.orders) == (4, 4, Decimal("-4.5"), 3)


def test_the_same_file_again_adds_nothing_and_equal_lines_are_all_kept(session: Session, load: Load) -> None:
    assert counts(load(GOOD, GOOD, GOOD)) == (3, 3, 0, 0)
    assert counts(load(GOOD, GOOD, GOOD)) == (3, 0, 3, 0)
    assert session.scalar(select(func.count(OrderLine.id))) == 3


def test_an_overlapping_file_adds_only_what_is_new_to_the_orders_there_are(session: Session, load: Load) -> None:
    load(GOOD, GOOD)
    result = load("9,2024-05-09,Z,Zucchini,1,1,,", GOOD, GOOD, GOOD, "1,2024-05-01 09:00,B,Bread,1,2,C1,Italy")
    assert counts(result) == (5, 3, 2, 0)
    order = session.scalars(select(Order).where(Order.number == "1")).one()
    assert (order.net, order.line_count, order.version) == (Decimal(11), 4, 2)
    assert [line.position for line in order.lines] == sorted({line.position for line in order.lines})
    assert order.ordered_at == dt.datetime(2024, 5, 1, 7, 0, tzinfo=dt.UTC)


def test_the_same_content_in_another_shape_is_known(session: Session, load: Load) -> None:
    load(GOOD)
    other = "land;no;when;code;text;qty;price;customer\r\nItaly;1;01/05/2024 10.00;A;Apple;2;€ 1,50;C1\r\n".encode(
        "utf-16"
    )
    result = load(content=other, delimiter=";", decimal=",", date_format="%d/%m/%Y %H.%M")
    assert counts(result) == (1, 0, 1, 0)


def test_lines_of_an_order_may_lie_apart(session: Session, load: Load) -> None:
    load(GOOD, "2,2024-05-01,A,,1,1,,", "1,2024-05-01 10:00,B,,1,1,C1,Italy")
    order = session.scalars(select(Order).where(Order.number == "1")).one()
    assert [line.position for line in order.lines] == [1, 2]


def test_a_dry_run_tells_all_and_writes_nothing(session: Session, load: Load) -> None:
    result = load(GOOD, "bad", dry_run=True)
    assert counts(result) == (2, 1, 0, 1)
    for table in (Order, OrderLine, Customer, Product, QuarantinedRow, SalesImport):
        assert session.scalar(select(func.count(table.id))) == 0


BAD_ROWS = {
    "a date that is none": ("1,2024-02-30,A,Apple,2,1.50,C1,Italy", "when", "not_a_date"),
    "no date": ("1,,A,Apple,2,1.50,C1,Italy", "when", "empty"),
    "a year that cannot be": ("1,0210-01-01,A,Apple,2,1.50,C1,Italy", "when", "year"),
    "no SKU": ("1,2024-05-01, ,Apple,2,1.50,C1,Italy", "code", "empty"),
    "no order number": (",2024-05-01,A,Apple,2,1.50,C1,Italy", "no", "empty"),
    "two points": ("1,2024-05-01,A,Apple,2,1.5.0,C1,Italy", "price", "two_signs"),
    "point and comma": ('1,2024-05-01,A,Apple,2,"1,234.5",C1,Italy', "price", "two_signs"),
    "the other sign": ('1,2024-05-01,A,Apple,2,"1,5",C1,Italy', "price", "wrong_sign"),
    "no number": ("1,2024-05-01,A,Apple,two,1.5,C1,Italy", "qty", "not_a_number"),
    "not finite": ("1,2024-05-01,A,Apple,NaN,1.5,C1,Italy", "qty", "not_a_number"),
    "no quantity": ("1,2024-05-01,A,Apple,,1.5,C1,Italy", "qty", "empty"),
    "surplus decimals": ("1,2024-05-01,A,Apple,2,1.23456,C1,Italy", "price", "decimals"),
    "an enormous exponent": ("1,2024-05-01,A,Apple,1e99,1,C1,Italy", "qty", "too_large"),
    "an enormous amount": ("1,2024-05-01,A,Apple,99999999999,9999999999,C1,Italy", "price", "amount"),
    "a long SKU": (f"1,2024-05-01,{'A' * 61},Apple,2,1.50,C1,Italy", "code", "too_long"),
    "a long description": (f"1,2024-05-01,A,{'x' * 501},2,1.50,C1,Italy", "text", "too_long"),
    "a long customer number": (f"1,2024-05-01,A,Apple,2,1.50,{'C' * 41},Italy", "customer", "too_long"),
    "a column too few": ("1,2024-05-01,A,Apple,2,1.50,C1", "", "columns"),
    "a column too many": ("1,2024-05-01,A,Apple,2,1.50,C1,Italy,x", "", "columns"),
    "a NUL byte": ("1,2024-05-01,A,App\0le,2,1.50,C1,Italy", "text", "nul"),
    "a stray quote": ('1,2024-05-01,A,"App"le,2,1.50,C1,Italy', "", "stray_quote"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_goes_aside_verbatim_and_the_others_are_stored(name: str, session: Session, load: Load) -> None:
    row, column, code = BAD_ROWS[name]
    assert counts(load(GOOD, row, "7,2024-05-07,A,Apple,1,1,,")) == (3, 2, 0, 1)
    aside = one_aside(session)
    assert (aside.line_number, aside.column, aside.reason_code) == (3, column, code)
    assert aside.raw == row.replace("\0", "\\x00")
    assert aside.reason


def test_quantities_of_zero_and_prices_of_any_sign_are_lines_like_others(load: Load) -> None:
    rows = ("1,2024-05-01,A,,0,1.5,,", "2,2024-05-01,A,,1,-5,,", "3,2024-05-01,A,,1,0,,", "4,2024-05-01,A,,2-,(3.00),,")
    result = load(*rows)
    assert counts(result) == (4, 4, 0, 0)
    assert result.net == 1


def test_undecodable_bytes_are_kept_so_that_they_can_be_read_back(session: Session, load: Load) -> None:
    from webapp.blueprints.sales.services.import_file import unescape_unreadable

    bad = b"2,2024-05-01,A,C:\\caff\xe8,1,1,,"
    assert counts(load(content=f"{HEADER}\n{GOOD}\n".encode() + bad + b"\n")) == (2, 1, 0, 1)
    aside = one_aside(session)
    assert (aside.line_number, aside.column, aside.escaped) == (3, "text", True)
    assert "0xE8" in aside.reason
    assert aside.raw == "2,2024-05-01,A,C:\\\\caff\\xe8,1,1,,"
    kept = unescape_unreadable(aside.raw)
    assert "".join(chr(ord(c) & 0xFF) if ord(c) >= 0xDC00 else c for c in kept).encode("latin-1") == bad


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_encodings_are_read(encoding: str, session: Session, load: Load) -> None:
    content = f"{HEADER}\r\n1,2024-05-01,A,Caffè,1,1,,Perù\r\n".encode(encoding)
    assert counts(load(content=content, encoding=encoding)) == (1, 1, 0, 0)
    assert session.scalar(select(Product.name)) == "Caffè"


def test_a_field_of_ten_megabytes_goes_aside_whole(session: Session, load: Load) -> None:
    row = f"1,2024-05-01,A,{'x' * 10_000_000},1,1,,"
    assert counts(load(row, GOOD)) == (2, 1, 0, 1)
    aside = one_aside(session)
    assert (aside.reason_code, aside.raw == row) == ("huge_field", True)


def test_ten_megabytes_of_lines_in_one_field_are_one_row(session: Session, load: Load) -> None:
    row = '1,2024-05-01,A,"' + "many a line\n" * 900_000 + '",1,1,,'
    assert counts(load(row, GOOD, "bad")) == (3, 1, 0, 2)
    huge, bad = session.scalars(select(QuarantinedRow).order_by(QuarantinedRow.line_number))
    assert (huge.line_number, huge.reason_code, huge.raw == row) == (2, "huge_field", True)
    assert bad.line_number == 900_004


@pytest.mark.parametrize("lines", [2, 3_000])
def test_a_quote_that_is_never_closed_costs_its_own_line_only(lines: int, session: Session, load: Load) -> None:
    rows = [f"{n},2024-05-01,A,Apple with a name,1,1,," for n in range(10, 10 + lines)]
    assert counts(load(GOOD, '2,2024-05-01,A,"Apple,1,1,,', *rows)) == (lines + 2, lines + 1, 0, 1)
    aside = one_aside(session)
    assert (aside.line_number, aside.reason_code, aside.raw) == (3, "unclosed_quote", '2,2024-05-01,A,"Apple,1,1,,')


def test_a_quoted_field_may_hold_line_ends(session: Session, load: Load) -> None:
    assert counts(load('1,2024-05-01,A,"two\nlines, one text",1,1,,', "bad")) == (2, 1, 0, 1)
    assert session.scalar(select(OrderLine.description)) == "two\nlines, one text"
    assert one_aside(session).line_number == 4


def test_a_line_that_names_another_customer_than_its_order_goes_aside(session: Session, load: Load) -> None:
    result = load(GOOD, "1,2024-05-01,B,,1,1,C2,Italy", "1,2024-05-01,B,,1,1,,", "1,2024-05-01,B,,1,1,C1,France")
    assert counts(result) == (4, 2, 0, 2)
    asides = session.scalars(select(QuarantinedRow).order_by(QuarantinedRow.line_number)).all()
    assert [(a.line_number, a.column, a.reason_code) for a in asides] == [
        (3, "customer", "other_customer"), (5, "land", "other_country"),
    ]  # fmt: skip
    assert asides[0].raw == "1,2024-05-01,B,,1,1,C2,Italy"
    assert session.scalars(select(Customer.number)).all() == ["C1"]
    assert counts(load("1,2024-05-02,C,,1,1,C3,Italy")) == (1, 0, 0, 1)


def test_a_bad_row_is_listed_once_however_often_its_file_comes(session: Session, load: Load) -> None:
    assert counts(load(GOOD, "bad", "bad")) == (3, 1, 0, 2)
    assert counts(load(GOOD, "bad", "bad")) == (3, 0, 1, 2)
    assert session.scalar(select(func.count(QuarantinedRow.id))) == 2


def test_a_corrected_mapping_settles_what_the_wrong_one_put_aside(session: Session, load: Load) -> None:
    row = '1,2024-05-01,A,Apple,2,"1,50",C1,Italy'
    assert counts(load(row)) == (1, 0, 0, 1)
    assert counts(load(row, decimal=",")) == (1, 1, 0, 0)
    assert one_aside(session).state == "replayed"


def test_without_order_number_a_day_and_its_customer_are_an_order(session: Session, load: Load) -> None:
    columns = {key: value for key, value in COLUMNS.items() if key not in ("order_number", "customer_number")}
    rows = ("a,2024-05-01 23:30,A,,1,1,C1,", "b,2024-05-01 08:00,A,,1,1,C1,", "b,2024-05-02,A,,1,1,C2,")
    load(*rows, columns=columns, order_per="day")
    assert set(session.scalars(select(Order.number))) == {"2024-05-01", "2024-05-02"}
    load(
        *rows, columns={**columns, "customer_number": "customer"}, order_per="month", constants={"order_number": "SHOP"}
    )
    assert {"SHOP-2024-05-C1", "SHOP-2024-05-C2"} <= set(session.scalars(select(Order.number)))
    load(*rows, columns=columns, order_keys=["customer", "no"])
    assert {"C1-a", "C1-b", "C2-b"} <= set(session.scalars(select(Order.number)))


def test_constants_fill_what_the_file_lacks(session: Session, load: Load) -> None:
    load("1,2024-05-01,A", content=b"no,when,code\n1,2024-05-01,A\n",
         columns={"order_number": "no", "date": "when", "sku": "code"},
         constants={"quantity": 1, "unit_price": "2.5", "country": "Italy", "discount": 10, "category": "Fruit"})  # fmt: skip
    line = session.scalars(select(OrderLine)).one()
    assert (line.net, line.order.country, line.product.name) == (Decimal("2.25"), "Italy", "A")
    assert line.product.category is not None
    assert line.product.category.name == "Fruit"


def test_local_times_that_the_clock_skips_or_repeats_have_one_meaning(session: Session, load: Load) -> None:
    load("1,2024-03-31 02:30,A,,1,1,,", "2,2024-10-27 02:30,A,,1,1,,", "3,2024-10-27T02:30:00+01:00,A,,1,1,,")
    moments = dict(session.execute(select(Order.number, Order.ordered_at)).all())
    assert [moments[n].strftime("%H:%M") for n in "123"] == ["01:30", "00:30", "01:30"]


def test_lines_before_the_header_and_files_without_header_are_read(load: Load) -> None:
    content = f'Sales of May\n"exported, by hand"\n{HEADER}\n{GOOD}\n'.encode()
    assert counts(load(content=content, skip_lines=2)) == (1, 1, 0, 0)
    places = {meaning: place for place, meaning in enumerate(COLUMNS, 1)}
    assert counts(load(content=f"{GOOD}\n{GOOD}\n".encode(), header=False, columns=places)) == (2, 1, 1, 0)


def test_an_order_made_by_hand_keeps_what_people_decided(session: Session, load: Load) -> None:
    moment = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
    session.add(Order(number="1", ordered_at=moment, country="Spain"))
    session.flush()
    assert counts(load("1,2024-05-01,A,,-1,1,C1,", GOOD)) == (2, 1, 0, 1)
    order = session.scalars(select(Order).where(Order.number == "1")).one()
    assert (order.ordered_at, order.country, order.kind) == (moment, "Spain", "sale")
    assert (order.customer_id, order.net) == (None, Decimal(-1))


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
