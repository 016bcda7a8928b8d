"""What the tests stand on: the embedded PostgreSQL, an application on it, and people who sign in."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from webapp.app import create_app
from webapp.blueprints.accounts.models import User
from webapp.blueprints.accounts.queries.sessions import Limits
from webapp.blueprints.accounts.services.sessions import Caller, begin_session, new_key
from webapp.blueprints.accounts.services.users import create_user
from webapp.core import migrations
from webapp.core.db import db
from webapp.core.embedded import EmbeddedPostgres
from webapp.core.security import SYSTEM
from webapp.core.settings import PROJECT, Settings

NEEDS_ALL = os.environ.get("BOTTEGA_TEST_ALL") == "1"
DATA = Path(os.environ.get("BOTTEGA_DATA") or PROJECT.parent / "shared" / "data")
GIVEN_SERVER = os.environ.get("BOTTEGA_TEST_SERVER", "").rstrip("/")
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "100"}
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")  # of several that share the tests: gw0, gw1, …
FIRST_OWN_OID = 16384  # PostgreSQL's FirstNormalObjectId
_numbers = itertools.count(1)


class Browser(FlaskClient):
    """A client whose requests do not see what the test or an earlier request left in `g`."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send a request; the test's application context goes on, so that it shares the session."""
        _forget_request()
        try:
            return super().open(*args, **kwargs)
        finally:
            _forget_request()


def _forget_request() -> None:
    if has_app_context():
        for name in list(g):
            g.pop(name)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "needs(part): skipped by name where the part is missing, never with BOTTEGA_TEST_ALL=1"
    )
    config.addinivalue_line("markers", "real_data: needs the folder of real files, ../shared/data or BOTTEGA_DATA")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        part = marker.args[0]
        if not NEEDS_ALL and shutil.which(part) is None:
            pytest.skip(f"needs {part}, which this machine lacks")
    if item.get_closest_marker("real_data") and not DATA.is_dir():
        pytest.skip(f"needs the real files in {DATA} (or BOTTEGA_DATA)")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real files."""
    return DATA


class GivenPostgres(EmbeddedPostgres):
    """A server that runs already, at BOTTEGA_TEST_SERVER: a superuser's address, as in postgresql://postgres:…@localhost.

    Workers that share the tests share the server too: each has databases of its own name.
    """

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of one of its databases."""
        own = f"{database}_{WORKER}" if WORKER and database != "postgres" else database
        return f"{GIVEN_SERVER.replace('postgresql://', 'postgresql+psycopg2://', 1)}/{own}"

    def acquire(self) -> None:
        """Make the databases anew."""
        for name in ("bottega", "gold"):
            drop_database(self, name)
            create_database(self, name)

    def release(self) -> None:
        """It is not ours to stop."""


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of this test run alone, in a folder that pytest's own clean-up of a run beside it leaves alone."""
    if GIVEN_SERVER:
        given = GivenPostgres(Path("/nowhere"))
        given.acquire()
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="bottega-test-") as folder:
        postgres = EmbeddedPostgres(Path(folder), options=FAST)
        postgres.acquire()
        yield postgres
        postgres.release()


