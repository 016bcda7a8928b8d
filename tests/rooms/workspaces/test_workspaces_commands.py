"""`bottega workspaces`: groups, members and projects from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import make_user
from tests.rooms.workspaces.makers import make_analyst, make_group, make_project
from webapp.blueprints.workspaces.models import Project, WorkspaceGroup
from webapp.blueprints.workspaces.services.joining import request_membership

Bottega = Callable[..., Any]


@pytest.fixture
def run(bottega: Bottega) -> Bottega:
    """Run a command of the room: `run("groups")`."""
    return partial(bottega, "workspaces")


def test_groups_are_founded_filled_and_handed_over(session: Session, run: Bottega) -> None:
    owner, other = make_analyst(session)[0].email, make_analyst(session)[0].email
    assert run("found", "Sales team", "--owner", owner, "--joining", "open").output == "founded sales-team\n"
    assert run("add", "sales-team", other).exit_code == 0
    assert run("hand-over", "sales-team", other).exit_code == 0
    assert run("remove", "sales-team", owner).exit_code == 0
    assert json.loads(run("groups", "--json").output)[0]["members"] == [other]
    assert other in run("groups").output
    refused = run("remove", "sales-team", other)
    assert refused.exit_code == 2
    assert "hands the group over" in refused.stderr


def test_projects_are_created_opened_moved_and_deleted(session: Session, run: Bottega) -> None:
    for slug in ("one", "other"):
        make_group(session, slug=slug)
    session.commit()
    assert run("create-project", "one", "Prices").output == "created one/prices\n"
    assert run("open", "one/prices", "internal").exit_code == 0
    assert run("move", "one/prices", "other").output == "moved to other/prices\n"
    listed = json.loads(run("projects", "--json").output)
    assert [(each["project"], each["visibility"]) for each in listed] == [("other/prices", "internal")]
    assert run("delete-project", "other/prices", "--yes").exit_code == 0
    assert run("delete-group", "one", "--yes").exit_code == 0
    assert session.scalar(select(func.count()).select_from(Project)) == 0
    assert session.scalars(select(WorkspaceGroup.slug)).all() == ["other"]


def test_what_is_given_is_changed_and_the_rest_stays(session: Session, run: Bottega) -> None:
    group = make_group(session, slug="sales", name="Sales", description="Who sells", joining="open")
    project = make_project(session, group=group, slug="prices", name="Prices", description="What it costs")
    session.commit()
    assert run("change-group", "sales", "--name", "Sales team", "--joining", "on_request").output == "changed sales\n"
    assert run("change-project", "sales/prices", "--description", "").exit_code == 0
    assert run("change-project", "sales/prices", "--name", "Price list", "--visibility", "internal").exit_code == 0
    session.expire_all()
    assert (group.name, group.description, group.joining) == ("Sales team", "Who sells", "on_request")
    assert (project.name, project.description, project.visibility) == ("Price list", "", "internal")
    for words in (
        ("found", "x" * 81, "--owner", "owner@example.it"),
        ("create-project", "sales", " "),
        ("change-group", "sales", "--name", " "),
        ("change-project", "sales/prices", "--name", "x" * 81),
    ):
        refused = run(*words)
        assert refused.exit_code == 2
        assert "1 to 80" in refused.stderr


def test_a_deletion_asks_first_and_says_what_goes(session: Session, run: Bottega) -> None:
    project = make_project(session, group=make_group(session, slug="sales"))
    session.commit()
    asked = run("delete-group", "sales")
    assert asked.exit_code == 1
    assert "With it goes: 1 project" in asked.output
    assert session.get(Project, project.id)


def test_requests_are_listed_and_answered(session: Session, run: Bottega) -> None:
    asker, actor = make_analyst(session, name="Ada")
    group = make_group(session, slug="sales", joining="on_request")
    request = request_membership(session, by=actor, group_id=group.id, words="Please")
    session.commit()
    assert "Ada: Please" in run("requests", "sales").output
    assert run("answer", request.id, "--accept").exit_code == 0
    session.expire_all()
    assert group.has_member(asker.id)
    assert run("requests", "sales").output == "Nobody waits.\n"


def test_what_is_not_there_is_refused_in_words(session: Session, run: Bottega) -> None:
    someone = make_user(session).email
    for words in (("add", "nowhere", someone), ("open", "no/where", "public"), ("found", "X", "--owner", "no@no.it")):
        told = run(*words)
        assert told.exit_code == 2
        assert "Traceback" not in told.stderr
    assert run("groups").output == "There are no workspace groups.\n"
