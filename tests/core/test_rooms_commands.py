"""Rooms come and go by command, and the list that a client edits stays as it was written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import inspect

from webapp.cli import bottega as program
from webapp.core import commands, migrations
from webapp.core.db import db
from webapp.core.embedded import EmbeddedPostgres
from webapp.core.room import RoomError, in_order, opened
from webapp.core.scaffold import Removal, add_room, lay_out, remove_room
from webapp.core.scaffold.listing import read_rooms, with_room, without_room
from webapp.core.settings import PROJECT

OF_THIS_RUN = ("DATABASE_URL", "GOLD_DATABASE_URL", "BOTTEGA_TEST_SERVER")  # databases that another run must not take
LIST = '''"""The rooms."""

ROOMS = (
    "accounts",
    "crm",  # who buys
    "sales",
)
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two rooms on its list and nothing else."""
    for folder in ("webapp/blueprints", "webapp/translations/it/LC_MESSAGES", "migrations", "tests/rooms"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "webapp/rooms.py").write_text(LIST)
    (tmp_path / "webapp/translations/it/LC_MESSAGES/messages.po").write_text('msgid "Name"\nmsgstr "Nome"\n')
    return tmp_path


def new_room(project: Path, name: str, thing: str = "item") -> list[Path]:
    return lay_out(project, name, thing=thing, title=name.title(), titolo=name.title())


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_room_is_added_at_the_end_and_nothing_else_changes() -> None:
    assert with_room(LIST, "bookings") == LIST.replace('    "sales",\n', '    "sales",\n    "bookings",\n')


def test_a_room_is_taken_out_with_its_own_comment_only() -> None:
    assert without_room(LIST, "crm") == LIST.replace('    "crm",  # who buys\n', "")


@pytest.mark.parametrize(
    "source",
    [
        'ROOMS = ("accounts", "crm", "sales")\n',
        'ROOMS = ["accounts", "crm", "sales"]  # all\n',
        'ROOMS: tuple[str, ...] = (\n    "accounts", "crm",\n    "sales"\n)\n',
        'ROOMS = (\n    "accounts",\n    "crm",\n    "sales"  # last\n)\n',
        "ROOMS = ()\n",
        'ROOMS = ("accounts",)\n',
    ],
)
def test_any_way_of_writing_the_list_survives_adding_and_removing(source: str) -> None:
    before = read_rooms(source)
    longer = with_room(source, "bookings")
    assert read_rooms(longer) == (*before, "bookings")
    shorter = longer
    for name in before:
        shorter = without_room(shorter, name)
    assert read_rooms(shorter) == ("bookings",)
    assert read_rooms(without_room(shorter, "bookings")) == ()


@pytest.mark.parametrize("source", ["", "ROOMS = rooms()\n", "ROOMS = (1, 2)\n", "ROOMS = (\n", 'names = ("crm",)\n'])
def test_a_list_that_is_none_is_told(source: str) -> None:
    with pytest.raises(RoomError, match="list of rooms"):
        read_rooms(source)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("2nd", "no name for a room"),
        ("Bookings", "no name for a room"),
        ("book-ings", "no name for a room"),
        ("../bookings", "no name for a room"),
        ("", "no name for a room"),
        ("_x", "no name for a room"),
        ("class", "no name for a room"),
        ("match", "no name for a room"),
        ("prenotazioni\u00e0", "no name for a room"),
        ("a" * 25, "too long"),
        ("core", "reserved"),
        ("static", "reserved"),
        ("crm", "open already"),
        ("crm_notes", "told apart"),
    ],
)
def test_a_bad_name_is_refused_and_nothing_is_written(project: Path, name: str, sentence: str) -> None:
    before = contents(project)
    with pytest.raises(RoomError, match=sentence):
        new_room(project, name)
    assert contents(project) == before


@pytest.mark.parametrize("folder", ["webapp/blueprints/bookings", "migrations/bookings", "tests/rooms/bookings"])
def test_what_is_there_already_is_not_written_over(project: Path, folder: str) -> None:
    (project / folder).mkdir()
    with pytest.raises(RoomError, match=f"{folder} is there already"):
        new_room(project, "bookings")


