"""The commands of the import: whole runs in processes of their own, killed, at once, and on the real files."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select, text

from webapp.app import create_app
from webapp.blueprints.sales.models import Order, OrderLine, QuarantinedRow
from webapp.blueprints.sales.services.importing import import_sales
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM
from webapp.core.settings import Settings

Command = Callable[..., Result]
HEADER = "order,date,sku,description,category,quantity,price,customer,customer_name,country,discount"


def sales_file(path: Path, lines: int, start: int = 0) -> Path:
    """A file for the preset `demo`: three lines an order."""
    with path.open("w") as file:
        file.write(HEADER + "\n")
        for n in range(start, start + lines):
            file.write(
                f"N{n // 3},2024-01-{n // 3 % 28 + 1:02} 10:00,S{n % 50},Thing {n % 50},Things,{n % 7},1.5,C{n // 3 % 9},,Italy,\n"
            )
    return path


def environment(settings: Settings) -> dict[str, str]:
    """What a process needs to work on the databases of these settings."""
    assert settings.database_url
    assert settings.gold_database_url
    return {
        **os.environ, "BOTTEGA_ENV": "test", "BOTTEGA_INSTANCE": str(settings.instance), "LOG_LEVEL": "WARNING",
        "DATABASE_URL": settings.database_url, "GOLD_DATABASE_URL": settings.gold_database_url,
    }  # fmt: skip


def started(settings: Settings, path: Path, mapping: str = "demo") -> subprocess.Popen[str]:
    """An import under way in a process of its own."""
    words = [
        sys.executable,
        "-c",
        "from webapp.cli import main; main()",
        "sales",
        "import",
        str(path),
        "--mapping",
        mapping,
        "--json",
    ]
    return subprocess.Popen(words, env=environment(settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_command_prints_one_object_and_nothing_else(bottega: Command, tmp_path: Path) -> None:
    result = bottega("sales", "import", sales_file(tmp_path / "a.csv", 9), "--mapping", "demo", "--json")
    assert result.exit_code == 0
    values = json.loads(result.stdout)
    assert set(values) == {
        "file", "rows", "accepted", "already_known", "quarantined", "orders", "customers", "products", "net", "seconds",
    }  # fmt: skip
    assert (values["rows"], values["accepted"], values["orders"], values["customers"], values["products"]) == (
        9,
        9,
        3,
        3,
        9,
    )
    assert values["net"] == "33.0000"
    assert "reading" in result.stderr
    listed = json.loads(bottega("sales", "imports", "--json").stdout)
    assert [(row["file"], row["accepted"], row["net"]) for row in listed] == [("a.csv", 9, "33.0000")]


def test_a_refusal_is_one_sentence_and_exit_code_2(bottega: Command, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("order;date\n")
    result = bottega("sales", "import", tmp_path / "a.csv", "--mapping", "demo", "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "a.csv: line 1: there is no column 'order'" in result.stderr
    assert "Traceback" not in result.stderr
    unknown = bottega("sales", "import", tmp_path / "a.csv", "--mapping", "online-retial")
    assert unknown.exit_code == 2
    assert "did you mean 'online-retail'?" in unknown.stderr
    assert "chinook, demo, online-retail" in unknown.stderr


def test_quarantine_is_listed_exported_corrected_replayed_and_discarded(bottega: Command, tmp_path: Path) -> None:
    good = "N1,2024-01-01,S1,=cmd(),Things,1,1.5,C1,,Italy,"
    path = tmp_path / "a.csv"
    path.write_text(
        f"{HEADER}\n{good}\n=N2,soon,S1,,Things,1,1.5,C1,,Italy,\nN3,2024-01-01,S1,,Things,x,1.5,C1,,Italy,\n"
    )
    bottega("sales", "import", path, "--mapping", "demo")
    listed = bottega("sales", "quarantine", "list")
    assert "a.csv: line 3, column date: soon is not a date" in listed.output
    rows = [json.loads(line) for line in bottega("sales", "quarantine", "list", "--json").stdout.splitlines()]
    exported = list(csv.reader(bottega("sales", "quarantine", "export").stdout.lstrip("\ufeff").splitlines()))
    assert exported[1][6] == "'=N2,soon,S1,,Things,1,1.5,C1,,Italy,"
    first, second = rows[0]["id"], rows[1]["id"]
    wrong = bottega("sales", "quarantine", "replay", first, "--corrected", "N2,later,S1,,Things,1,1.5,C1,,Italy,")
    assert wrong.exit_code == 1
    assert "later is not a date" in wrong.stderr
    assert bottega("sales", "quarantine", "replay", first, "--corrected", good).exit_code == 1  # known
    assert bottega("sales", "quarantine", "replay", first, "--corrected", good, "--even-if-known").exit_code == 0
    assert bottega("sales", "quarantine", "replay", "--all").exit_code == 1
    assert bottega("sales", "quarantine", "discard", second).exit_code == 0
    assert bottega("sales", "quarantine", "list").output == ""
    again = json.loads(bottega("sales", "import", path, "--mapping", "demo", "--json").stdout)
    assert (again["accepted"], again["already_known"], again["quarantined"]) == (0, 3, 0)
    imports = json.loads(bottega("sales", "imports", "--json").stdout)
    assert [(i["rows"], i["accepted"], i["already_known"], i["quarantined"]) for i in imports] == [
        (3, 0, 3, 0),
        (3, 2, 0, 1),
    ]
    assert db.session().scalar(select(func.count(OrderLine.id))) == 2


def test_a_killed_import_leaves_nothing_and_the_next_one_completes(fresh_settings: Settings, tmp_path: Path) -> None:
    path = sales_file(tmp_path / "a.csv", 30_000)
    app = create_app(fresh_settings)
    chance = random.Random(7)
    killed = 0
    for _ in range(4):
        process = started(fresh_settings, path)
        assert process.stderr is not None
        process.stderr.readline()  # reading has begun
        time.sleep(chance.uniform(0, 0.5))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.communicate()
        with app.app_context():
            assert db.session().scalar(select(func.count(OrderLine.id))) in (0, 30_000)
            db.session.remove()
    assert killed
    done = started(fresh_settings, path)
    values = json.loads(done.communicate()[0])
    assert values["accepted"] + values["already_known"] == 30_000
    with app.app_context():
        session = db.session()
        assert session.scalar(select(func.count(OrderLine.id))) == 30_000
        assert session.scalar(select(func.sum(Order.net))) == session.scalar(select(func.sum(OrderLine.net)))
        db.session.remove()
        db.engines[None].dispose()


def test_two_imports_at_once_store_each_line_once(fresh_settings: Settings, tmp_path: Path) -> None:
    paths = [sales_file(tmp_path / "a.csv", 6_000), sales_file(tmp_path / "b.csv", 6_000, start=3_000)]
    running = [started(fresh_settings, path) for path in (*paths, paths[0])]
    results = [json.loads(process.communicate()[0]) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert sum(result["accepted"] for result in results) == 9_000
    app = create_app(fresh_settings)
    with app.app_context():
        session = db.session()
        assert session.scalar(select(func.count(OrderLine.id))) == 9_000
        assert session.scalar(select(func.count(Order.id))) == 3_000
        db.session.remove()
        db.engines[None].dispose()


def test_an_import_without_the_right_to_spare_row_checks_stores_the_same(fresh_app: Flask, tmp_path: Path) -> None:
    with transaction() as session:
        session.execute(text("DROP ROLE IF EXISTS plain_importer"))
        session.execute(text("CREATE ROLE plain_importer"))
        session.execute(text("GRANT ALL ON ALL TABLES IN SCHEMA public TO plain_importer"))
    try:
        with transaction() as session:
            session.execute(text("SET LOCAL ROLE plain_importer"))
            result = import_sales(session, path=sales_file(tmp_path / "a.csv", 900), mapping="demo", by=SYSTEM)
            again = import_sales(
                session, path=sales_file(tmp_path / "b.csv", 900, start=400), mapping="demo", by=SYSTEM
            )
        assert (result.accepted, again.accepted, again.already_known) == (900, 400, 500)
        totals = select(Order.id).where(
            Order.line_count != select(func.count(OrderLine.id)).where(OrderLine.order_id == Order.id).scalar_subquery()
        )
        assert db.session().scalars(totals).all() == []
    finally:
        db.session.remove()
        with transaction() as session:
            session.execute(text("DROP OWNED BY plain_importer"))
            session.execute(text("DROP ROLE plain_importer"))


@pytest.mark.real_data
def test_the_real_file_is_imported_to_the_last_line(fresh_settings: Settings, real_data: Path) -> None:
    path = real_data / "sales" / "online_retail.csv"
    values = json.loads(started(fresh_settings, path, "online-retail").communicate()[0])
    expected = {
        "rows": 541_909, "accepted": 541_909, "already_known": 0, "quarantined": 0, "orders": 25_900,
        "customers": 4_372, "products": 4_070, "net": "9747747.9340",
    }  # fmt: skip
    assert {key: values[key] for key in expected} == expected
    months: dict[str, Decimal] = defaultdict(Decimal)
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            months[row["InvoiceDate"][:7]] += Decimal(row["Quantity"]) * Decimal(row["UnitPrice"])
    app = create_app(dataclasses.replace(fresh_settings))
    with app.app_context():
        month = func.to_char(func.timezone("Europe/Rome", Order.ordered_at), "YYYY-MM")
        totals = db.session().execute(select(month, func.sum(Order.net)).group_by(month))
        stored: dict[str, Decimal] = dict(iter(totals))
        kinds = dict(db.session().execute(select(Order.kind, func.count()).group_by(Order.kind)).all())
        db.session.remove()
        db.engines[None].dispose()
    assert stored == months
    assert kinds == {"sale": 20_728, "cancellation": 3_836, "return": 1_336}


@pytest.mark.real_data
def test_chinook_is_imported_from_an_italian_spreadsheet(bottega: Command, real_data: Path, tmp_path: Path) -> None:
    query = """
        SELECT i.InvoiceId, strftime('%d/%m/%Y', i.InvoiceDate), l.TrackId, t.Name, g.Name, l.Quantity,
               replace(printf('%.2f', l.UnitPrice), '.', ','), i.CustomerId, c.FirstName || ' ' || c.LastName, i.BillingCountry
        FROM InvoiceLine l JOIN Invoice i USING (InvoiceId) JOIN Track t USING (TrackId) JOIN Genre g USING (GenreId)
        JOIN Customer c USING (CustomerId) ORDER BY l.InvoiceLineId
    """
    source = sqlite3.connect(f"file:{real_data / 'sales' / 'Chinook_Sqlite.sqlite'}?mode=ro&immutable=1", uri=True)
    rows = source.execute(query).fetchall()
    source.close()
    path = tmp_path / "chinook.csv"
    names = [
        "InvoiceId",
        "InvoiceDate",
        "TrackId",
        "Track",
        "Genre",
        "Quantity",
        "UnitPrice",
        "CustomerId",
        "Customer",
        "BillingCountry",
    ]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=";").writerows([names, *rows])
    guessed = tmp_path / "guessed.toml"
    guessed.write_text(bottega("sales", "guess", path).stdout)
    values = json.loads(bottega("sales", "import", path, "--mapping", "chinook", "--json").stdout)
    assert (values["rows"], values["accepted"], values["orders"], values["customers"]) == (2_240, 2_240, 412, 59)
    assert values["net"] == "2328.6000"
    again = json.loads(bottega("sales", "import", path, "--mapping", guessed, "--json").stdout)
    assert (again["accepted"], again["already_known"]) == (0, 2_240)
    assert db.session().scalar(select(func.count(QuarantinedRow.id))) == 0
