"""The pages of notebooks, the API and the commands; the engine is asked by none of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.rooms.accounts.pages import token_of
from tests.rooms.notebooks.makers import browser_of, make_image, make_notebook, make_team, run_notebook
from tests.rooms.workspaces.makers import make_analyst
from webapp.blueprints.accounts.models import User
from webapp.blueprints.notebooks.models import Engine, Notebook, NotebookStep, State, Volume, Wanted
from webapp.blueprints.notebooks.services.homes import home_of
from webapp.blueprints.notebooks.settings import EXTENSION
from webapp.blueprints.tasks.models import Task
from webapp.blueprints.workspaces.public import Project
from webapp.core.clock import utc_now

BASE = "/backoffice/workspaces/notebooks"
API = "/api/v1/workspaces/notebooks"


@pytest.fixture(autouse=True)
def with_engine(app: Flask, session: Session) -> Iterator[None]:
    """An installation with an engine that the keeper saw a moment ago."""
    before = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(before, engine="docker", domain="")
    session.execute(update(Engine).values(answers=True, kind="docker", seen_at=utc_now()))
    session.commit()
    yield
    app.extensions[EXTENSION] = before


@pytest.fixture
def project(session: Session) -> Project:
    return make_team(session)[2]


@pytest.fixture
def owner(app: Flask, session: Session, project: Project) -> FlaskClient:
    return browser_of(app, session, session.get_one(User, project.group.owner_id))


@pytest.fixture
def member(app: Flask, session: Session, project: Project) -> FlaskClient:
    number = next(m.user_id for m in project.group.members if m.user_id != project.group.owner_id)
    return browser_of(app, session, session.get_one(User, number))


def press(browser: FlaskClient, path: str, at: str = f"{BASE}/sales/", **fields: str) -> Any:
    return browser.post(path, data={"csrf_token": token_of(browser.get(at)), **fields})


def test_a_member_makes_a_notebook_on_the_page_of_the_project(
    session: Session, member: FlaskClient, project: Project
) -> None:
    image = make_image(session, name="JupyterLab")
    session.commit()
    new = f"/backoffice/workspaces/projects/{project.id}/notebooks/new"
    assert new in member.get(f"/backoffice/workspaces/projects/{project.id}/").text
    form = {"image": str(image.id), "cpus": "1", "memory_mb": "512", "pids": "100", "disk_mb": "500"}
    answer = press(member, new, at=new, name="Vendite e città", **form)
    assert answer.status_code == 303, answer.text
    assert answer.location.endswith("/vendite-e-citta/")
    page = member.get(answer.location)
    assert "Vendite e città" in page.text
    assert "Stopped" in page.text


def test_a_form_out_of_the_limits_of_the_house_comes_back(
    session: Session, member: FlaskClient, project: Project
) -> None:
    image = make_image(session)
    session.commit()
    new = f"/backoffice/workspaces/projects/{project.id}/notebooks/new"
    form = {"image": str(image.id), "cpus": "99", "memory_mb": "512", "pids": "100", "disk_mb": "500"}
    answer = press(member, new, at=new, name="Large", **form)
    assert answer.status_code == 422
    assert "From 0.1 to 4." in answer.text


def test_the_owner_alone_lets_a_notebook_out(
    session: Session, member: FlaskClient, owner: FlaskClient, project: Project
) -> None:
    stored = make_notebook(session, project=project, slug="sales", image=make_image(session))
    session.commit()
    form = {
        "name": "Sales", "image": str(stored.image_id), "cpus": "1", "memory_mb": "512", "pids": "100", "disk_mb": "500",
        "internet": "y", "version": str(stored.version),
    }  # fmt: skip
    assert press(member, f"{BASE}/sales/edit", **form).status_code == 403
    assert press(owner, f"{BASE}/sales/edit", **form).status_code == 303


def test_the_page_shows_each_step_and_asks_for_itself_again(
    session: Session, member: FlaskClient, project: Project
) -> None:
    stored = make_notebook(
        session, project=project, slug="sales", wanted=Wanted.RUNNING, state=State.STARTING, generation=3
    )
    steps = [
        ("image", "The image is there.", True),
        ("network", "Network made.", True),
        ("container", "Container made.", None),
    ]
    session.add_all(
        NotebookStep(notebook_id=stored.id, generation=3, step=step, words=words, ok=ok) for step, words, ok in steps
    )
    session.commit()
    page = member.get(f"{BASE}/sales/")
    for _step, words, _ok in steps:
        assert words in page.text
    assert 'hx-trigger="every 2s"' in page.text
    fragment = member.get(f"{BASE}/sales/?seen=queued", headers={"HX-Request": "true"})
    assert "<html" not in fragment.text
    assert "hx-swap-oob" in fragment.text


def test_start_writes_the_wish_and_asks_the_keeper(session: Session, member: FlaskClient, project: Project) -> None:
    stored = make_notebook(session, project=project, slug="sales")
    session.commit()
    assert press(member, f"{BASE}/sales/start").status_code == 303
    session.expire_all()
    assert (stored.wanted, stored.state, stored.generation) == ("running", "queued", 1)
    task = session.query(Task).filter_by(kind="notebooks.settle").one()
    assert (task.queue, task.args) == ("docker", {"notebook": stored.id})


def test_a_failure_is_told_in_words_with_a_retry(session: Session, member: FlaskClient, project: Project) -> None:
    stored = make_notebook(session, project=project, slug="sales", wanted=Wanted.RUNNING, state=State.FAILED)
    stored.cause = "The engine does not have the image."
    session.commit()
    page = member.get(f"{BASE}/sales/").text
    assert "The engine does not have the image." in page
    assert "Try again" in page


def test_without_nginx_the_page_offers_the_command_instead_of_a_link(
    app: Flask, session: Session, member: FlaskClient, project: Project
) -> None:
    run_notebook(session, make_notebook(session, project=project, slug="sales"))
    page = member.get(f"{BASE}/sales/").text
    assert "docker compose -f compose.dev.yml --profile notebooks up --build --wait" in page
    assert 'target="_blank"' not in page
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(before, trusted_proxies=1)
    try:
        page = member.get(f"{BASE}/sales/").text
        assert "compose.dev.yml" not in page
        assert 'href="http://127.0.0.1:8000/notebooks/sales/"' in page
    finally:
        app.extensions["settings"] = before


def test_without_an_engine_the_room_explains_itself_and_nothing_breaks(
    app: Flask, session: Session, member: FlaskClient, project: Project
) -> None:
    make_notebook(session, project=project, slug="sales")
    session.commit()
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], engine="")
    assert "NOTEBOOK_ENGINE=docker" in member.get(f"{BASE}/").text
    assert "NOTEBOOK_ENGINE=docker" in member.get(f"{BASE}/sales/").text
    refused = press(member, f"{BASE}/sales/start")
    assert refused.status_code == 503
    assert "NOTEBOOK_ENGINE" in refused.text


def test_a_silent_keeper_is_told(session: Session, member: FlaskClient, project: Project) -> None:
    make_notebook(session, project=project, slug="sales")
    session.execute(update(Engine).values(seen_at=None))
    session.commit()
    assert "The keeper of the notebooks does not run" in member.get(f"{BASE}/sales/").text


def test_neither_the_token_nor_the_inside_address_is_told(
    session: Session, member: FlaskClient, project: Project
) -> None:
    stored = run_notebook(session, make_notebook(session, project=project, slug="sales"), address="10.213.7.2")
    for text in (member.get(f"{BASE}/sales/").text, member.get(f"{API}/sales").text):
        assert "10.213.7.2" not in text
        assert "the-token" not in text
        assert stored.token_sealed not in text


def test_the_log_is_what_the_keeper_brought_and_asking_for_it_tells_the_keeper(
    session: Session, member: FlaskClient, project: Project
) -> None:
    stored = run_notebook(session, make_notebook(session, project=project, slug="sales"))
    stored.log, stored.log_at = "Jupyter Server 2 is running <b>", utc_now()
    session.commit()
    page = press(member, f"{BASE}/sales/log")
    assert "Jupyter Server 2 is running &lt;b&gt;" in page.text
    session.expire_all()
    assert stored.log_asked_at is not None


def test_deleting_takes_the_home_along_and_asks_the_keeper_to_clear(
    session: Session, owner: FlaskClient, member: FlaskClient, project: Project
) -> None:
    stored = make_notebook(session, project=project, slug="sales")
    home = home_of(session, stored.id, quota_mb=10)
    session.commit()
    assert press(member, f"{BASE}/sales/delete", version=str(stored.version)).status_code == 403
    assert (
        press(owner, f"{BASE}/sales/delete", at=f"{BASE}/sales/delete", version=str(stored.version)).status_code == 303
    )
    session.expire_all()
    assert session.get(Notebook, stored.id) is None
    assert session.get_one(Volume, home.id).remove_at is not None
    assert session.query(Task).filter_by(kind="notebooks.clear").one().args == {"slug": "sales"}


WRITES = ["start", "stop", "restart", "extend", "lock", "unlock", "take-over", "log", "delete", "edit"]


@pytest.mark.parametrize("deed", WRITES)
def test_a_stranger_finds_no_notebook_and_nobody_is_asked_to_sign_in(
    app: Flask, session: Session, client: FlaskClient, project: Project, deed: str
) -> None:
    make_notebook(session, project=project, slug="sales")
    stranger, _ = make_analyst(session)
    session.commit()
    browser = browser_of(app, session, stranger)
    token = token_of(browser.get("/backoffice/workspaces/projects/new"))
    assert browser.post(f"{BASE}/sales/{deed}", data={"csrf_token": token}).status_code == 404
    anonymous = client.post(f"{BASE}/sales/{deed}", data={"csrf_token": token_of(client.get("/login"))})
    assert anonymous.status_code in (302, 303)


@pytest.mark.parametrize("deed", WRITES)
def test_who_may_only_read_a_project_starts_nothing_in_it(
    app: Flask, session: Session, project: Project, deed: str
) -> None:
    make_notebook(session, project=project, slug="sales")
    project.visibility = "internal"
    reader, _ = make_analyst(session)
    session.commit()
    browser = browser_of(app, session, reader)
    page = browser.get(f"{BASE}/sales/")
    assert page.status_code == 200
    assert f'action="{BASE}/sales/' not in page.text
    assert "Step by step" not in page.text
    token = token_of(browser.get("/backoffice/workspaces/projects/new"))
    assert browser.post(f"{BASE}/sales/{deed}", data={"csrf_token": token}).status_code == 403


def test_the_list_and_its_export_hold_what_one_may_see(
    app: Flask, session: Session, member: FlaskClient, project: Project
) -> None:
    make_notebook(session, project=project, slug="mine", name="Mine to see")
    make_notebook(session, slug="theirs", name="Not for me")
    session.commit()
    for path in (f"{BASE}/", f"{BASE}/?format=csv", API):
        text = member.get(path).text
        assert "Mine to see" in text
        assert "Not for me" not in text


def test_the_commands_make_start_and_delete(bottega: Callable[..., Any], session: Session, project: Project) -> None:
    make_image(session, name="JupyterLab")
    session.commit()
    where = f"{project.group.slug}/{project.slug}"
    assert "created vendite" in bottega("notebooks", "create", where, "Vendite").output
    assert bottega("notebooks", "start", "vendite").exit_code == 0
    [line] = [each for each in json.loads(bottega("notebooks", "list", "--json").output) if each["slug"] == "vendite"]
    assert (line["wanted"], line["state"], line["project"]) == ("running", "queued", where)
    assert re.search(r"steps +\d\d:\d\d:\d\d Start asked for", bottega("notebooks", "show", "vendite").output)
    assert "deleted vendite" in bottega("notebooks", "delete", "vendite", "--yes").output
    assert bottega("notebooks", "show", "vendite").exit_code == 2