def test_an_address_of_another_room_is_not_taken(project: Path) -> None:
    (project / "webapp/blueprints/crm").mkdir()
    (project / "webapp/blueprints/crm/views.py").write_text('url_prefix="/backoffice/customers"')
    with pytest.raises(RoomError, match="belongs to the room 'crm'"):
        new_room(project, "customers")


def test_a_bad_thing_is_refused(project: Path) -> None:
    with pytest.raises(RoomError, match="no name for a thing"):
        new_room(project, "bookings", thing="A Thing")


def test_the_words_of_a_new_room_go_into_the_catalogue_once(project: Path) -> None:
    catalogue = project / "webapp/translations/it/LC_MESSAGES/messages.po"
    lay_out(project, "bookings", thing="booking", title="Bookings", titolo="Prenotazioni")
    lay_out(project, "tables", thing="table", title='A "table"', titolo="Tavoli")
    words = catalogue.read_text()
    assert 'msgid "Bookings"\nmsgstr "Prenotazioni"' in words
    assert words.count('msgid "Name"\n') == words.count('msgid "New record"\n') == 1


def test_a_room_that_another_requires_must_stay(project: Path) -> None:
    with pytest.raises(RoomError, match="'crm' must stay: 'sales' requires it"):
        Removal.planned(project, "crm")


def test_a_room_that_is_not_open_cannot_be_removed(project: Path) -> None:
    with pytest.raises(RoomError, match="not open"):
        Removal.planned(project, "bookings")


def test_a_removed_room_leaves_what_it_wrote_unless_told_otherwise(project: Path) -> None:
    new_room(project, "bookings")
    add_room(project, "bookings")
    removal = Removal.planned(project, "bookings")
    remove_room(removal, delete_files=False, delete_migrations=False)
    assert read_rooms((project / "webapp/rooms.py").read_text()) == ("accounts", "crm", "sales")
    assert (project / "webapp/blueprints/bookings/room.py").exists()
    add_room(project, "bookings")
    remove_room(removal, delete_files=True, delete_migrations=False)
    assert not (project / "webapp/blueprints/bookings").exists()
    assert (project / "migrations/bookings").exists()
    add_room(project, "bookings")
    remove_room(removal, delete_files=True, delete_migrations=True)
    assert not (project / "migrations/bookings").exists()
    assert (project / "webapp/rooms.py").read_text() == LIST


def run(*words: str) -> Result:
    return CliRunner().invoke(program, words)


def test_the_commands_refuse_with_a_sentence_and_exit_code_2() -> None:
    for words, sentence in (
        (("rooms", "new", "Not A Name"), "no name for a room"),
        (("rooms", "remove", "crm"), "must stay"),
        (("rooms", "remove", "nowhere"), "not open"),
    ):
        refused = run(*words)
        assert refused.exit_code == 2
        assert sentence in refused.stderr


def test_the_commands_work_while_a_room_on_the_list_is_missing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "webapp/rooms.py").write_text(LIST.replace('"accounts"', '"gone"'))
    monkeypatch.setattr(commands, "PROJECT", project)
    assert run("rooms", "remove", "gone", "--delete-files", "--yes").exit_code == 0
    assert run("rooms", "new", "bookings").exit_code == 0
    assert read_rooms((project / "webapp/rooms.py").read_text()) == ("crm", "sales", "bookings")


def test_a_list_with_a_missing_room_is_told_with_exit_code_2(tmp_path: Path) -> None:
    broken = "import webapp.rooms, sys; webapp.rooms.ROOMS = ('gone',); from webapp.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", broken, "rooms", "list"],
        env={**os.environ, "BOTTEGA_INSTANCE": str(tmp_path)}, cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.strip() == "room 'gone' is not there: webapp/blueprints/gone/room.py is missing"


def test_the_open_rooms_are_listed(bottega: Callable[..., Result]) -> None:
    listed = bottega("rooms", "list").output
    assert "sales" in listed
    assert "(requires tasks, crm, catalogue)" in listed


def test_upgrade_and_check_agree_on_a_migrated_database(fresh_app: Flask) -> None:
    runner = fresh_app.test_cli_runner()
    assert runner.invoke(args=["db", "upgrade"]).output == "Nothing to apply.\n"
    checked = runner.invoke(args=["db", "check"])
    assert (checked.exit_code, checked.output) == (0, "The migrations equal the models.\n")


