"""Public pages are kept for strangers, by the version of what they show: a change shows at once, in every process."""

from __future__ import annotations

import datetime as dt
import gzip
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import psycopg2
import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import make_url, text

from tests.conftest import administer, create_database
from tests.rooms.news.makers import make_article
from tests.waiting import until
from webapp.app import create_app
from webapp.blueprints.news.models import Article
from webapp.core import migrations
from webapp.core.clock import utc_now
from webapp.core.db import db
from webapp.core.embedded import EmbeddedPostgres
from webapp.core.page_cache import PageCache, holds_until, takes_gzip
from webapp.core.public_state import shown_tables
from webapp.core.room import opened
from webapp.core.security import public
from webapp.core.settings import Settings, SettingsError
from webapp.core.site_pages import Head, share

PAGE = '{% extends "layouts/site.html" %}{% block title %}{{ company.name }}, {{ drawn() }}{% endblock %}{% block content %}<p>{{ "words " * 300 }}</p>{% endblock %}'


class Site:
    """An application with a few public pages, and how often they were drawn."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.drawn = 0
        self.ends: dt.datetime | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.cache: PageCache = app.extensions["bottega_page_cache"]
        app.jinja_env.loader = ChoiceLoader([DictLoader({"probe.html": PAGE}), app.jinja_env.loader])
        for path, view in {
            "": self._page,
            "/fleeting": lambda: self._page(until=self.ends),
            "/parts": self._of_parts,
            "/own": self._own,
            "/lost": lambda: self._page(status=404),
            "/noted": lambda: self._page(keep=False),
        }.items():
            app.add_url_rule(f"/it/probe{path}", f"probe{path}", public(partial(view)))

    def _page(self, **options: Any) -> Any:
        return share("probe.html", Head("Probe", others={"it": "/it/probe"}), drawn=self._count, **options)

    def _count(self) -> int:
        self.drawn += 1
        assert self.gate.wait(30)
        return self.drawn

    def _of_parts(self) -> Any:
        holds_until(utc_now() + dt.timedelta(hours=1))
        holds_until(self.ends)
        holds_until(None)
        return self._page(until=utc_now() + dt.timedelta(minutes=5))

    def _own(self) -> Any:
        session["seen"] = True
        return self._page()

    def rename(self, name: str) -> None:
        """Change the company as another process would."""
        with self.app.app_context(), db.engines[None].begin() as connection:
            connection.execute(text("UPDATE core_company SET name = :name"), {"name": name})


@pytest.fixture(scope="module")
def whole_site(settings: Settings, server: EmbeddedPostgres) -> Iterator[Site]:
    own = replace(
        settings,
        database_url=create_database(server, "kept_bottega", template="bottega"),
        page_cache_megabytes=4,
        trusted_proxies=1,
    )
    app = create_app(own)
    site = Site(app)
    yield site
    site.cache.close()
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def site(whole_site: Site) -> Site:
    """The site, listening, with nothing kept."""
    whole_site.app.test_client().get("/it/probe")
    until(lambda: whole_site.cache.state.version is not None, 10)
    whole_site.cache.store.clear()
    whole_site.drawn = 0
    return whole_site


@pytest.fixture
def stranger(site: Site) -> FlaskClient:
    return site.app.test_client(use_cookies=False)


def test_a_page_is_drawn_once_for_all_strangers(site: Site, stranger: FlaskClient) -> None:
    first, second = stranger.get("/it/probe"), stranger.get("/it/probe")
    assert site.drawn == 1
    assert first.data == second.data
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    told = [{name for name, _value in answer.headers} for answer in (first, second)]
    assert told[0] == told[1]
    assert {"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "ETag", "Vary"} <= told[0]
    assert second.headers["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in told[0]


def test_the_number_of_a_request_is_the_proxys(stranger: FlaskClient) -> None:
    for given, taken in (("0123456789abcdef", True), ("<forged>\n", False)):
        answer = stranger.get("/it/probe", environ_overrides={"HTTP_X_REQUEST_ID": given})
        assert (answer.headers["X-Request-ID"] == given) is taken
        assert answer.headers["X-Database-Seconds"] is not None


def test_a_change_shows_at_once(site: Site, stranger: FlaskClient) -> None:
    assert "Manfredi &amp; figli" not in stranger.get("/it/probe").text
    before = site.cache.state.version
    site.rename("Manfredi & figli")
    until(lambda: site.cache.state.version != before, 10)
    assert "Manfredi &amp; figli" in stranger.get("/it/probe").text
    assert site.drawn == 2


def test_of_many_who_ask_at_once_one_draws_and_all_get_the_newest(
    site: Site, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger.get("/it/probe")
    flights, asking = site.cache._flights, []
    waiting = flights.wait
    monkeypatch.setattr(flights, "wait", lambda *asked: (asking.append(asked), waiting(*asked))[1])
    site.cache.store.clear()
    site.gate.clear()
    with ThreadPoolExecutor(6) as visitors:
        early = [visitors.submit(site.app.test_client(use_cookies=False).get, "/it/probe") for _ in range(4)]
        until(lambda: len(asking) == 4, 10)
        before = site.cache.state.version
        site.rename("Manfredi & nipoti")
        until(lambda: site.cache.state.version != before, 10)
        late = [visitors.submit(site.app.test_client(use_cookies=False).get, "/it/probe") for _ in range(2)]
        until(lambda: len(asking) == 6, 10)
        site.gate.set()
        pages = [each.result(30) for each in (*early, *late)]
    assert [page.status_code for page in pages] == [200] * 6
    assert all("Manfredi &amp; nipoti" in page.result(0).text for page in late)
    assert site.drawn == 3  # before the change, one for four; after it, one for two


def test_an_answer_that_was_drawn_while_something_changed_is_not_kept(site: Site, stranger: FlaskClient) -> None:
    before = site.cache.state.version
    drawn = site._count

    def change() -> int:
        if site.drawn == 0:
            site.rename("Changed meanwhile")
            until(lambda: site.cache.state.version != before, 10)
        return drawn()

    site._count = change
    try:
        stranger.get("/it/probe")
        assert len(site.cache.store) == 0
    finally:
        del site._count
    stranger.get("/it/probe")
    assert len(site.cache.store) == 1


def test_a_browser_that_has_the_page_is_told_so(stranger: FlaskClient) -> None:
    tag = stranger.get("/it/probe").headers["ETag"]
    for named in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        answer = stranger.get("/it/probe", headers={"If-None-Match": named})
        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["ETag"] == tag
        assert "Content-Type" not in answer.headers
    assert stranger.get("/it/probe", headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_page_is_sent_compressed_to_who_reads_that(stranger: FlaskClient) -> None:
    plain = stranger.get("/it/probe")
    packed = stranger.get("/it/probe", headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) // 2
    assert "Content-Encoding" not in stranger.get("/it/probe", headers={"Accept-Encoding": "gzip;q=0"}).headers


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [("", False), ("gzip", True), ("GZIP", True), ("br;q=1, *", True), ("gzip; q=0", False), ("identity", False)],
)
def test_what_a_browser_reads_is_understood(accepted: str, taken: bool) -> None:
    assert takes_gzip(accepted) is taken


def test_head_has_the_headers_and_no_body(stranger: FlaskClient) -> None:
    whole = stranger.get("/it/probe")
    answer = stranger.head("/it/probe")
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(whole.data))


@pytest.mark.parametrize(
    "own",
    [
        {"Cookie": "session=x"},
        {"Cookie": "theme=dark; session=x"},
        {"Cookie": "remember_token=1|x"},
        {"Authorization": "Bearer x"},
        {"HX-Request": "true"},
    ],
    ids=str,
)
def test_who_is_somebody_gets_an_answer_of_their_own(site: Site, stranger: FlaskClient, own: dict[str, str]) -> None:
    stranger.get("/it/probe")
    stranger.get("/it/probe", headers=own)
    assert site.drawn == 2
    assert len(site.cache.store) == 1


def test_pages_differ_by_the_cookies_that_show_and_by_no_others(site: Site, stranger: FlaskClient) -> None:
    dark = stranger.get("/it/probe", headers={"Cookie": "theme=dark"})
    assert 'data-bs-theme="dark"' in dark.text
    assert 'data-bs-theme="auto"' in stranger.get("/it/probe").text
    stranger.get("/it/probe", headers={"Cookie": "_ga=GA1.2.3; language=en"})
    assert site.drawn == 2
    stranger.get("/it/probe", headers={"Cookie": "consent=3"})
    assert site.drawn == 3


@pytest.mark.parametrize(
    "said",
    ["theme=dark; theme=", "theme =dark", "theme=dark; theme=light", "consent=" + "3" * 50, 'theme="dark\\0123"'],
)
def test_no_visitor_chooses_for_the_others(site: Site, stranger: FlaskClient, said: str) -> None:
    stranger.get("/it/probe", headers={"Cookie": said})
    for own in ({}, {"Cookie": "theme=light"}, {"Cookie": "consent=" + "3" * 40}, {"Cookie": "theme=dark; consent=3"}):
        before = site.drawn
        stranger.get("/it/probe", headers=own)
        assert site.drawn == before + 1, own


def test_addresses_hosts_and_questions_are_kept_apart(site: Site, stranger: FlaskClient) -> None:
    for path, host in (("/it/probe", "localhost"), ("/it/probe?a=1", "localhost"), ("/it/probe", "other.test")):
        stranger.get(path, headers={"Host": host})
    assert site.drawn == 3
    assert "http://other.test/it/probe" in stranger.get("/it/probe", headers={"Host": "other.test"}).text
    secure = stranger.get("/it/probe", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"})
    assert "https://localhost/it/probe" in secure.text


@pytest.mark.parametrize("path", ["own", "lost", "noted", "other"])
def test_what_is_not_for_everybody_is_not_kept(site: Site, stranger: FlaskClient, path: str) -> None:
    stranger.get(f"/it/probe/{path}")
    assert len(site.cache.store) == 0


def test_very_long_addresses_are_not_kept(site: Site, stranger: FlaskClient) -> None:
    stranger.get(f"/it/probe?{'a' * 400}")
    assert len(site.cache.store) == 0


def test_a_page_that_goes_by_the_clock_ends_in_time(site: Site, stranger: FlaskClient) -> None:
    site.ends = utc_now() - dt.timedelta(seconds=1)
    stranger.get("/it/probe/fleeting")
    stranger.get("/it/probe/fleeting")
    assert site.drawn == 2
    site.ends = utc_now() + dt.timedelta(hours=1)
    stranger.get("/it/probe/fleeting")
    stranger.get("/it/probe/fleeting")
    assert site.drawn == 3


def test_the_part_that_ends_first_ends_the_page(site: Site, stranger: FlaskClient) -> None:
    site.ends = utc_now() - dt.timedelta(seconds=1)
    stranger.get("/it/probe/parts")
    stranger.get("/it/probe/parts")
    assert site.drawn == 2
    site.ends = utc_now() + dt.timedelta(minutes=10)
    stranger.get("/it/probe/parts")
    stranger.get("/it/probe/parts")
    assert site.drawn == 3


def test_an_article_leaves_its_page_the_lists_and_the_cache_when_its_time_is_over(
    site: Site, stranger: FlaskClient
) -> None:
    """No row changes then, and nobody hears of anything: it is the pages that know when they end."""
    addresses = ("/en/news", "/en/news/rss.xml", "/en/news/short-lived")

    def told() -> list[bool]:
        answers = [stranger.get(each) for each in addresses]
        return [answer.status_code == 200 and "short-lived" in answer.text for answer in answers]

    assert not any(told())  # and all templates are read
    with site.app.app_context():
        end = utc_now() + dt.timedelta(seconds=4)
        article = make_article(db.session(), "Short-lived", expires_at=end)
        version = article.version
    until(lambda: all(told()), 3)
    kept = len(site.cache.store)
    assert kept >= 2
    until(lambda: not any(told()), 20, told)
    assert utc_now() >= end
    with site.app.app_context():
        assert db.session().get_one(Article, article.id).version == version


def test_nothing_is_served_while_changes_are_not_heard(
    site: Site, stranger: FlaskClient, server: EmbeddedPostgres
) -> None:
    stranger.get("/it/probe")
    before = site.cache.state.version
    name = make_url(str(site.app.extensions["settings"].database_url)).database
    administer(
        server,
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND query LIKE 'LISTEN%'",
    )
    until(lambda: site.cache.state.version is None, 10)
    stranger.get("/it/probe")
    assert site.drawn == 2
    until(lambda: site.cache.state.version is not None, 10)
    assert site.cache.state.version != before


def test_listening_ends_in_order_and_begins_anew(site: Site, stranger: FlaskClient) -> None:
    site.cache.close()
    assert site.cache.state.version is None
    site.cache.close()
    assert stranger.get("/it/probe").status_code == 200
    until(lambda: site.cache.state.version is not None, 10)


def test_every_shown_table_exists_and_tells_its_changes(site: Site) -> None:
    with site.app.app_context(), db.engines[None].connect() as connection:
        tables = shown_tables(opened())
        found = set(
            connection.scalars(text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'core_tell_public'"))
        )
        assert found == tables


def test_upgrading_again_changes_nothing_and_lets_go_of_what_is_shown_no_more(fresh_app: Flask) -> None:
    with db.engines[None].begin() as connection:
        connection.execute(text(
            "CREATE TRIGGER core_tell_public AFTER UPDATE ON crm_customers FOR EACH STATEMENT EXECUTE FUNCTION core_tell_public()"
        ))  # fmt: skip
    migrations.upgrade()
    migrations.check()
    with db.engines[None].connect() as connection:
        left = set(
            connection.scalars(text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'core_tell_public'"))
        )
    assert left == shown_tables(opened())


def test_each_way_of_changing_a_table_is_told_once_a_transaction(site: Site) -> None:
    address = make_url(str(site.app.extensions["settings"].database_url)).set(drivername="postgresql")
    line = psycopg2.connect(address.render_as_string(hide_password=False))
    try:
        line.autocommit = True
        with line.cursor() as cursor:
            cursor.execute("LISTEN bottega_public")
            cursor.execute(
                "BEGIN; UPDATE core_company SET city = 'Faenza'; UPDATE core_company SET city = 'Imola'; COMMIT"
            )
            cursor.execute("SELECT 1")
            assert len(line.notifies) == 1
            line.notifies.clear()
            cursor.execute("BEGIN; UPDATE core_company SET city = 'Lugo'; ROLLBACK")
            cursor.execute("SELECT 1")
            assert not line.notifies
    finally:
        line.close()


def test_the_room_for_pages_is_a_setting(settings: Settings) -> None:
    environ = {"BOTTEGA_INSTANCE": str(settings.instance), "BOTTEGA_ENV": "development"}
    assert Settings.from_environment(environ).page_cache_megabytes == 32
    assert Settings.from_environment({**environ, "PAGE_CACHE_MEGABYTES": "0"}).page_cache_megabytes == 0
    with pytest.raises(SettingsError, match="PAGE_CACHE_MEGABYTES"):
        Settings.from_environment({**environ, "PAGE_CACHE_MEGABYTES": "a lot"})


def test_without_room_nothing_is_kept_and_nobody_listens(shared_app: Flask) -> None:
    assert "bottega_page_cache" not in shared_app.extensions
