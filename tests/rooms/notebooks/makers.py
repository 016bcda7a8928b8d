"""Notebooks and the people who work in them, for tests."""

from __future__ import annotations

import itertools
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.conftest import signed_in_cookie
from tests.rooms.keys.makers import bearer, make_key
from tests.rooms.workspaces.makers import make_analyst, make_group, make_project
from webapp.blueprints.accounts.models import User
from webapp.blueprints.notebooks.models import Image, Notebook, State, Wanted
from webapp.blueprints.notebooks.services.door import TOKEN_PURPOSE
from webapp.blueprints.workspaces.public import Project
from webapp.core.sealing import seal

RIGHTS = {"workspaces:projects:read", "workspaces:projects:work", "notebooks:notebooks:run"}
_numbers = itertools.count(1)


def make_image(session: Session, **changes: Any) -> Image:
    """An image that notebooks may start from, and that the engine has."""
    number = next(_numbers)
    image = Image(**{"name": f"Image {number}", "reference": f"image-{number}:1", "present": True} | changes)
    session.add(image)
    session.flush()
    return image


def make_notebook(session: Session, *, project: Project | None = None, **changes: Any) -> Notebook:
    """A stopped notebook."""
    number = next(_numbers)
    image = changes.pop("image", None) or make_image(session)
    session.refresh(image)
    resources = {name: getattr(image, name) for name in ("cpus", "memory_mb", "pids", "disk_mb")}
    notebook = Notebook(
        **{
            "slug": f"notebook-{number}",
            "name": f"Notebook {number}",
            "project_id": (project or make_project(session)).id,
            "image": image,
            **resources,
            **changes,
        }
    )
    session.add(notebook)
    session.flush()
    return notebook


def run_notebook(session: Session, notebook: Notebook, *, address: str = "127.0.0.1", port: int = 8888) -> Notebook:
    """As the keeper leaves the row of a notebook that answers there."""
    notebook.wanted, notebook.state = Wanted.RUNNING, State.RUNNING
    notebook.generation += 1
    notebook.address, notebook.port = address, port
    notebook.token_sealed = seal("the-token", purpose=TOKEN_PURPOSE)
    session.commit()
    return notebook


def make_team(session: Session) -> tuple[User, User, Project]:
    """The owner of a group, a member, and a private project of the group."""
    owner, _ = make_analyst(session)
    member, _ = make_analyst(session)
    project = make_project(session, group=make_group(session, owner=owner, members=[member]))
    session.commit()
    return owner, member, project


def browser_of(app: Flask, session: Session, user: User) -> FlaskClient:
    """A browser in which somebody is signed in, who reads English."""
    browser = app.test_client()
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    with browser.session_transaction() as cookie:
        cookie.update(signed_in_cookie(session, user))
    return browser


def key_of(session: Session, user: User, rights: set[str] | None = None) -> dict[str, str]:
    """The headers of a request with a key of somebody's, which has these rights, or those of who works with notebooks."""
    return bearer(make_key(session, user_id=user.id, scopes=sorted(rights or RIGHTS)))
