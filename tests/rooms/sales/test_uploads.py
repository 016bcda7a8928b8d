"""The way of a file into an import: upload, columns, check, import, undo; and everything that is refused on it."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select, text

from tests.rooms.sales.uploading import ITALIAN, NEW, Person, count, fields_of, files, run_tasks
from webapp.blueprints.sales.models import OrderLine, QuarantinedRow, SalesImport, SalesUpload
from webapp.blueprints.sales.services.uploading import FileRefused, accept_upload, clean_uploads, uploads_folder
from webapp.blueprints.tasks.models import State, Task
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM


@pytest.fixture
def house(fresh_app: Flask, tmp_path: Path) -> Flask:
    """An application with a folder of uploads of its own."""
    fresh_app.extensions["settings"] = replace(fresh_app.extensions["settings"], instance=tmp_path)
    return fresh_app


@pytest.fixture
def staff(house: Flask) -> Person:
    """A member of staff."""
    return Person(house, "staff")


def test_a_file_goes_from_its_upload_to_its_undo(house: Flask, staff: Person) -> None:
    assert "200 MB" in staff.get(NEW)
    address = staff.uploaded(ITALIAN)
    [kept] = files(house)
    assert kept.read_bytes() == ITALIAN.encode()
    assert (kept.stat().st_mode & 0o077, "vendite" in kept.name) == (0, False)
    page = staff.get(address)
    assert "1,234.50" in page
    assert "Return" in page
    assert "32/01/2026 is not a date like 31/10/2024" in page
    assert "1 of these rows cannot be read so." in page

    counts = staff.get(staff.checked(address))
    assert count(OrderLine) == 0
    for words in (
        "Would be taken in",
        "Not a date",
        "New orders",
        "Jan 3, 2026" if "Jan 3" in counts else "3 Jan 2026",
    ):
        assert words in counts
    result = staff.imported(address)
    page = staff.get(result)
    assert count(OrderLine) == 3
    assert "Correct the row put aside" in page
    assert files(house) == []

    number = int(result.rstrip("/").rpartition("/")[2])
    listed = staff.get(f"/backoffice/imports/quarantine/?import_min={number}&import_max={number}&state=open")
    assert "F3;32/01/2026" in listed
    question = staff.get(result + "undo")
    assert "3 order lines" in question
    assert "2 customers" in question
    assert "1 row put aside" in question
    assert staff.post(result + "undo").status_code == 303
    assert "This import is being undone" in staff.get(result)
    run_tasks(house)
    assert "This import was undone on" in staff.get(result)
    assert (count(OrderLine), count(QuarantinedRow)) == (0, 0)
    assert staff.imported(staff.uploaded(ITALIAN)) != result


def test_a_workbook_goes_the_same_way(house: Flask, staff: Person) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Order", "Date", "SKU", "Quantity", "Price"], [1, "2026-01-03", "A", 2, 1.5], [2, "soon", "A", 1, 2]):
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    address = staff.uploaded(content.getvalue(), "sales.xlsx")
    assert "soon is not a date" in staff.get(address)
    staff.imported(address)
    assert count(OrderLine) == 1


REFUSED = {
    "nothing": (b"", "empty.csv", "empty.csv: line 1: the file is empty."),
    "a PDF": (b"%PDF-1.7\n", "sales.pdf", "sales.pdf: wrong type: this is a PDF."),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "C:\\docs\\a.xls", "a.xls: wrong type: this is an old Excel"),
}  # fmt: skip


def test_a_file_in_which_nothing_is_recognised_can_be_looked_at(staff: Person) -> None:
    letter = staff.uploaded("Dear Anna,\nplease find the sales below.\nBest\n", "letter.txt")
    page = staff.post(letter, {**staff.choices(letter), "check": "1"})
    assert page.status_code == 422
    assert page.text.count("Choose its column, or a value that is always the same.") == 2


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_refused_is_told_at_the_form_and_not_kept(name: str, house: Flask, staff: Person) -> None:
    content, filename, words = REFUSED[name]
    answer = staff.upload(content, filename)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'id="file-problem"' in answer.text
    assert (files(house), count(SalesUpload)) == ([], 0)


def test_a_form_without_a_file_is_told(staff: Person) -> None:
    answer = staff.post(NEW)
    assert (answer.status_code, "Choose a file." in answer.text) == (422, True)


def test_a_full_disk_is_told_at_the_form(house: Flask) -> None:
    uploads = uploads_folder(house.extensions["settings"].instance)

    class Full(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            raise OSError(28, "No space left on device")

    with pytest.raises(FileRefused, match="The disk is full"), transaction() as session:
        accept_upload(session, by=SYSTEM, folder=uploads, filename="a.csv", stream=Full())
    assert files(house) == []


def test_choices_are_kept_and_the_first_rows_follow_them(staff: Person) -> None:
    address = staff.uploaded(ITALIAN)
    fragment = staff.post(address, {**staff.choices(address), "date_format": "%m/%d/%Y"}, **{"HX-Request": "true"})
    assert fragment.status_code == 200
    assert fragment.text.lstrip().startswith("<form")
    assert "31/01/2026 is not a date like 10/31/2024" in fragment.text
    assert staff.choices(address)["date_format"] == "%m/%d/%Y"
    guessed = staff.post(address, {**staff.choices(address), "preset": "guess"})
    assert fields_of(guessed.text)["date_format"] == "%d/%m/%Y"
    assert 'quantity = "Qta"' in staff.get(address + "mapping.toml")


def test_a_check_needs_all_that_an_import_needs(staff: Person) -> None:
    address = staff.uploaded(ITALIAN)
    lacking = staff.post(address, {**staff.choices(address), "column_date": "", "column_quantity": "=", "check": "1"})
    assert lacking.status_code == 422
    assert lacking.text.count("Choose its column, or a value that is always the same.") == 1
    assert "Write the value." in lacking.text
    always = staff.checked(address, column_date="2", column_quantity="=", constant_quantity="7")
    assert "Would be taken in" in staff.get(always)
    strange = staff.post(address, {**staff.choices(address), "column_date": "99", "encoding": "klingon", "check": "1"})
    assert strange.status_code == 422


def test_other_choices_make_a_check_void(house: Flask, staff: Person) -> None:
    address = staff.uploaded(ITALIAN)
    staff.checked(address)
    staff.post(address, {**staff.choices(address), "decimal": "."})
    refused = staff.post(address + "import")
    assert (refused.status_code, "Check the file first" in refused.text) == (409, True)


def test_a_double_click_imports_once(house: Flask, staff: Person) -> None:
    address = staff.uploaded(ITALIAN)
    staff.checked(address)
    for _ in range(3):
        assert staff.post(address + "import").status_code == 303
    assert len(run_tasks(house)) == 1
    assert count(SalesImport) == 1
    again = staff.post(address + "import")
    assert (again.status_code, "imported already" in again.text) == (409, True)
    assert staff.client.get(address).status_code == 303


def test_a_file_like_an_imported_one_is_read_like_it(staff: Person) -> None:
    first = staff.uploaded(ITALIAN)
    staff.checked(first, cancellation_prefix="ST")
    staff.post(first + "import")
    run_tasks(staff.app)
    second = staff.uploaded(ITALIAN.replace("F1", "F9"), "febbraio.csv")
    assert "This file has the columns of vendite.csv" in staff.get(second)
    assert staff.choices(second)["cancellation_prefix"] == "ST"


def test_a_stopped_import_leaves_nothing_and_can_be_asked_for_again(house: Flask, staff: Person) -> None:
    address = staff.uploaded(ITALIAN)
    staff.checked(address)
    staff.post(address + "import")
    task = db.session.scalars(select(Task).where(Task.kind == "sales.import")).one()
    assert staff.post(f"/backoffice/tasks/{task.id}/cancel").status_code == 303
    run_tasks(house)
    page = staff.get(address + "import")
    assert "It was cancelled. Nothing was changed." in page
    assert (count(OrderLine), len(files(house))) == (0, 1)
    staff.post(address + "import")
    run_tasks(house)
    assert count(OrderLine) == 3


def test_a_file_that_is_gone_is_told_by_the_task(house: Flask, staff: Person) -> None:
    address = staff.uploaded(ITALIAN)
    staff.checked(address)
    files(house)[0].unlink()
    staff.post(address + "import")
    [task] = run_tasks(house)
    assert (task.state, "upload it again" in task.error) == (State.FAILED, True)
    assert "upload it again" in staff.get(address + "import")


def test_a_mapping_that_the_file_does_not_bear_fails_the_check_with_the_files_name(house: Flask, staff: Person) -> None:
    address = staff.uploaded(ITALIAN)
    staff.post(address, {**staff.choices(address), "check": "1"})
    with transaction() as session:
        upload = session.scalars(select(SalesUpload)).one()
        upload.mapping = {**upload.mapping, "order_keys": ["Cassa"]}
    [task] = run_tasks(house)
    assert task.state == State.FAILED
    assert task.error.startswith("vendite.csv: line 1: there is no column 'Cassa'")
    assert "there is no column" in staff.get(address + "check")


def test_who_lost_the_right_while_the_task_waited_imports_nothing(house: Flask, staff: Person) -> None:
    address = staff.uploaded(ITALIAN)
    staff.checked(address)
    staff.post(address + "import")
    with transaction() as session:
        session.execute(text("DELETE FROM accounts_user_roles"))
    [task] = run_tasks(house)
    assert (task.state, count(OrderLine)) == (State.FAILED, 0)


def test_a_colleague_goes_on_with_a_file_but_does_not_follow_the_task(house: Flask, staff: Person) -> None:
    address = staff.uploaded(ITALIAN)
    staff.post(address, {**staff.choices(address), "check": "1"})
    colleague = Person(house, "staff")
    page = colleague.get(address + "check")
    assert "Look again" in page
    assert "hx-get" not in page.split("<main")[1]
    run_tasks(house)
    assert "Import now" in colleague.get(address + "check")


def test_a_discarded_file_is_gone(house: Flask, staff: Person) -> None:
    address = staff.uploaded(ITALIAN)
    assert staff.post(address + "discard").status_code == 303
    assert files(house) == []
    assert staff.client.get(address).status_code == 303
    assert staff.post(address + "import").status_code == 409
    assert staff.post(address + "discard").status_code == 409


def test_forgotten_and_stray_files_are_cleared_away(house: Flask, staff: Person) -> None:
    staff.uploaded(ITALIAN)
    staff.uploaded(ITALIAN, "fresh.csv")
    folder = uploads_folder(house.extensions["settings"].instance)
    for name in ("stray", "new"):
        (folder / name).write_text("x")
    os.utime(folder / "stray", (0, 0))
    with transaction() as session:
        session.execute(
            text(
                "UPDATE sales_uploads SET changed_at = '2020-01-01', created_at = '2020-01-01' WHERE filename = 'vendite.csv'"
            )
        )
    with transaction() as session:
        assert clean_uploads(session, folder=folder) == 2
    states = dict(db.session.execute(select(SalesUpload.filename, SalesUpload.state)).all())
    assert states == {"vendite.csv": "abandoned", "fresh.csv": "open"}
    assert len(files(house)) == 2
    assert "new" in {path.name for path in files(house)}


WRITES = ("new", "uploads/{upload}/", "uploads/{upload}/import", "uploads/{upload}/discard", "{import_}/undo")
READS = ("new", "uploads/{upload}/", "uploads/{upload}/check", "uploads/{upload}/import", "uploads/{upload}/mapping.toml",
         "{import_}/undo")  # fmt: skip


def test_who_may_only_read_sees_results_and_changes_nothing(house: Flask, staff: Person) -> None:
    result = staff.imported(staff.uploaded(ITALIAN))
    staff.uploaded(ITALIAN, "other.csv")
    numbers = {
        "import_": result.rstrip("/").rpartition("/")[2],
        "upload": db.session.scalar(select(func.max(SalesUpload.id))),
    }
    viewer, nobody = Person(house, "viewer"), house.test_client()
    assert "Undo this import" not in viewer.get(result)
    assert "Import sales" not in viewer.get("/backoffice/imports/")
    for address in (f"/backoffice/imports/{path.format(**numbers)}" for path in WRITES):
        assert viewer.post(address).status_code == 403, address
        assert nobody.post(address).status_code in (302, 400, 401), address
    for address in (f"/backoffice/imports/{path.format(**numbers)}" for path in READS):
        assert viewer.client.get(address).status_code == 403, address
        assert nobody.get(address).status_code in (302, 401), address
    assert (count(SalesUpload), count(SalesImport), count(OrderLine)) == (2, 1, 3)


def test_what_is_not_there_is_not_found(staff: Person) -> None:
    for path in ("99/", "99/undo", "uploads/99/", "uploads/99/check", "uploads/99/import"):
        staff.get(f"/backoffice/imports/{path}", 404)
    for path in ("99/undo", "uploads/99/", "uploads/99/import", "uploads/99/discard"):
        assert staff.post(f"/backoffice/imports/{path}").status_code == 404


@pytest.mark.real_data
def test_the_real_file_is_guessed_and_checked(house: Flask, staff: Person, real_data: Path) -> None:
    content = (real_data / "sales" / "online_retail.csv").read_bytes()
    head = content[: content.rfind(b"\n", 0, 400_000) + 1]  # from 500,000 on, the test client leaves a file open
    address = staff.uploaded(head, "online_retail.csv")
    page = staff.get(address)
    assert "All of these rows can be read." in page
    assert staff.choices(address)["cancellation_prefix"] == "C"
    counts = staff.get(staff.checked(address))
    assert "Would be put aside" in counts
    upload = db.session.scalars(select(SalesUpload)).one()
    assert upload.checked is not None
    assert (upload.checked["rows"], upload.checked["quarantined"]) == (head.count(b"\n") - 1, 0)
