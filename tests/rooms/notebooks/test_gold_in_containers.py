"""In real containers: a notebook reads GOLD as its project may and reaches nothing else, and what was killed is swept away."""

from __future__ import annotations

import uuid

import docker
import pytest
from flask import Flask

from tests.deployment.engine import JUPYTER
from tests.rooms.notebooks.gold_shop import notebook_of
from webapp.blueprints.accounts.models import User
from webapp.blueprints.notebooks.gateways.docker_words import HOUSE_LABEL
from webapp.blueprints.notebooks.gateways.gold_door import PostgresGoldDoor
from webapp.blueprints.notebooks.gateways.hands import Hands
from webapp.blueprints.notebooks.ports import GoldAccess, Limits, NotebookSpec

pytestmark = pytest.mark.needs("dockerd")


def inside(hands: Hands, access: GoldAccess, code: str) -> str:
    """What Python prints in a notebook's container."""
    spec = NotebookSpec(
        name=f"probe-{uuid.uuid4().hex[:8]}", house="", notebook_id=1, generation=1, image=JUPYTER, limits=Limits(1, 512, 128),
        environ=access.environ, mounts=access.mounts, command=("python", "-c", code),
    )  # fmt: skip
    outcome = hands.spawner.run_once(spec, seconds=120, tell=lambda _step, _words: None)
    assert outcome.exit_code == 0, outcome.log
    return outcome.log


@pytest.mark.usefixtures("relay", "shop")
def test_from_inside_no_other_database_role_or_row_is_reached(
    people: dict[str, User],
    hands: Hands,
    door: PostgresGoldDoor,
) -> None:
    mine, other = notebook_of(people["seller"]), notebook_of(people["owner"])
    access, theirs = door.open_gold(mine.id, 1), door.open_gold(other.id, 1)
    probe = f"""
import os, psycopg2
def tried(**changes):
    try:
        connection = psycopg2.connect(**changes)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM fact_sale_line")
            return cursor.fetchone()[0]
    except psycopg2.Error as problem:
        return type(problem).__name__
print("mine", tried())
print("root", tried(user="postgres"), tried(user="postgres", dbname="bottega"))
print("neighbour", tried(user={theirs.environ["PGUSER"]!r}))
print("suite", tried(dbname="bottega"), tried(dbname="postgres"))
try:
    open("/run/bottega-gold/x", "w")
    print("written")
except OSError as problem:
    print("closed", problem.errno)
"""
    assert inside(hands, access, probe).split() == [
        "mine", "4", "root", "OperationalError", "OperationalError", "neighbour", "OperationalError",
        "suite", "OperationalError", "OperationalError", "closed", "30",
    ]  # fmt: skip


def test_a_notebook_without_a_way_to_gold_says_why(fresh_app: Flask, hands: Hands) -> None:
    access = GoldAccess(environ={"BOTTEGA_GOLD_WHY": "No ETL run has finished yet."})
    code = "import bottega_gold as gold\ntry: gold.dim_date()\nexcept gold.GoldNotThere as error: print(error)"
    assert "No ETL run has finished yet." in inside(hands, access, code)


@pytest.mark.usefixtures("relay")
def test_what_a_killed_worker_left_of_a_run_is_swept_away(
    fresh_app: Flask, hands: Hands, jupyter: docker.DockerClient
) -> None:
    names = ("run-1", "run-2")
    for name in names:
        jupyter.api.create_network(
            f"left-{uuid.uuid4().hex[:8]}", labels={HOUSE_LABEL: hands.spawner.house, "bottega.once": name}
        )
    assert hands.spawner.sweep_once(lambda name: name == "run-2") == ("run-1",)
    assert hands.spawner.sweep_once(lambda _name: False) == ("run-2",)
