"""Who loses the right to a notebook, by whatever way, is cut off from it while they work: the door as it runs, on real rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import signed_in_cookie
from tests.rooms.accounts.makers import make_user
from tests.rooms.notebooks.makers import make_notebook, run_notebook
from tests.rooms.notebooks.test_relay import ALICE, BOB, House, echo, ended, open_door, opened, run, status_of
from tests.rooms.workspaces.makers import make_group, make_project
from webapp.blueprints.accounts.models import User, UserSession
from webapp.blueprints.notebooks.gateways.doorkeeper import look_up
from webapp.blueprints.notebooks.models import Notebook
from webapp.blueprints.notebooks.services.door import Pass, Shut, Way
from webapp.blueprints.workspaces.models import Project, WorkspaceGroup
from webapp.blueprints.workspaces.services.joining import leave_group, remove_member
from webapp.blueprints.workspaces.services.projects import move_project, set_visibility
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM, actor_of

Deed = Callable[[Session, Project, User], object]


class RealHouse(House):
    """The house itself: Alice is a member and Bob the owner of the group whose project has the notebook `sales`."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.app = app
        with transaction() as session:
            owner, member = make_user(session, roles=["staff"]), make_user(session, roles=["staff"])
            group = make_group(session, owner=owner, members=[member])
            project = make_project(session, group=group, visibility="internal")
            notebook = make_notebook(session, project=project, slug="sales")
            self.notebook_id, self.member_id = notebook.id, member.id
            self.passes = {ALICE: self._pass(session, member), BOB: self._pass(session, owner)}
        db.session.remove()

    def _pass(self, session: Session, user: User) -> Pass:
        signed_in_cookie(session, user)
        number = session.scalars(select(UserSession.id).where(UserSession.user_id == user.id)).one()
        return Pass(number, user.id, self.notebook_id)

    def look_up(self, passes: frozenset[Pass]) -> Mapping[Pass, Way | Shut]:
        """What the process of the door asks, for the passes that the tests show."""
        told = look_up(self.app, frozenset(self.passes[shown] for shown in passes))
        return {shown: told[self.passes[shown]] for shown in passes}

    def change(self, deed: Deed) -> None:
        """Do something to the project and its member, as a page does."""
        with self.app.app_context():
            with transaction() as session:
                notebook = session.get_one(Notebook, self.notebook_id)
                project = session.get_one(Project, notebook.project_id)
                deed(session, project, session.get_one(User, self.member_id))
            db.session.remove()

    def answer_at(self, port: int) -> None:
        """Let the notebook answer there."""
        with self.app.app_context():
            run_notebook(db.session(), db.session().get_one(Notebook, self.notebook_id), port=port)
            db.session.remove()


def take_out(session: Session, project: Project, member: User) -> None:
    remove_member(session, by=SYSTEM, group_id=project.group_id, user_id=member.id)


def leave(session: Session, project: Project, member: User) -> None:
    actor = actor_of(member.id)
    assert actor
    leave_group(session, by=actor, group_id=project.group_id)


def move_away(session: Session, project: Project, _member: User) -> None:
    """To a group that has the owner of the first one in it, and not its member."""
    owner = session.get_one(User, project.group.owner_id)
    there = make_group(session, members=[owner])
    move_project(session, by=SYSTEM, project_id=project.id, version=project.version, group_id=there.id)


def open_to(visibility: str) -> Deed:
    def deed(session: Session, project: Project, _member: User) -> None:
        set_visibility(session, by=SYSTEM, project_id=project.id, version=project.version, visibility=visibility)

    return deed


@pytest.mark.parametrize("deed", [take_out, leave, move_away], ids=lambda deed: deed.__name__)
def test_who_is_no_member_any_more_is_cut_off_and_the_others_stay(fresh_app: Flask, deed: Deed) -> None:
    house = RealHouse(fresh_app)

    async def test() -> None:
        async with open_door(house, every=0.2) as (_relay, port):
            way = house.ways[ALICE]
            assert isinstance(way, Way)
            await asyncio.to_thread(house.answer_at, way.port)
            alice, bob = await opened(port), await opened(port, who="bob")
            assert await echo(alice) == await echo(bob) == b"1+1"
            await asyncio.to_thread(house.change, deed)
            assert await ended(alice)
            assert await status_of(port) == 403
            assert await echo(bob, b"still here") == b"still here"

    run(test)


@pytest.mark.parametrize("visibility", ["private", "public"])
def test_who_reads_the_project_neither_opens_nor_shuts_its_notebooks(fresh_app: Flask, visibility: str) -> None:
    """Visibility is about reading: the door knows members alone, whatever it is and becomes."""
    house = RealHouse(fresh_app)

    async def test() -> None:
        async with open_door(house, every=0.2) as (relay, port):
            way = house.ways[ALICE]
            assert isinstance(way, Way)
            await asyncio.to_thread(house.answer_at, way.port)
            await asyncio.to_thread(house.change, _hand_bob_out)
            alice = await opened(port)
            assert await status_of(port, who="bob") == 403
            await asyncio.to_thread(house.change, open_to(visibility))
            await relay.look()
            assert await echo(alice) == b"1+1"
            relay._known.clear()
            assert await status_of(port, who="bob") == 403

    run(test)


def _hand_bob_out(session: Session, project: Project, member: User) -> None:
    """The member owns the group, and the former owner is none of it."""
    group = session.get_one(WorkspaceGroup, project.group_id)
    before, group.owner_id = group.owner_id, member.id
    session.flush()
    remove_member(session, by=SYSTEM, group_id=group.id, user_id=before)
