"""The pages of the pipelines: what they tell, who may do what, and what is refused."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from tests.etl.shop import Shop
from webapp.blueprints.tasks.public import Schedule, Task
from webapp.blueprints.tasks.services.schedules import ensure_house_schedules
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction
from webapp.core.room import opened

Visitor = Callable[[str], FlaskClient]
Work = Callable[[], list[tuple[str, str]]]
PAGE = "/backoffice/pipelines/"


def page(client: FlaskClient, path: str = PAGE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(html.unescape(answer.text).split())


def send(client: FlaskClient, path: str, **fields: str) -> tuple[int, str]:
    token = client.get(PAGE).text.split('name="csrf-token" content="')[1].split('"')[0]
    answer = client.post(PAGE + path, data={**fields, "csrf_token": token})
    return answer.status_code, " ".join(html.unescape(answer.text).split())


def schedule(shop: Shop, *, due_before: dt.timedelta) -> None:
    """The hourly schedule, whose last slot came so long ago."""
    with transaction() as session:
        ensure_house_schedules(session)
        found = session.scalars(select(Schedule).where(Schedule.origin == "pipelines.hourly")).one()
        found.last_at = utc_now() - due_before
        found.next_at = found.last_at + dt.timedelta(hours=1)


def test_before_the_first_run_the_page_says_so(shop: Shop, visitor: Visitor) -> None:
    owner = visitor("owner")
    assert "The flows have not run yet" in page(owner)
    assert "The flows have not run yet" in page(owner, f"{PAGE}runs/")
    assert owner.get(f"{PAGE}runs/1/").status_code == 404


def test_the_flows_show_their_last_run_freshness_rows_audits_and_lineage(shop: Shop, visitor: Visitor) -> None:
    shop.do("UPDATE sales_orders SET ordered_at = 'infinity' WHERE number = '2'")
    shop.refine()
    shown = page(visitor("staff"))
    for words in ("Calendar", "Customers", "Products", "Sales", "went well", " s ago", "8 audits passed"):
        assert words in shown
    assert '<td data-label="In quarantine" class="num">2</td>' in shown
    lineage = shown.split('class="lineage"')[1]
    for words in ("sales_order_lines", "after Calendar, Customers, Products", "fact_sale_line", "agg_sales_month"):
        assert words in lineage
    facts = lineage.split("<code>fact_sale_line</code>")[1]
    assert "Net revenue, Orders, Units, Average order value, Active customers, Cancellation rate" in facts
    sums = lineage.split("<code>agg_sales_year</code>")[1].split("</div>")[0]
    assert "Net revenue" in sums
    assert "Active customers" not in sums
    assert "Split by: Customer" in lineage
    assert "late" not in shown.split('class="lineage"')[0].split("<main")[-1]


def test_a_failed_audit_is_shown_with_its_sample(shop: Shop, visitor: Visitor) -> None:
    shop.refine()
    with shop.gold.begin() as gold:
        gold.execute(text("UPDATE fact_sale_line SET net = net + 1"))
    shop.do("UPDATE sales_order_lines SET quantity = 9 WHERE id = (SELECT min(id) FROM sales_order_lines)")
    with pytest.raises(Exception, match="net of gold equals net of source"):
        shop.refine()
    shown = page(visitor("owner"))
    assert "Audit failed in flow sales" in shown
    assert "failed" in shown
    run = shop.ask("SELECT max(id) FROM etl_runs")[0][0]
    one = page(visitor("staff"), f"{PAGE}runs/{run}/")
    assert "net of gold equals net of source" in one
    assert "<td>fact_sale_line</td>" in one
    assert "6 offenders" in one


def test_the_log_is_filtered(shop: Shop, visitor: Visitor) -> None:
    shop.refine()
    shop.refine()
    owner = visitor("owner")
    assert "10 records" in page(owner, f"{PAGE}runs/")
    assert "2 records" in page(owner, f"{PAGE}runs/?flow=sales")
    assert "5 records" in page(owner, f"{PAGE}runs/?mode=full")
    assert "Nothing found" in page(owner, f"{PAGE}runs/?outcome=failed")
    assert owner.get(f"{PAGE}runs/?format=csv").text.count("\n") == 11
    fragment = owner.get(f"{PAGE}runs/?flow=sales", headers={"HX-Request": "true"}).text
    assert fragment.lstrip().startswith("<section")


def test_a_run_is_started_shown_and_asked_for_once(shop: Shop, visitor: Visitor, work: Work) -> None:
    staff = visitor("staff")
    assert send(staff, "run", flow="all")[0] == 303
    assert send(staff, "run", flow="all")[0] == 303
    assert send(staff, "run", flow="sales", full="y")[0] == 303
    shown = page(staff)
    assert "Under way" in shown
    assert "It waits for a worker." in shown
    assert work() == [("pipelines.run", "done")] * 2
    tasks = db.session.scalars(select(Task).order_by(Task.id)).all()
    assert [task.args for task in tasks] == [{"flow": "all", "full": False}, {"flow": "sales", "full": True}]
    assert "Under way" not in page(staff)
    assert shop.ask("SELECT DISTINCT actor FROM etl_runs") == [("The staff",)]


def test_a_backfill_is_started_followed_and_told(shop: Shop, visitor: Visitor, work: Work) -> None:
    shop.refine()
    staff = visitor("staff")
    assert send(staff, "backfill", start="2011-01-01", end="2011-12-31")[0] == 303
    shown = page(staff)
    assert "1 Jan 2011 to 31 Dec 2011" in shown
    assert "Stop this backfill" in shown
    work()
    shown = page(staff)
    assert "1 of 1 parts done" in shown
    assert "Stop this backfill" not in shown
    assert "backfill" in page(staff, f"{PAGE}runs/?mode=backfill")


def test_a_backfill_is_stopped(shop: Shop, visitor: Visitor, work: Work, fresh_app: Flask) -> None:
    from webapp.blueprints.tasks.gateways.runner import execute

    shop.refine()
    staff, owner = visitor("staff"), visitor("owner")
    send(staff, "backfill", start="2011-01-01", end="2011-12-31")
    number = db.session.scalars(select(Task.id)).one()
    db.session.remove()
    execute(fresh_app, number, worker="test", kill=lambda: None)
    assert send(owner, f"backfill/{number}/stop")[0] == 303
    assert work() == [("pipelines.backfill", "done"), ("pipelines.backfill_part", "cancelled")]
    assert "Look at it, or let it run again" in page(staff)
    assert send(owner, f"backfill/{number}/stop")[0] == 409
    assert send(owner, f"backfill/{number + 77}/stop")[0] == 404


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"start": "2011-02-01", "end": "2011-01-31"}, "The last day is before the first one."),
        ({"start": "1800-01-01", "end": "2011-01-31"}, "Choose a day from 1900 to 2199."),
        ({"start": "2011-01-01", "end": "9999-12-31"}, "Choose a day from 1900 to 2199."),
        ({"start": "soon", "end": "2011-01-31"}, "Not a valid date value."),
        ({"start": "", "end": ""}, "This field is required."),
    ],
)
def test_a_period_that_is_none_is_told_beside_its_field(
    shop: Shop, visitor: Visitor, fields: dict[str, str], words: str
) -> None:
    status, shown = send(visitor("owner"), "backfill", **fields)
    assert status == 422
    assert words in shown
    assert db.session.scalars(select(Task)).all() == []


def test_a_flow_that_there_is_not_is_refused(shop: Shop, visitor: Visitor) -> None:
    status, shown = send(visitor("owner"), "run", flow="ghosts")
    assert status == 422
    assert "Not a valid choice" in shown


def test_viewers_and_strangers_are_refused(shop: Shop, visitor: Visitor, fresh_app: Flask) -> None:
    shop.refine()
    viewer = visitor("viewer")
    token = viewer.get("/backoffice/").text.split('name="csrf-token" content="')[1].split('"')[0]
    for path in ("", "runs/", "runs/1/"):
        assert viewer.get(PAGE + path).status_code == 403
        assert fresh_app.test_client().get(PAGE + path).status_code == 302
    for path in ("run", "backfill", "backfill/1/stop"):
        assert viewer.post(PAGE + path, data={"csrf_token": token}).status_code == 403
        assert fresh_app.test_client().post(PAGE + path).status_code in (400, 401, 302)
    assert "Pipelines" not in viewer.get("/backoffice/").text
    assert db.session.scalars(select(Task)).all() == []


def test_a_member_of_staff_does_not_stop_what_another_started(shop: Shop, visitor: Visitor) -> None:
    shop.refine()
    owner, staff = visitor("owner"), visitor("staff")
    send(owner, "backfill", start="2011-01-01", end="2011-12-31")
    number = db.session.scalars(select(Task.id)).one()
    shown = page(staff)
    assert "1 Jan 2011 to 31 Dec 2011" in shown
    assert "Stop this backfill" not in shown
    assert send(staff, f"backfill/{number}/stop")[0] == 404
    db.session.remove()
    assert db.session.scalars(select(Task.state)).one() == "queued"


@pytest.mark.parametrize(
    ("due_before", "run_before", "late"),
    [
        (dt.timedelta(minutes=20), None, True),  # nothing since the slot, 15 minutes are over
        (dt.timedelta(minutes=5), dt.timedelta(minutes=50), False),  # the slot may still be served
        (dt.timedelta(minutes=5), dt.timedelta(minutes=90), True),  # the one before was not served either
        (dt.timedelta(minutes=20), dt.timedelta(minutes=10), False),
        (dt.timedelta(hours=3), dt.timedelta(hours=2), True),  # no scheduler has been there for two slots
    ],
)
def test_late_is_what_is_older_than_the_schedule_promises(
    shop: Shop, visitor: Visitor, due_before: dt.timedelta, run_before: dt.timedelta | None, late: bool
) -> None:
    shop.refine()
    with shop.gold.begin() as gold:
        gold.execute(
            text("UPDATE etl_cursors SET updated_at = now() - CAST(:ago AS interval)"),
            {"ago": run_before or dt.timedelta(hours=9)},
        )
    schedule(shop, due_before=due_before)
    owner = visitor("owner")
    assert ("GOLD is late" in page(owner)) == late
    assert ("GOLD is late: look at the pipelines" in page(owner, "/backoffice/")) == late
    with transaction() as session:
        found = session.scalars(select(Schedule).where(Schedule.origin == "pipelines.hourly")).one()
        found.paused, found.next_at = True, None
    assert "GOLD is late" not in page(owner)
    assert "No schedule refreshes GOLD" in page(owner)


def test_the_pages_speak_italian(shop: Shop, visitor: Visitor) -> None:
    shop.refine()
    owner = visitor("owner")
    owner.set_cookie("language", "it")
    assert owner.get(PAGE).status_code == 200
    assert owner.get(f"{PAGE}runs/").status_code == 200


def test_every_argument_of_a_kind_is_a_field_of_its_form(fresh_app: Flask) -> None:
    [room] = [room for room in opened() if room.name == "pipelines"]
    assert {kind.name for kind in room.tasks if kind.schedulable} == {"pipelines.run"}