def test_check_names_the_drift_and_exits_with_1(fresh_app: Flask) -> None:
    with db.engines[None].begin() as connection:
        connection.exec_driver_sql("DROP INDEX ix_crm_customers_changed_xid")
    checked = fresh_app.test_cli_runner().invoke(args=["db", "check"])
    assert checked.exit_code == 1
    assert "add index: ix_crm_customers_changed_xid" in checked.stderr


def test_upgrade_starts_from_nothing_and_goes_back_to_nothing(fresh_app: Flask) -> None:
    with_tables = [room.name for room in in_order(opened()) if any((migrations.FOLDER / room.name).glob("*.py"))]
    for room in (*reversed(with_tables), "core"):
        assert migrations.take_down(room)
    assert inspect(db.engines[None]).get_table_names() == ["alembic_version"]
    assert migrations.pending() != []
    upgraded = fresh_app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert "Applied up to: accounts_0004" in upgraded.output
    migrations.check()


def test_a_revision_of_an_unchanged_room_is_not_written(fresh_app: Flask) -> None:
    done = fresh_app.test_cli_runner().invoke(args=["rooms", "migrate", "crm", "-m", "nothing"])
    assert done.output == "The models equal the database: there is nothing to write.\n"


@pytest.fixture
def twin() -> Iterator[Path]:
    """A copy of the project, whose embedded server runs on from one command to the next.

    Not in tmp_path, which another run of pytest closes to the user that PostgreSQL runs as.
    """
    with tempfile.TemporaryDirectory(prefix="bottega-test-", ignore_cleanup_errors=True) as folder:
        path = Path(folder).resolve()
        for name in ("webapp", "etl", "migrations", "tests"):
            without = shutil.ignore_patterns("__pycache__", "dist", "journeys")
            shutil.copytree(PROJECT / name, path / name, ignore=without)
        shutil.copytree(PROJECT / "webapp/static", path / "webapp/static", dirs_exist_ok=True)
        shutil.copy(PROJECT / "pyproject.toml", path)
        if (PROJECT / ".mypy_cache").is_dir():  # what is known of all that is not new
            shutil.copytree(PROJECT / ".mypy_cache", path / ".mypy_cache")
        server = EmbeddedPostgres(path / "instance" / "postgres", options={"fsync": "off"})
        server.acquire()
        yield path
        server.release()


def test_a_new_room_passes_its_tests_and_the_linters_and_grows_by_a_revision(twin: Path) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if name not in OF_THIS_RUN},
        "PYTHONPATH": str(twin),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "BOTTEGA_INSTANCE": str(twin / "instance"),
    }

    def succeed(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=twin, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    succeed("webapp.cli", "rooms", "new", "deliveries", "--thing", "delivery", "--title", "Deliveries")
    folders = ("webapp/blueprints/deliveries", "migrations/deliveries", "tests/rooms/deliveries")
    succeed("ruff", "check", *folders)
    succeed("ruff", "format", "--check", *folders)
    succeed("djlint", folders[0], "--check", "--lint")
    succeed("mypy", folders[0])
    succeed("pytest", "-q", folders[2], "-p", "no:cacheprovider")
    succeed("webapp.cli", "db", "upgrade")
    succeed("webapp.cli", "db", "check")
    models = twin / folders[0] / "models.py"
    models.write_text(
        models.read_text().replace(
            "    def __str__", "    note: Mapped[str | None] = mapped_column(String(80))\n\n    def __str__"
        )
    )
    assert "deliveries_0002_note.py" in succeed("webapp.cli", "rooms", "migrate", "deliveries", "-m", "note")
    succeed("ruff", "check", "migrations/deliveries")
    succeed("ruff", "format", "--check", "migrations/deliveries")
    succeed("webapp.cli", "db", "upgrade")
    succeed("webapp.cli", "db", "check")
    succeed("webapp.cli", "rooms", "remove", "deliveries", "--delete-files", "--drop-tables", "--yes")
    assert not any((twin / folder).exists() for folder in folders)
    succeed("webapp.cli", "db", "check")
