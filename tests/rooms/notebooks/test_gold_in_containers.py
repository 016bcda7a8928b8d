"""In real containers: a document reads GOLD as its project may, is run with parameters, rendered, and leaves nothing behind."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import docker
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.deployment.engine import JUPYTER, base_images, build_jupyter, running_engine
from tests.rooms.notebooks.test_gold_door import door, make_notebook, people, relay, shop  # noqa: F401 - fixtures
from webapp.blueprints.accounts.models import User
from webapp.blueprints.gold.public import list_readers
from webapp.blueprints.notebooks.gateways.docker_engine import DockerEngine
from webapp.blueprints.notebooks.gateways.docker_images import DockerImages
from webapp.blueprints.notebooks.gateways.docker_volumes import DockerVolumes
from webapp.blueprints.notebooks.gateways.docker_words import HOUSE_LABEL
from webapp.blueprints.notebooks.gateways.gold_door import PostgresGoldDoor
from webapp.blueprints.notebooks.gateways.hands import Hands
from webapp.blueprints.notebooks.gateways.run_documents import DocumentFailed, work_on
from webapp.blueprints.notebooks.models import Notebook, Run
from webapp.blueprints.notebooks.ports import GoldAccess, Limits, NotebookSpec
from webapp.blueprints.notebooks.queries.runs import RENDERING, RUN
from webapp.blueprints.notebooks.services.homes import home_of
from webapp.blueprints.notebooks.services.runs import runs_folder
from webapp.core.db import gold_engine, transaction
from webapp.core.security import SYSTEM, Actor

pytestmark = pytest.mark.needs("dockerd")
SUBNETS = "10.218.0.0/16"


class Straight:
    """A task at work, without the machinery of tasks."""

    attempt = 1

    def __init__(self, number: int, by: Actor = SYSTEM) -> None:
        self.id, self.by, self.lines = number, by, list[str]()

    def progress(self, done: int, total: int | None = None, words: str = "") -> None:
        """Nobody looks."""

    def log(self, sentence: str, level: str = "info") -> None:  # noqa: ARG002 - as a task has it
        self.lines.append(sentence)

    def check(self) -> None:
        """Nobody cancels it."""

    def time_left(self, at_most: float | None = None) -> float:
        return at_most or 600.0

    def transaction(self) -> AbstractContextManager[Session]:
        return transaction()

    def start(self, kind: str, args: Any, *, key: str | None = None) -> int:
        raise NotImplementedError


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    with running_engine():
        build_jupyter(base_images())
        client = docker.from_env()
        yield client
        client.close()


@pytest.fixture
def hands(client: docker.DockerClient, door: PostgresGoldDoor) -> Iterator[Hands]:  # noqa: F811
    house = uuid.uuid4().hex
    engine = DockerEngine(client, house, subnets=SUBNETS)
    volumes = DockerVolumes(client, house, tool_image=lambda: None)
    yield Hands(engine, DockerImages(client), volumes, gold=door)
    for seen in engine.list():
        engine.stop(seen.name, grace=0)
    left = {"label": f"{HOUSE_LABEL}={house}"}
    assert not client.api.containers(all=True, filters=left)
    assert not client.api.networks(filters=left)
    for volume in volumes.list():
        volumes.remove(volume.name)


def cell(source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, **more}


def put(hands: Hands, notebook: Notebook, *cells: dict[str, Any]) -> None:
    """Write a document into the notebook's home."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    content = json.dumps({"cells": list(cells), "metadata": kernel, "nbformat": 4, "nbformat_minor": 4}).encode()
    with transaction() as session:
        home = home_of(session, notebook.id, quota_mb=notebook.disk_mb)
    hands.volumes.make(home.name, labels={})
    hands.volumes.add(home.name, "report.ipynb", len(content), iter([content]))


def page_of(run_id: int) -> str:
    with transaction() as session:
        run = session.get_one(Run, run_id)
        return (runs_folder() / f"{run.file}.html").read_text()


@pytest.mark.usefixtures("relay")
def test_a_run_reads_gold_with_its_parameters_and_keeps_what_it_made(
    people: dict[str, User],  # noqa: F811
    hands: Hands,
) -> None:
    notebook = make_notebook(people["seller"])
    put(
        hands, notebook,
        cell("country, most = 'nowhere', 1", metadata={"tags": ["parameters"]}),
        cell(
            "import bottega_gold as gold\n"
            "lines = gold.fact_sale_line()\n"
            "print(f'{country}/{most}: {lines.order_number.nunique()} orders')\n"
            "gold.net_revenue(by='country')"
        ),
    )  # fmt: skip
    task = Straight(1)
    done = work_on(
        task, hands, slug=notebook.slug, kind=RUN, path="report.ipynb", parameters={"country": "Italy", "most": 5}
    )
    page = page_of(done["run_id"])
    assert "Italy/5: 2 orders" in page
    assert "net_revenue" in page
    assert "<script" not in page
    assert list_readers(gold_engine()) == [], "the reader of a run goes with it"


@pytest.mark.usefixtures("relay")
def test_a_document_is_rendered_as_it_is_without_scripts(people: dict[str, User], hands: Hands) -> None:  # noqa: F811
    notebook = make_notebook(people["staff"])
    output = {
        "output_type": "display_data", "metadata": {},
        "data": {"text/html": "<b>told</b><script>alert('never')</script><img src=x onerror=alert(1)>", "text/plain": "told"},
    }  # fmt: skip
    put(hands, notebook, cell("raise SystemExit('is not run')", outputs=[output], execution_count=1))
    done = work_on(Straight(2), hands, slug=notebook.slug, kind=RENDERING, path="report.ipynb", parameters={})
    page = page_of(done["run_id"])
    assert "<b>told</b>" in page
    assert "is not run" in page
    assert "never" not in page
    assert "onerror" not in page


@pytest.mark.usefixtures("relay")
def test_a_run_that_fails_says_in_which_way_and_keeps_how_far_it_came(people: dict[str, User], hands: Hands) -> None:  # noqa: F811
    notebook = make_notebook(people["staff"])
    put(hands, notebook, cell("print('so far')"), cell("1 / 0"))
    with pytest.raises(DocumentFailed, match="ZeroDivisionError"):
        work_on(Straight(3), hands, slug=notebook.slug, kind=RUN, path="report.ipynb", parameters={})
    with transaction() as session:
        run = session.scalars(select(Run)).one()
        assert run.state == "failed"
        assert "ZeroDivisionError" in run.words
        run_id = run.id
    assert "so far" in page_of(run_id)
    with pytest.raises(DocumentFailed, match=r"no document lost\.ipynb"):
        work_on(Straight(4), hands, slug=notebook.slug, kind=RUN, path="lost.ipynb", parameters={})


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
    people: dict[str, User],  # noqa: F811
    hands: Hands,
    door: PostgresGoldDoor,  # noqa: F811
) -> None:
    mine, other = make_notebook(people["seller"]), make_notebook(people["owner"])
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
    fresh_app: Flask, hands: Hands, client: docker.DockerClient
) -> None:
    names = ("run-1", "run-2")
    for name in names:
        client.api.create_network(
            f"left-{uuid.uuid4().hex[:8]}", labels={HOUSE_LABEL: hands.spawner.house, "bottega.once": name}
        )
    assert hands.spawner.sweep_once(lambda name: name == "run-2") == ("run-1",)
    assert hands.spawner.sweep_once(lambda _name: False) == ("run-2",)
