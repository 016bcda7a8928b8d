"""In real containers: a document reads GOLD as its project may, is run with parameters, rendered, and leaves nothing behind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.rooms.notebooks.gold_shop import notebook_of
from tests.rooms.tasks.in_hand import TaskInHand
from webapp.blueprints.accounts.models import User
from webapp.blueprints.documents.gateways.kinds import run_document
from webapp.blueprints.documents.gateways.working import DocumentFailed, work_on
from webapp.blueprints.documents.models import Run
from webapp.blueprints.documents.queries import RENDERING, RUN
from webapp.blueprints.documents.services import runs_folder
from webapp.blueprints.gold.public import list_readers
from webapp.blueprints.notebooks.gateways.errands import EngineErrands
from webapp.blueprints.notebooks.gateways.hands import HANDS, Hands
from webapp.blueprints.notebooks.models import Notebook
from webapp.blueprints.notebooks.services.homes import home_of
from webapp.core.db import gold_engine, transaction

pytestmark = pytest.mark.needs("dockerd")


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


def work(hands: Hands, notebook: Notebook, kind: str, *, number: int, path: str = "report.ipynb") -> dict[str, Any]:
    """Run or render a document of the notebook, as the task of this number."""
    run, errands = TaskInHand(number=number), EngineErrands(hands)
    return work_on(run, errands, slug=notebook.slug, kind=kind, path=path, parameters={})


def page_of(run_id: int) -> str:
    with transaction() as session:
        run = session.get_one(Run, run_id)
        return (runs_folder() / f"{run.file}.html").read_text()


@pytest.mark.usefixtures("relay")
def test_a_run_reads_gold_with_its_parameters_and_keeps_what_it_made(
    fresh_app: Flask,
    people: dict[str, User],
    hands: Hands,
) -> None:
    notebook = notebook_of(people["seller"])
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
    fresh_app.extensions[HANDS] = lambda _app: hands
    args = {"notebook": notebook.slug, "document": "report.ipynb", "parameters": "country = Italy\nmost = 5"}
    done = run_document(TaskInHand(number=1), args)
    page = page_of(done["run_id"])
    assert "Italy/5: 2 orders" in page
    assert "net_revenue" in page
    assert "<script" not in page
    assert list_readers(gold_engine()) == [], "the reader of a run goes with it"


@pytest.mark.usefixtures("relay")
def test_a_document_is_rendered_as_it_is_without_scripts(people: dict[str, User], hands: Hands) -> None:
    notebook = notebook_of(people["staff"])
    output = {
        "output_type": "display_data", "metadata": {},
        "data": {"text/html": "<b>told</b><script>alert('never')</script><img src=x onerror=alert(1)>", "text/plain": "told"},
    }  # fmt: skip
    put(hands, notebook, cell("raise SystemExit('is not run')", outputs=[output], execution_count=1))
    done = work(hands, notebook, RENDERING, number=2)
    page = page_of(done["run_id"])
    assert "<b>told</b>" in page
    assert "is not run" in page
    assert "never" not in page
    assert "onerror" not in page


@pytest.mark.usefixtures("relay")
def test_charts_are_pictures_and_one_that_cannot_be_drawn_says_so(people: dict[str, User], hands: Hands) -> None:
    notebook = notebook_of(people["staff"])
    rows = {"values": [{"month": "May", "net": 3}, {"month": "June", "net": 4}]}
    axes = {"x": {"field": "month", "type": "ordinal"}, "y": {"field": "net", "type": "quantitative"}}
    charts = ({"mark": "bar", "data": rows, "encoding": axes}, {"mark": "nothing"})
    outputs = [
        {"output_type": "display_data", "metadata": {}, "data": {"application/vnd.vegalite.v5+json": chart, "text/plain": "a chart"}}
        for chart in charts
    ]  # fmt: skip
    put(hands, notebook, *(cell("draw()", outputs=[output], execution_count=1) for output in outputs))
    done = work(hands, notebook, RENDERING, number=4)
    page = page_of(done["run_id"])
    assert page.count('src="data:image/png;base64,') == 1
    assert "this chart cannot be drawn" in page


@pytest.mark.usefixtures("relay")
def test_a_run_that_fails_says_in_which_way_and_keeps_how_far_it_came(people: dict[str, User], hands: Hands) -> None:
    notebook = notebook_of(people["staff"])
    put(hands, notebook, cell("print('so far')"), cell("1 / 0"))
    with pytest.raises(DocumentFailed, match="ZeroDivisionError"):
        work(hands, notebook, RUN, number=3)
    with transaction() as session:
        run = session.scalars(select(Run)).one()
        assert run.state == "failed"
        assert "ZeroDivisionError" in run.words
        run_id = run.id
    assert "so far" in page_of(run_id)
    with pytest.raises(DocumentFailed, match=r"no document lost\.ipynb"):
        work(hands, notebook, RUN, number=4, path="lost.ipynb")
