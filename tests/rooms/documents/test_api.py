"""Runs and renderings in the API and on the command line, and who is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.rooms.documents.makers import make_page
from tests.rooms.keys.makers import bearer
from tests.rooms.notebooks.makers import browser_of, key_of, make_notebook, make_team
from tests.rooms.tasks.makers import make_task
from tests.rooms.workspaces.makers import make_analyst
from webapp.blueprints.accounts.models import User
from webapp.blueprints.documents.models import Run
from webapp.blueprints.documents.queries import RUN, RUNNING
from webapp.blueprints.documents.services import runs_folder
from webapp.blueprints.notebooks.models import Notebook
from webapp.blueprints.notebooks.services.errands import list_under_way
from webapp.blueprints.notebooks.services.notebooks import delete_notebook
from webapp.blueprints.notebooks.settings import EXTENSION, NotebookSettings
from webapp.blueprints.tasks.public import State, Task
from webapp.blueprints.workspaces.public import get_project
from webapp.blueprints.workspaces.queries.projects import what_belongs
from webapp.core.security import SYSTEM

API = "/api/v1/workspaces"


@pytest.fixture
def notebook(session: Session) -> tuple[Notebook, User]:
    """A notebook of a private project, and a member of its group."""
    _owner, member, project = make_team(session)
    made = make_notebook(session, project=project)
    session.commit()
    return made, member


@pytest.mark.usefixtures("with_engine")
def test_a_member_asks_for_runs_and_renderings(
    client: FlaskClient, session: Session, notebook: tuple[Notebook, User]
) -> None:
    found, member = notebook
    headers, place = key_of(session, member), f"{API}/notebooks/{found.slug}/documents"
    parameters = {"country": "Italy", "year": 2011, "code": "007", "note": "two\nlines"}
    asked = client.post(f"{place}/run", headers=headers, json={"document": "a.ipynb", "parameters": parameters})
    told = asked.get_json()
    assert (asked.status_code, told["notebook"], told["document"]) == (202, found.slug, "a.ipynb")
    assert (told["kind"], told["state"], told["parameters"]) == ("run", "queued", parameters)
    assert session.get_one(Task, told["task_id"]).kind == "notebooks.run_document"
    assert client.get(f"{API}/documents/{told['id']}", headers=headers).get_json() == told
    asked = client.post(f"{place}/render", headers=headers, json={"document": "b.ipynb"})
    assert (asked.status_code, asked.get_json()["kind"]) == (202, "rendering")
    listed = client.get(f"{place}?sort=document", headers=headers).get_json()
    assert [(each["document"], each["kind"]) for each in listed["items"]] == [
        ("a.ipynb", "run"),
        ("b.ipynb", "rendering"),
    ]
    only = client.get(f"{place}?kind=rendering&state=queued&document=b.ipynb", headers=headers).get_json()
    assert ([each["document"] for each in only["items"]], only["page"]["count"]) == (["b.ipynb"], 1)


@pytest.mark.usefixtures("with_engine")
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"document": "/etc/x.ipynb"}, "Write the path of a document"),
        ({"document": "a.ipynb", "parameters": {"a b": 1}}, "a b = 1"),
        ({"document": "a.ipynb", "parameters": {"it": "\0"}}, "cannot be kept"),
        ({"document": "a.ipynb", "parameters": ["it"]}, "parameters"),
        ({"document": "a.ipynb", "wish": 1}, "wish"),
        ({}, "document"),
    ],
)
def test_what_is_asked_for_in_a_wrong_way_is_told_in_words(
    client: FlaskClient, session: Session, notebook: tuple[Notebook, User], asked: dict[str, Any], said: str
) -> None:
    found, member = notebook
    answer = client.post(f"{API}/notebooks/{found.slug}/documents/run", headers=key_of(session, member), json=asked)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert said in answer.text


def test_without_an_engine_nothing_is_asked_for(
    app: Flask, client: FlaskClient, session: Session, notebook: tuple[Notebook, User], with_engine: NotebookSettings
) -> None:
    found, member = notebook
    app.extensions[EXTENSION] = replace(with_engine, engine="")
    place = f"{API}/notebooks/{found.slug}/documents/render"
    answer = client.post(place, headers=key_of(session, member), json={"document": "a.ipynb"})
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")


def test_a_document_is_fetched_and_deleted(
    client: FlaskClient, session: Session, notebook: tuple[Notebook, User]
) -> None:
    found, member = notebook
    run = make_page(session, found, kind=RUN)
    headers, place = key_of(session, member), f"{API}/documents/{run.id}"
    fetched = client.get(f"{place}/download", headers=headers)
    assert (fetched.mimetype, json.loads(fetched.data)) == ("application/x-ipynb+json", {"cells": []})
    assert fetched.headers["Content-Disposition"] == f'attachment; filename="sales-{run.id}.ipynb"'
    run.state = RUNNING
    session.commit()
    assert client.delete(place, headers=headers).status_code == 403
    run.state = "done"
    session.commit()
    assert client.delete(place, headers=headers).status_code == 204
    assert client.get(place, headers=headers).status_code == 404


def test_who_only_reads_sees_renderings_and_does_nothing(
    client: FlaskClient, session: Session, notebook: tuple[Notebook, User]
) -> None:
    found, _member = notebook
    get_project(session, found.project_id, by=SYSTEM).visibility = "internal"
    rendering, run = make_page(session, found), make_page(session, found, kind=RUN)
    reader, _actor = make_analyst(session)
    session.commit()
    headers = key_of(session, reader)
    listed = client.get(f"{API}/notebooks/{found.slug}/documents", headers=headers).get_json()
    assert [each["id"] for each in listed["items"]] == [rendering.id]
    places = [f"{API}/documents/{each.id}" for each in (rendering, run)]
    assert [client.get(place, headers=headers).status_code for place in places] == [200, 404]
    assert [client.get(f"{place}/download", headers=headers).status_code for place in places] == [403, 404]
    assert [client.delete(place, headers=headers).status_code for place in places] == [403, 404]
    asked = client.post(f"{API}/notebooks/{found.slug}/documents/run", headers=headers, json={"document": "a.ipynb"})
    assert asked.status_code == 403
    less = key_of(session, reader, {"workspaces:projects:read"})
    assert client.delete(places[0], headers=less).status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "notebooks/{slug}/documents"),
        ("POST", "notebooks/{slug}/documents/run"),
        ("POST", "notebooks/{slug}/documents/render"),
        ("GET", "documents/{run_id}"),
        ("GET", "documents/{run_id}/download"),
        ("DELETE", "documents/{run_id}"),
    ],
)
def test_strangers_and_nobody_are_refused(
    client: FlaskClient, session: Session, notebook: tuple[Notebook, User], method: str, path: str
) -> None:
    found, _member = notebook
    stranger, _actor = make_analyst(session)
    place = f"{API}/{path.format(slug=found.slug, run_id=make_page(session, found).id)}"
    given = {"json": {"document": "a.ipynb"}} if method == "POST" else {}
    assert client.open(place, method=method, headers=key_of(session, stranger), **given).status_code == 404
    assert client.open(place, method=method, headers=bearer("nobody"), **given).status_code == 401


@pytest.mark.usefixtures("with_engine")
def test_the_commands_list_run_and_render(
    bottega: Callable[..., Any], session: Session, notebook: tuple[Notebook, User]
) -> None:
    slug = notebook[0].slug
    assert "No document" in bottega("documents", "list", slug).output
    asked = bottega("documents", "run", slug, "a.ipynb", "--set", "year=2011", "--set", "country = Italy")
    assert asked.output.startswith("document ")
    assert bottega("documents", "render", slug, "b.ipynb").exit_code == 0
    rendering, run = json.loads(bottega("documents", "list", slug, "--json").output)
    assert (run["document"], run["parameters"]) == ("a.ipynb", {"year": 2011, "country": "Italy"})
    assert (rendering["kind"], rendering["state"]) == ("rendering", "queued")
    assert f"{run['id']:>8}  queued   run " in bottega("documents", "list", slug).output
    refused = bottega("documents", "run", slug, "../a.ipynb")
    assert (refused.exit_code, refused.stderr.startswith("Write the path of a document")) == (2, True)
    assert bottega("documents", "list", "nowhere").exit_code == 2


def test_the_keeper_learns_which_runs_go_on_and_the_cancelled_are_over(
    session: Session, notebook: tuple[Notebook, User]
) -> None:
    ended = make_task(session, kind="notebooks.run_document", state=State.CANCELLED)
    states = {"goes on": None, "cancelled": ended.id}
    runs = {
        name: Run(notebook_id=notebook[0].id, kind=RUN, path="a.ipynb", state=RUNNING, task_id=task)
        for name, task in states.items()
    }
    session.add_all(runs.values())
    session.commit()
    under_way = list_under_way(session)
    session.refresh(runs["cancelled"])
    assert runs["goes on"].id in under_way
    assert runs["cancelled"].id not in under_way
    assert runs["cancelled"].state == "failed"


def test_who_deletes_is_told_of_documents_first(app: Flask, session: Session, notebook: tuple[Notebook, User]) -> None:
    found, _member = notebook
    make_page(session, found)
    make_page(session, found, kind=RUN)
    owner = browser_of(app, session, make_analyst(session, roles=["owner"])[0])
    assert "2 documents run or rendered" in owner.get(f"/backoffice/workspaces/notebooks/{found.slug}/delete").text
    [told] = [each for each in what_belongs(session, [found.project_id]) if each.name == "documents"]
    assert (told.words, told.count) == ("2 documents run or rendered", 2)


def test_what_is_kept_of_documents_goes_with_their_notebook(session: Session, notebook: tuple[Notebook, User]) -> None:
    found, _member = notebook
    run = make_page(session, found)
    run_id, file = run.id, runs_folder() / f"{run.file}.html"
    delete_notebook(session, by=SYSTEM, slug=found.slug, version=found.version)
    session.commit()
    assert session.get(Run, run_id) is None
    for leave in session.info.pop("bottega_after_commit", ()):
        leave()
    assert not file.exists()
