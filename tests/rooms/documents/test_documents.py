"""Documents of a notebook are rendered for readers without anything that runs, and run with parameters by those who work in it."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.rooms.accounts.pages import token_of
from tests.rooms.documents.makers import make_page
from tests.rooms.notebooks.makers import browser_of, make_notebook, make_team
from tests.rooms.workspaces.makers import make_analyst
from webapp.blueprints.documents.gateways.cleaning import cleaned
from webapp.blueprints.documents.gateways.working import DocumentFailed, _files
from webapp.blueprints.documents.models import Run
from webapp.blueprints.documents.queries import RENDERING, RUN
from webapp.blueprints.documents.services import (
    ParametersWrong,
    PathWrong,
    begin_run,
    checked_path,
    end_run,
    read_parameters,
    runs_folder,
    write_parameters,
)
from webapp.blueprints.notebooks.settings import EXTENSION, NotebookSettings
from webapp.blueprints.tasks.public import Task
from webapp.core.security import SYSTEM

URL = "/backoffice/workspaces/notebooks/"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<img src='https://elsewhere.example/x.png'>",
        "<a href='javascript:alert(1)'>x</a>", "<a href='data:text/html,x'>x</a>", "<iframe src='/'></iframe>",
        "<svg onload=alert(1)><script>alert(1)</script></svg>", "<style>body{display:none}</style>",
        "<form action='/'><input name=password></form>", "<div style='position:fixed'>x</div>",
        "<div class='modal alert'>x</div>", "<div hx-get='/'>x</div>", "<div data-live id=notebook-live>x</div>",
        "<object data=x></object>", "<base href='//elsewhere'>", "<meta http-equiv=refresh content='0;url=//x'>",
        "<link rel=stylesheet href=x>", "<math><mtext><script>alert(1)</script></mtext></math>",
        "<img src='data:image/svg+xml;base64,PHN2Zz4='>", "<a href='/backoffice/'>x</a>",
    ],
)  # fmt: skip
def test_nothing_that_runs_or_leads_elsewhere_is_left_of_a_document(hostile: str) -> None:
    html = cleaned(f"<p>before</p>{hostile}<p>after</p>").lower()
    assert "<p>before</p>" in html
    assert "<p>after</p>" in html
    words = ("script", "alert", "style", "onerror", "onload", "elsewhere", "hx-", "data-live", "modal", "iframe", "form",
             "input", "object", "meta", "base", "link", "svg", "id=", "href=", "src=")  # fmt: skip
    assert [word for word in words if word in html] == []


def test_tables_pictures_and_coloured_code_stay() -> None:
    html = (
        '<table class="dataframe"><tr><th scope="col">net</th></tr></table><div class="highlight"><pre>'
        '<span class="k">for</span></pre></div><img src="data:image/png;base64,iVBORw0KGgo=" alt="A chart">'
    )
    assert all(
        part in cleaned(html) for part in ("dataframe", 'class="k"', "data:image/png", 'alt="A chart"', 'scope="col"')
    )


@pytest.mark.parametrize(
    "path", ["/etc/passwd.ipynb", "../x.ipynb", "a/../../x.ipynb", "x.py", "", "-x.ipynb", "a\nb.ipynb"]
)
def test_only_documents_of_the_home_are_named(path: str) -> None:
    with pytest.raises(PathWrong):
        checked_path(path)


def test_parameters_are_lines_whose_values_keep_their_kind() -> None:
    said = 'country = Italy\nyear = 2011\nrates = [1, 2.5]\nname = "007"\nopen = true\n\nnote = a = b'
    found = read_parameters(said)
    assert found == {
        "country": "Italy", "year": 2011, "rates": [1, 2.5], "name": "007", "open": True, "note": "a = b",
    }  # fmt: skip


@pytest.mark.parametrize(
    "value", ["Italy", 2011, "2011", "", " padded ", "true", "two\nlines", "\u2028", '"quoted"', "a = b", [1, None], {"a": {}}, 1.0]
)  # fmt: skip
def test_parameters_that_are_written_are_read_the_same_again(value: Any) -> None:
    read = read_parameters(write_parameters({"it": value, "year": 2011}))
    assert (read, type(read["it"])) == ({"it": value, "year": 2011}, type(value))


@pytest.mark.parametrize("line", [r'it = "\u0000"', r'it = "\ud800"', r'it = ["\\\u0000"]'])
def test_what_the_database_has_no_place_for_is_no_parameter(line: str) -> None:
    with pytest.raises(ParametersWrong):
        read_parameters(line)


def test_a_value_that_is_nested_too_deeply_is_a_text() -> None:
    assert read_parameters("it = " + "[" * 9000)["it"] == "[" * 9000
    assert read_parameters(r'it = "C:\\u0000"')["it"] == r"C:\u0000"


@pytest.mark.parametrize("line", ["country", "1x = 2", "a b = c", "import os; x = 1"])
def test_what_is_no_parameter_is_said(line: str) -> None:
    with pytest.raises(ParametersWrong):
        read_parameters(line)


def packed(files: Mapping[str, bytes]) -> Iterator[bytes]:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"content/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    whole = buffer.getvalue()
    return (whole[at : at + 700] for at in range(0, len(whole), 700))


def test_what_a_container_left_is_read_piece_by_piece_and_nothing_else_of_it() -> None:
    files = {"page.html": b"x" * 5000, "secret.txt": b"y", "page.ipynb": b"{}"}
    assert _files(packed(files)) == {"page.html": b"x" * 5000, "page.ipynb": b"{}"}


def test_what_is_too_large_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.blueprints.documents.gateways.working.LARGEST", 100)
    with pytest.raises(DocumentFailed):
        _files(packed({"page.html": b"x" * 101}))


def test_readers_read_and_members_run_and_strangers_do_neither(app: Flask, session: Session) -> None:
    owner, member, project = make_team(session)
    stranger, _ = make_analyst(session)
    notebook = make_notebook(session, project=project)
    rendering, run = make_page(session, notebook), make_page(session, notebook, kind=RUN)
    pages = [f"{URL}documents/{each.id}/" for each in (rendering, run)]
    for person in (owner, member):
        browser = browser_of(app, session, person)
        assert "<p>Figures</p>" in browser.get(pages[0]).text
        assert browser.get(pages[1]).status_code == 200
        assert json.loads(browser.get(f"{pages[1]}download").data) == {"cells": []}
    outside = browser_of(app, session, stranger)
    assert [outside.get(page).status_code for page in pages] == [404, 404]
    project.visibility = "internal"
    session.commit()
    assert [outside.get(page).status_code for page in pages] == [200, 404]
    assert "Delete" not in outside.get(pages[0]).text
    assert outside.get(f"{pages[0]}download").status_code == 403
    assert post(outside, f"{pages[0]}delete").status_code == 403
    assert post(outside, f"{URL}{notebook.slug}/documents/run", document="a.ipynb").status_code == 403
    assert post(browser_of(app, session, member), f"{pages[0]}delete").status_code == 303
    assert outside.get(pages[0]).status_code == 404


def post(browser: FlaskClient, path: str, **fields: str) -> TestResponse:
    return browser.post(path, data={"csrf_token": token_of(browser.get("/backoffice/workspaces/notebooks/")), **fields})


def test_a_page_of_a_public_project_is_read_by_anybody_only_where_the_house_says_so(
    app: Flask, session: Session
) -> None:
    _owner, _member, project = make_team(session)
    project.visibility = "public"
    rendering = make_page(session, make_notebook(session, project=project))
    anybody = app.test_client()
    address = f"/workspaces/renderings/{rendering.id}/"
    assert anybody.get(address).status_code == 404
    member = browser_of(app, session, _member)
    assert "<p>Figures</p>" in member.get(address).text


def test_a_document_is_asked_for_from_its_page(app: Flask, session: Session, with_engine: NotebookSettings) -> None:
    _owner, member, project = make_team(session)
    notebook = make_notebook(session, project=project)
    session.commit()
    browser = browser_of(app, session, member)
    page = browser.get(f"{URL}{notebook.slug}/documents/")
    assert "Run with parameters" in page.text
    path = f"{URL}{notebook.slug}/documents/run"
    app.extensions[EXTENSION] = replace(with_engine, engine="")
    assert post(browser, path, document="a.ipynb").status_code == 503
    app.extensions[EXTENSION] = with_engine
    assert post(browser, path, document="a.ipynb", parameters="year = 2011").status_code == 303
    task = session.scalars(select(Task).where(Task.kind == "notebooks.run_document")).one()
    assert task.args == {"notebook": notebook.slug, "document": "a.ipynb", "parameters": "year = 2011"}
    run = session.scalars(select(Run).where(Run.task_id == task.id)).one()
    assert (run.parameters, run.state, run.asked_by) == ({"year": 2011}, "queued", member.id)
    assert post(browser, path, document="/etc/x.ipynb").status_code == 422
    assert post(browser, path, document="a.ipynb", parameters="year").status_code == 422
    assert post(browser, f"{URL}{notebook.slug}/documents/render", document="a.ipynb").status_code == 303


def test_a_new_rendering_takes_the_place_of_the_one_before(app: Flask, session: Session) -> None:
    _owner, _member, project = make_team(session)
    notebook = make_notebook(session, project=project)
    old = make_page(session, notebook)
    old_id, old_file = old.id, runs_folder() / f"{old.file}.html"
    given: dict[str, Any] = {"slug": notebook.slug, "kind": RENDERING, "path": old.path, "parameters": {}}
    new = begin_run(session, by=SYSTEM, task_id=10**9, **given)
    end_run(session, new.id, ok=False, words="it broke")
    assert session.get(Run, old_id), "a rendering that fails takes nothing away"
    again = begin_run(session, by=SYSTEM, task_id=10**9 + 1, **given)
    end_run(session, again.id, ok=True, file="new", size=1, digest="d")
    session.commit()
    assert session.get(Run, old_id) is None
    for leave in session.info.pop("bottega_after_commit", ()):
        leave()
    assert not old_file.exists()
