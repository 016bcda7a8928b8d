"""A notebook reads GOLD as its project's people see it on their own pages: no row more, and by no other way."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from flask import Flask, current_app
from sqlalchemy import select

from tests.conftest import signed_in_cookie
from tests.etl.shop import Shop
from tests.rooms.accounts.makers import make_user
from tests.rooms.notebooks.gold_shop import notebook_of
from tests.rooms.workspaces.makers import make_group
from webapp.app import create_app
from webapp.blueprints.accounts.models import User
from webapp.blueprints.gold.public import GoldNotThere, list_readers
from webapp.blueprints.notebooks.gateways.gold_door import PostgresGoldDoor, Silence, number_of, tend
from webapp.blueprints.notebooks.models import GoldRole, Notebook
from webapp.blueprints.notebooks.ports import GoldAccess
from webapp.blueprints.workspaces.models import Project, WorkspaceMember
from webapp.blueprints.workspaces.services.projects import move_project, set_visibility
from webapp.core.db import db, gold_engine
from webapp.core.security import SYSTEM
from webapp.core.settings import Settings


def connect(access: GoldAccess, relay: Path, **changes: str) -> Any:
    """A connection as from inside of the container, where the folder is mounted."""
    environ = {**access.environ, **changes}
    connection = psycopg2.connect(
        host=str(relay), dbname=environ["PGDATABASE"], user=environ["PGUSER"], password=environ["PGPASSWORD"]
    )
    connection.autocommit = True
    return connection


def ask(connection: Any, query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


@pytest.mark.parametrize(
    ("who", "orders"), [("owner", 8), ("staff", 8), ("seller", 2), ("other", 1), ("head", 4), ("guest", 0)]
)
def test_page_export_and_notebook_count_the_same(
    people: dict[str, User], door: PostgresGoldDoor, relay: Path, who: str, orders: int
) -> None:
    session = db.session()
    browser = current_app.test_client()
    with browser.session_transaction() as cookie:
        cookie.update(signed_in_cookie(session, people[who]))
    notebook = notebook_of(people[who])
    reader = connect(door.open_gold(notebook.id, 1), relay)
    for url, table, key in (
        ("/backoffice/orders/", "fact_sale_line", "order_key"),
        ("/backoffice/customers/", "dim_customer", "customer_key"),
    ):
        page = browser.get(url)
        export = browser.get(f"{url}?format=csv", headers={"Accept-Language": "en"})
        found = ask(reader, f"SELECT DISTINCT {key} FROM {table} WHERE {key} <> 0 ORDER BY 1")
        if orders == 0:
            assert (page.status_code, export.status_code, found) == (403, 403, [])
            continue
        shown = {int(number) for number in re.findall(rf'href="{url}(\d+)/"', page.text)}
        exported = list(csv.reader(io.StringIO(export.data.decode("utf-8-sig"))))[1:]
        assert (len(shown), len(exported), len(found)) == (orders, orders, orders)
        assert shown == {number for (number,) in found}
    reader.close()


def test_a_notebook_of_several_people_sees_what_all_of_them_see(
    people: dict[str, User], door: PostgresGoldDoor, relay: Path
) -> None:
    notebook = notebook_of(people["owner"], people["head"], people["seller"])
    reader = connect(door.open_gold(notebook.id, 1), relay)
    assert ask(reader, "SELECT DISTINCT order_number FROM fact_sale_line") == [("N-2",)]
    reader.close()


def test_who_joins_takes_along_what_they_may_not_see(
    fresh_app: Flask, people: dict[str, User], door: PostgresGoldDoor, relay: Path
) -> None:
    notebook = notebook_of(people["owner"])
    reader = connect(door.open_gold(notebook.id, 1), relay)
    count = "SELECT count(DISTINCT order_key) FROM fact_sale_line"
    assert ask(reader, count) == [(8,)]
    session = db.session()
    member = WorkspaceMember(group_id=group_of(notebook), user_id=people["other"].id)
    session.add(member)
    session.commit()
    tend(fresh_app)
    assert ask(reader, count) == [(1,)]
    session.delete(session.merge(member))
    session.commit()
    tend(fresh_app)
    assert ask(reader, count) == [(8,)]
    reader.close()


def test_a_project_that_moves_sees_what_its_new_people_see_and_its_readers_do_not_matter(
    fresh_app: Flask, people: dict[str, User], door: PostgresGoldDoor, relay: Path
) -> None:
    notebook = notebook_of(people["owner"])
    reader = connect(door.open_gold(notebook.id, 1), relay)
    count = "SELECT count(DISTINCT order_key) FROM fact_sale_line"
    assert ask(reader, count) == [(8,)]
    session = db.session()
    project = session.get_one(Project, notebook.project_id)
    set_visibility(session, by=SYSTEM, project_id=project.id, version=project.version, visibility="public")
    session.commit()
    tend(fresh_app)
    assert ask(reader, count) == [(8,)]
    there = make_group(session, owner=people["other"])
    move_project(session, by=SYSTEM, project_id=project.id, version=project.version, group_id=there.id)
    session.commit()
    tend(fresh_app)
    assert ask(reader, count) == [(1,)]
    reader.close()


def test_gold_that_is_empty_is_told_once_until_that_changes(caplog: pytest.LogCaptureFixture) -> None:
    silence = Silence()
    for problem in (GoldNotThere(), GoldNotThere(), None, None, GoldNotThere()):
        with silence:
            if problem:
                raise problem
    warned = [record for record in caplog.records if record.levelname == "WARNING"]
    assert [record.getMessage() for record in warned] == [f"GOLD does not answer the keeper: {GoldNotThere()}"] * 2


def group_of(notebook: Notebook) -> int:
    return db.session().get_one(Project, notebook.project_id).group_id


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"PGUSER": "postgres", "PGPASSWORD": ""}, "only the reader that this notebook was given"),
        ({"PGUSER": "bottega"}, "only the reader that this notebook was given"),
        ({"PGDATABASE": "bottega"}, "from here leads a way to the database gold"),
        ({"PGDATABASE": "postgres"}, "from here leads a way to the database gold"),
        ({"PGPASSWORD": "of-another-reader"}, "password authentication failed"),
    ],
)
def test_nobody_else_and_nothing_else_is_reached_by_the_way_to_gold(
    people: dict[str, User], door: PostgresGoldDoor, relay: Path, changes: dict[str, str], says: str
) -> None:
    access = door.open_gold(notebook_of(people["owner"]).id, 1)
    with pytest.raises(psycopg2.OperationalError, match=says):
        connect(access, relay, **changes)


def test_a_reader_goes_with_its_notebook_and_its_connections_with_it(
    people: dict[str, User], door: PostgresGoldDoor, relay: Path
) -> None:
    notebook = notebook_of(people["staff"])
    reader = connect(door.open_gold(notebook.id, 1), relay)
    door.close_gold(notebook.id)
    door.close_gold(notebook.id)
    with pytest.raises(psycopg2.OperationalError):
        ask(reader, "SELECT 1")
    assert list_readers(gold_engine()) == []
    assert [row.dropped_at is None for row in db.session().scalars(select(GoldRole))] == [False]


def test_a_new_start_has_a_reader_of_its_own(people: dict[str, User], door: PostgresGoldDoor, relay: Path) -> None:
    notebook = notebook_of(people["staff"])
    first = door.open_gold(notebook.id, 1)
    again = door.open_gold(notebook.id, 1)
    assert first.environ["PGUSER"] == again.environ["PGUSER"]
    with pytest.raises(psycopg2.OperationalError, match="password"):
        connect(first, relay)
    second = door.open_gold(notebook.id, 2)
    assert list_readers(gold_engine()) == [second.environ["PGUSER"]]
    connect(second, relay).close()


def test_a_round_drops_the_readers_that_a_death_left_over(people: dict[str, User], door: PostgresGoldDoor) -> None:
    kept, left, wanted = notebook_of(people["staff"]), notebook_of(people["staff"]), notebook_of(people["staff"])
    for notebook in (kept, left, wanted):
        door.open_gold(notebook.id, 1)
    left.wanted = "stopped"
    db.session.commit()
    numbers = (kept.id, left.id, wanted.id)
    assert door.close_all_but(frozenset({numbers[0]})) == (numbers[1],)
    assert {number_of(name) for name in list_readers(gold_engine())} == {numbers[0], numbers[2]}
    assert door.close_all_but(frozenset({numbers[0]})) == ()


def test_before_the_first_run_a_notebook_starts_and_is_told_why_it_cannot_read(
    shop: Shop, door: PostgresGoldDoor
) -> None:
    access = door.open_gold(notebook_of(make_user(db.session(), roles=["staff"])).id, 1)
    assert "no ETL run has finished" in access.words
    assert access.environ == {"BOTTEGA_GOLD_WHY": access.words}
    assert not access.mounts


def test_where_gold_does_not_answer_nothing_is_held_up(fresh_settings: Settings) -> None:
    gone = "postgresql+psycopg2://postgres@/gold?host=/nowhere"
    app = create_app(replace(fresh_settings, gold_database_url=gone))
    with app.app_context():
        notebook = notebook_of(make_user(db.session(), roles=["staff"]))
        door = PostgresGoldDoor(app)
        assert "did not answer" in door.open_gold(notebook.id, 1).words
        door.close_gold(notebook.id)
        assert door.close_all_but(frozenset()) == ()
        tend(app)
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
