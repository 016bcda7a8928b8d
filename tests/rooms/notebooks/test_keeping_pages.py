"""The pages of images, homes, timetables, shared data and use; and who is refused."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.notebooks.browsing import Person, person, tasks_of
from tests.rooms.notebooks.makers import make_notebook, make_team, run_notebook
from tests.rooms.workspaces.makers import make_analyst
from webapp.blueprints.accounts.models import User
from webapp.blueprints.notebooks.models import Backup, Notebook, Usage, Volume
from webapp.blueprints.notebooks.services.homes import home_of
from webapp.blueprints.notebooks.services.shared import plain_name, shared_folder
from webapp.blueprints.tasks.public import Task
from webapp.blueprints.workspaces.public import Project


# ------------------------------------------------------------------------------------------------ homes
def address(notebook: Notebook, rest: str) -> str:
    return f"/backoffice/workspaces/notebooks/{notebook.slug}/{rest}"


def make_backup(session: Session, notebook: Notebook) -> Backup:
    backup = Backup(notebook_id=notebook.id, project_id=notebook.project_id, file="a.tar.gz", size=2048, made_by="Ada")
    session.add(backup)
    session.commit()
    return backup


def test_the_home_shows_how_full_it_is(team: tuple[Notebook, Person], session: Session) -> None:
    notebook, member = team
    make_backup(session, notebook)
    page = member.get(address(notebook, "home")).text
    assert "5.0\xa0MB" in page or "5\xa0MB" in page
    assert "Ada" in page
    assert "2\xa0KB" in page or "2.0\xa0KB" in page
    assert "Home and hours" in member.get(address(notebook, "")).text


def test_a_backup_is_a_task_of_the_keeper(team: tuple[Notebook, Person], session: Session) -> None:
    notebook, member = team
    assert member.post(address(notebook, "back-up")).status_code == 303
    assert tasks_of(session, "notebooks.back_up") == [{"notebook_id": notebook.id}]
    assert "task-progress" in member.get(address(notebook, "home")).text


def test_nothing_can_be_backed_up_before_the_first_start(app: Flask, session: Session) -> None:
    _owner, member, project = make_team(session)
    notebook = make_notebook(session, project=project)
    session.commit()
    answer = person(app, session, member).post(address(notebook, "back-up"))
    assert answer.status_code == 409
    assert "has no home yet" in answer.text


def test_a_backup_is_restored_only_where_nothing_runs(team: tuple[Notebook, Person], session: Session) -> None:
    notebook, member = team
    backup = make_backup(session, notebook)
    run_notebook(session, notebook)
    restoring = address(notebook, f"backups/{backup.id}/restore")
    assert member.post(restoring).status_code == 409
    assert member.post(address(notebook, "empty")).status_code == 409
    notebook.wanted, notebook.state, notebook.address, notebook.port = "stopped", "stopped", None, None
    session.commit()
    assert member.post(restoring).status_code == 303
    assert tasks_of(session, "notebooks.restore") == [{"notebook_id": notebook.id, "backup_id": backup.id}]


def test_an_emptied_home_goes_and_the_next_start_makes_another(team: tuple[Notebook, Person], session: Session) -> None:
    notebook, member = team
    assert member.post(address(notebook, "empty")).status_code == 303
    old = session.scalars(select(Volume)).one()
    assert old.remove_at is not None
    fresh = home_of(session, notebook.id, quota_mb=64)
    assert fresh.name != old.name


def test_a_copy_has_the_same_resources_and_gets_the_files(team: tuple[Notebook, Person], session: Session) -> None:
    notebook, member = team
    answer = member.post(address(notebook, "clone"), data={"name": "Forecast, mine", "slug": "forecast-mine"})
    assert answer.headers["Location"].endswith("/notebooks/forecast-mine/home")
    copy = session.scalars(select(Notebook).where(Notebook.slug == "forecast-mine")).one()
    assert (copy.project_id, copy.image_id, copy.memory_mb) == (
        notebook.project_id,
        notebook.image_id,
        notebook.memory_mb,
    )
    assert tasks_of(session, "notebooks.clone") == [{"notebook_id": notebook.id, "copy_id": copy.id}]
    assert member.post(address(notebook, "clone"), data={"name": "x", "slug": "forecast-mine"}).status_code == 422


def test_a_backup_of_another_notebook_is_not_there(team: tuple[Notebook, Person], session: Session) -> None:
    notebook, member = team
    foreign = make_backup(session, make_notebook(session))
    for deed in ("restore", "delete"):
        assert member.post(address(notebook, f"backups/{foreign.id}/{deed}")).status_code == 404
    assert member.get(address(notebook, f"backups/{foreign.id}/file")).status_code == 404


def test_a_locked_home_is_not_emptied_by_others(team: tuple[Notebook, Person], app: Flask, session: Session) -> None:
    notebook, member = team
    project = session.get_one(Project, notebook.project_id)
    owner = person(app, session, session.get_one(User, project.group.owner_id))
    assert (
        owner.post(address(notebook, "lock"), data={"minutes": "60", "reason": "closing the month"}).status_code == 303
    )
    backup = make_backup(session, notebook)
    for deed in ("empty", f"backups/{backup.id}/restore"):
        assert member.post(address(notebook, deed)).status_code == 423


def test_a_deletion_says_beforehand_what_goes_with_the_notebook(
    team: tuple[Notebook, Person], app: Flask, session: Session
) -> None:
    notebook, _member = team
    make_backup(session, notebook)
    project = session.get_one(Project, notebook.project_id)
    owner = person(app, session, session.get_one(User, project.group.owner_id))
    page = owner.get(address(notebook, "delete")).text
    assert "1 volume" in page
    assert "1 backup" in page
    assert "\xa0MB of files" in page


DEEDS = ("home", "timetable")
WRITES = ("back-up", "empty", "clone", "backups/1/restore", "backups/1/delete", "timetable")


def test_strangers_and_the_signed_out_are_refused(
    team: tuple[Notebook, Person], app: Flask, session: Session, client: FlaskClient
) -> None:
    notebook, _member = team
    stranger, _actor = make_analyst(session)
    browser = person(app, session, stranger)
    for rest in DEEDS:
        assert browser.get(address(notebook, rest)).status_code == 404
        assert client.get(address(notebook, rest)).status_code in (302, 303)
    for rest in WRITES:
        assert browser.post(address(notebook, rest)).status_code == 404
        assert client.post(address(notebook, rest)).status_code in (302, 303, 400, 401)
    assert session.scalars(select(Task).where(Task.kind.like("notebooks.%"))).all() == []


# ------------------------------------------------------------------------------------------------ timetable
def test_a_timetable_is_set_and_taken_away(team: tuple[Notebook, Person], session: Session) -> None:
    notebook, member = team
    table = {"days": ["1", "5"], "start": "08:00", "stop": "19:00", "version": notebook.version}
    assert member.post(address(notebook, "timetable"), data=table).status_code == 303
    session.refresh(notebook)
    assert notebook.timetable == {"days": [1, 5], "start": "08:00", "stop": "19:00"}
    assert "Monday, Friday: from 08:00 to 19:00" in member.get(address(notebook, "")).text
    assert "checked" in member.get(address(notebook, "timetable")).text
    nothing = {"start": "", "stop": "", "version": notebook.version}
    assert member.post(address(notebook, "timetable"), data=nothing).status_code == 303
    session.refresh(notebook)
    assert notebook.timetable is None


@pytest.mark.parametrize(
    ("table", "field"),
    [
        ({"start": "08:00"}, "days"),
        ({"days": ["1"]}, "stop"),
        ({"days": ["1"], "start": "eight"}, "start"),
    ],
)
def test_a_timetable_without_sense_is_refused_beside_its_field(
    team: tuple[Notebook, Person], table: dict[str, object], field: str
) -> None:
    notebook, member = team
    answer = member.post(address(notebook, "timetable"), data={**table, "version": notebook.version})
    assert answer.status_code == 422
    assert f'id="{field}-problem"' in answer.text


def test_the_second_of_two_editors_of_a_timetable_is_told(team: tuple[Notebook, Person]) -> None:
    notebook, member = team
    table = {"days": ["1"], "stop": "19:00", "version": notebook.version - 1}
    assert member.post(address(notebook, "timetable"), data=table).status_code == 409


# ------------------------------------------------------------------------------------------------ shared data
def data_address(notebook: Notebook, rest: str = "data") -> str:
    return f"/backoffice/workspaces/projects/{notebook.project_id}/{rest}"


def test_a_member_shares_a_file_and_takes_it_back(team: tuple[Notebook, Person], session: Session) -> None:
    notebook, member = team
    file = (io.BytesIO(b"a;b\n1;2\n"), "umsatz März.csv")
    assert member.post(data_address(notebook), data={"file": file}).status_code == 303
    (asked,) = tasks_of(session, "notebooks.share")
    assert asked["name"] == "umsatz März.csv"
    assert (shared_folder() / str(asked["kept"])).read_bytes() == b"a;b\n1;2\n"
    page = member.get(data_address(notebook)).text
    assert "/data/umsatz März.csv" in page
    assert "on its way" in page
    assert member.post(data_address(notebook, "data/take-back"), data={"name": "umsatz März.csv"}).status_code == 303
    assert "is being removed" in member.get(data_address(notebook)).text
    assert member.post(data_address(notebook, "data/take-back"), data={"name": "other.csv"}).status_code == 404


@pytest.mark.parametrize("name", ["", "...", "-rf", "a" * 200])
def test_a_file_without_a_proper_name_is_refused(team: tuple[Notebook, Person], name: str) -> None:
    notebook, member = team
    answer = member.post(data_address(notebook), data={"file": (io.BytesIO(b"x"), name)})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\daten\\x.csv", "x.csv"),
        ("a/b\nc.csv", "b_c.csv"),
        ("$(rm x).csv", "_(rm x).csv"),
        (" x .csv ", "x .csv"),
    ],
)
def test_a_name_cannot_lead_out_of_the_folder(app: Flask, given: str, kept: str) -> None:
    assert plain_name(given) == kept


def test_strangers_neither_see_nor_share_data(team: tuple[Notebook, Person], app: Flask, session: Session) -> None:
    notebook, _member = team
    stranger, _actor = make_analyst(session)
    browser = person(app, session, stranger)
    assert browser.get(data_address(notebook)).status_code == 404
    assert browser.get(data_address(notebook, "usage")).status_code == 404
    assert browser.post(data_address(notebook), data={"file": (io.BytesIO(b"x"), "x.csv")}).status_code == 404
    assert browser.post(data_address(notebook, "data/take-back"), data={"name": "x"}).status_code == 404


# ------------------------------------------------------------------------------------------------ use
def test_the_use_of_a_project_is_added_up(team: tuple[Notebook, Person], session: Session) -> None:
    notebook, member = team
    today = dt.datetime.now(dt.UTC).date()
    for number, (who, name) in enumerate([(notebook.id, "Forecast"), (999_999, "Gone")]):
        for back in (0, 1, 100):
            session.add(
                Usage(
                    notebook_id=who,
                    day=today - dt.timedelta(days=back),
                    project_id=notebook.project_id,
                    notebook_name=name,
                    seconds=Decimal(3600),
                    cpu_seconds=Decimal(600 * (number + 1)),
                    memory_mb_seconds=Decimal(3600 * 512),
                    memory_peak_mb=Decimal(700),
                )
            )
    session.commit()
    page = member.get(data_address(notebook, "usage")).text
    assert "4 h 0 min" in page
    assert "(deleted)" in page
    assert "512.0\xa0MB" in page or "512\xa0MB" in page
    longer = member.get(data_address(notebook, "usage?days=365")).text
    assert "6 h 0 min" in longer


def test_without_use_the_page_says_so(team: tuple[Notebook, Person]) -> None:
    notebook, member = team
    assert "No notebook of this project ran" in member.get(data_address(notebook, "usage?days=nonsense")).text
