"""`bottega etl`: what it prints, and its exit codes."""

from __future__ import annotations

import json
import sys

import pytest
from click.testing import Result
from flask import Flask

from etl.gold.tables import TABLES
from tests.etl.shop import Shop


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["etl", *words])


def test_a_run_prints_one_json_object(fresh_app: Flask, shop: Shop) -> None:
    shop.order("1", "2011-03-01 10:00+01", (shop.product("PEN"), "3", "2.50"), (shop.product("INK"), "NaN", "1"))
    done = run(fresh_app, "run", "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert told["outcome"] == "ok"
    [sales] = [flow for flow in told["flows"] if flow["flow"] == "sales"]
    assert (sales["flow"], sales["rows_in"], sales["loaded"], sales["quarantined"]) == ("sales", 2, 1, 1)
    assert {audit["audit"] for audit in sales["audits"]} >= {
        "keys unique", "every fact finds its dimensions", "net of gold equals net of source",
    }  # fmt: skip
    assert all(audit["offenders"] == 0 for audit in sales["audits"])


def test_status_tells_the_last_run_and_the_last_good_one(fresh_app: Flask, shop: Shop) -> None:
    assert "no run" in run(fresh_app, "status").output
    assert json.loads(run(fresh_app, "status", "--json").output) == {"flows": []}
    assert run(fresh_app, "run").exit_code == 0
    shop.do("ALTER TABLE crm_customers RENAME COLUMN name TO called")
    failed = run(fresh_app, "run")
    assert (failed.exit_code, failed.stderr.count("\n")) == (1, 1)
    assert "failed in flow customers" in failed.stderr
    told = json.loads(run(fresh_app, "status", "--json").output)["flows"]
    assert [(row["flow"], row["outcome"]) for row in told] == [
        ("calendar", "failed"), ("calendar", "ok"), ("customers", "failed"), ("customers", "ok"),
        ("products", "ok"), ("sales", "ok"), ("traffic", "ok"),
    ]  # fmt: skip
    assert "failed in flow customers" in run(fresh_app, "status").output


def test_a_failed_run_says_so_in_json_too(fresh_app: Flask, shop: Shop) -> None:
    shop.do("ALTER TABLE crm_customers RENAME COLUMN name TO called")
    done = run(fresh_app, "run", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["outcome"] == "failed"


def test_an_unknown_flow_is_named_with_those_there_are(fresh_app: Flask) -> None:
    done = run(fresh_app, "run", "weather")
    assert done.exit_code == 1
    assert done.stderr == "There is no flow weather; the flows are calendar, customers, products, sales, traffic.\n"


def test_the_quarantine_lists_row_and_reason(fresh_app: Flask, shop: Shop) -> None:
    assert "empty" in run(fresh_app, "quarantine").output
    shop.order("1", "infinity", (shop.product("PEN"), "3", "2.50"))
    run(fresh_app, "run")
    [row] = json.loads(run(fresh_app, "quarantine", "--json").output)
    assert (row["flow"], row["row"]["order_number"], row["row"]["net"]) == ("sales", "1", "7.5000")
    assert "date_key is missing" in run(fresh_app, "quarantine").output


def test_the_dictionary_names_every_table(fresh_app: Flask) -> None:
    told = run(fresh_app, "dictionary").output
    assert all(f"## {table.name}\n" in told for table in TABLES)


def test_the_web_process_is_spared_pandas(fresh_app: Flask) -> None:
    import subprocess

    code = "import sys, webapp.app, webapp.blueprints.gold.room; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("command", ["run", "status", "dictionary", "quarantine"])
def test_each_command_explains_itself(fresh_app: Flask, command: str) -> None:
    assert run(fresh_app, command, "--help").exit_code == 0