@pytest.fixture(scope="session")
def settings(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings whose databases are the migrated template's; use `fresh_settings` to write for good."""
    instance = tmp_path_factory.mktemp("instance")
    settings = Settings.from_environment(
        {
            "BOTTEGA_ENV": "test",
            "BOTTEGA_INSTANCE": str(instance),
            "DATABASE_URL": server.url("bottega"),
            "GOLD_DATABASE_URL": server.url("gold"),
            "LOG_LEVEL": "WARNING",
        }
    )
    app = create_app(settings)
    with app.app_context():
        migrations.upgrade()
        for engine in db.engines.values():
            engine.dispose()
    return settings


@pytest.fixture(scope="session")
def spare_golds() -> list[str]:
    """The names of GOLD databases in which nobody made anything."""
    return []


@pytest.fixture
def fresh_settings(server: EmbeddedPostgres, settings: Settings, spare_golds: list[str]) -> Iterator[Settings]:
    """Settings with two databases of this test alone: what it commits stays, for it.

    Making a database takes longer than most tests, and few write to GOLD: one that is still empty serves the next test.
    """
    number = next(_numbers)
    own, gold = f"bottega_{number}", spare_golds.pop() if spare_golds else f"gold_{number}"
    if gold == f"gold_{number}":
        create_database(server, gold)
    yield replace(
        settings,
        database_url=create_database(server, own, template="bottega"),
        gold_database_url=server.url(gold),
    )
    drop_database(server, own)
    if is_empty(server, gold):
        spare_golds.append(gold)
    else:
        drop_database(server, gold)


@pytest.fixture
def fresh_app(fresh_settings: Settings) -> Iterator[Flask]:
    """An application on databases of its own, inside its context; commits are real."""
    app = create_app(fresh_settings)
    app.testing = True
    app.test_client_class = Browser
    with app.app_context():
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def shared_app(settings: Settings, server: EmbeddedPostgres) -> Flask:
    """The application that the tests with a savepoint share."""
    app = create_app(replace(settings, database_url=create_database(server, "shared_bottega", template="bottega")))
    app.testing = True
    app.test_client_class = Browser
    return app


@pytest.fixture
def app(shared_app: Flask) -> Iterator[Flask]:
    """The application inside its context; the code commits to a savepoint, and the test rolls all back."""
    with shared_app.app_context():
        engine = db.engines[None]
        with engine.connect() as connection:
            outer = connection.begin()
            db._app_engines[shared_app][None] = connection  # Flask-SQLAlchemy has no public seam for this
            db.session.session_factory.configure(join_transaction_mode="create_savepoint")
            try:
                yield shared_app
            finally:
                db.session.remove()
                db._app_engines[shared_app][None] = engine
                outer.rollback()


@pytest.fixture
def session(app: Flask) -> Session:
    """The database session of the test."""
    return db.session()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript; nobody is signed in."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask, session: Session) -> Callable[[str], FlaskClient]:
    """Sign a new user in: `client = sign_in("owner" | "staff" | "viewer")`; the session is a real one."""

    def signed_in(role: str) -> FlaskClient:
        user = create_user(
            session,
            by=SYSTEM,
            email=f"{role}{next(_numbers)}@people.bottega.it",
            name=f"The {role}",
            password="a-long-enough-password",
            roles=[role],
        )
        session.commit()
        browser = app.test_client()
        with browser.session_transaction() as cookie:
            cookie.update(signed_in_cookie(session, user))
        return browser

    return signed_in


def signed_in_cookie(session: Session, user: User, **changes: Any) -> dict[str, Any]:
    """What the cookie of a browser says in which `user` has just signed in; the session that it opens is stored.

    `changes` are those of `begin_session`.
    """
    key = new_key()
    given = {"caller": Caller("127.0.0.1", "Werkzeug"), "house": Limits(480, 336), "method": "password"} | changes
    begin_session(session, user=user, key=key, **given)
    session.commit()
    opened = {"sid": key, "uid": user.id, "_user_id": user.fs_uniquifier}
    return opened | {"_fresh": True, "fs_cc": "set", "fs_paa": time.time()}


@pytest.fixture
def bottega(app: Flask) -> Callable[..., object]:
    """Run a command in this process: `bottega("rooms", "list").output`."""
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=[str(word) for word in words])


def create_database(server: EmbeddedPostgres, name: str, *, template: str = "template1") -> str:
    """Make a database as a copy of another one; its SQLAlchemy URL. A server that is shared may know it by another name."""
    administer(server, f"CREATE DATABASE {_stored(server, name)} TEMPLATE {_stored(server, template)}")
    return server.url(name)


def is_empty(server: EmbeddedPostgres, name: str) -> bool:
    """Whether a database has no table, function or schema but those that come with PostgreSQL."""
    made = " UNION ALL ".join(
        f"SELECT oid FROM {kind} WHERE oid >= {FIRST_OWN_OID}" for kind in ("pg_class", "pg_proc", "pg_namespace")
    )
    url = server.url(name).replace("+psycopg2", "", 1)
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(made)
        return cursor.fetchone() is None


def drop_database(server: EmbeddedPostgres, name: str) -> None:
    """Drop a database, if it is there, whoever uses it."""
    administer(server, f"DROP DATABASE IF EXISTS {_stored(server, name)} WITH (FORCE)")


def _stored(server: EmbeddedPostgres, name: str) -> str:
    return name if name == "template1" else str(make_url(server.url(name)).database)


def administer(server: EmbeddedPostgres, statement: str) -> None:
    """Run one statement outside of any transaction, as the superuser of the test server."""
    connection = psycopg2.connect(server.url("postgres").replace("+psycopg2", "", 1))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()
