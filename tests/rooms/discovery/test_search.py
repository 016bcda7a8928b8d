"""The site's search finds pages in both languages as they are now, the best first, and counts without telling of persons."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.discovery.makers import WHEN, page, pages_are
from webapp.blueprints.discovery.models import IndexedPage, Missing, Search
from webapp.blueprints.discovery.queries.searching import list_searched, search_pages
from webapp.blueprints.discovery.queries.words import noted
from webapp.blueprints.discovery.services import notes
from webapp.blueprints.discovery.services.indexing import make_index, refresh_index
from webapp.blueprints.discovery.services.notes import (
    FILE_BYTES,
    count_notes,
    forget_old,
    note,
    notes_folder,
    take_notes,
)
from webapp.core.company import get_company

SignIn = Callable[[str], FlaskClient]
Fill = Callable[..., Any]
URL = "/backoffice/site/search/"
ENGLISH = {"Accept-Language": "en"}
PAGES = (
    page("/it/piatti", "Piatti dipinti", "I piatti di ceramica escono dal laboratorio di Faenza.", others={"it": "/it/piatti", "en": "/en/plates"}),
    page("/it/caffe", "Tazzine", "Per il caffè della mattina, <b>grassetto</b> & altro."),
    page("/it/storia", "La storia", "Qui si parla a lungo di un piatto solo, e di perché la città lo ricorda."),
    page("/en/plates", "Painted plates", "Plates leave our workshop.", others={"it": "/it/piatti", "en": "/en/plates"}),
)  # fmt: skip


@pytest.fixture(autouse=True)
def no_notes(app: Flask) -> None:
    take_notes()


def paths(session: Session, asked: str, language: str = "it") -> list[str]:
    return [each.path for each in search_pages(session, asked, language=language).found]


def test_pages_are_found_by_their_words_in_their_language_the_title_first(app: Flask, session: Session) -> None:
    with pages_are(app, PAGES):
        make_index(session)
    assert paths(session, "piatto") == ["/it/piatti", "/it/storia"]
    assert paths(session, "plate", "en") == ["/en/plates"]
    assert paths(session, "workshop") == []
    assert paths(session, "piatti ceramica") == ["/it/piatti"]


def test_accents_and_unfinished_words_do_not_matter(app: Flask, session: Session) -> None:
    with pages_are(app, PAGES):
        make_index(session)
    for asked in ("caffè", "caffe", "CAFFÈ", "caf", "citta", "perché la città"):
        assert paths(session, asked), asked
    assert "<mark>caffè</mark>" in search_pages(session, "caffè", language="it").found[0].snippet


def test_where_no_page_has_all_the_words_those_with_some_are_told_as_such(app: Flask, session: Session) -> None:
    with pages_are(app, PAGES):
        make_index(session)
    results = search_pages(session, "piatti elicottero", language="it")
    assert results.loose
    assert [each.path for each in results.found] == ["/it/piatti", "/it/storia"]


@pytest.mark.parametrize(
    "asked", ["", "   ", "&|!():*", "'; DROP TABLE x", "a" * 5000, "\x00", "<script>", "foo:*", "🍝", "il la di"]
)
def test_strange_searches_are_answered(app: Flask, session: Session, client: FlaskClient, asked: str) -> None:
    with pages_are(app, PAGES):
        make_index(session)
    answer = client.get("/it/cerca", query_string={"q": asked})
    assert answer.status_code == 200
    assert "<script>x" not in answer.text


def test_what_pages_say_is_never_html_in_a_snippet(app: Flask, session: Session, client: FlaskClient) -> None:
    with pages_are(app, PAGES):
        make_index(session)
    text = client.get("/it/cerca?q=grassetto").text
    assert "<mark>grassetto</mark>" in text
    assert "&amp; altro" in text
    assert "<b>" not in text
    assert '<meta name="robots" content="noindex"' in text
    assert 'rel="canonical"' not in text


def test_the_index_follows_what_the_rooms_tell_and_writes_only_that(app: Flask, session: Session) -> None:
    with pages_are(app, PAGES) as told:
        assert make_index(session) == {"written": 4, "removed": 0, "pages": 4}
        assert make_index(session)["written"] == 0
        told[0] = page("/it/piatti", "Piatti fondi", "Nuovo testo.")
        del told[2]
        assert make_index(session) == {"written": 1, "removed": 1, "pages": 3}
        assert paths(session, "fondi") == ["/it/piatti"]
        get_company(session).languages = "it"
        session.flush()
        assert make_index(session)["removed"] == 1
        assert refresh_index(session) is not None
        assert refresh_index(session, force=True) is not None


def test_hostile_pages_do_not_stop_the_index(app: Flask, session: Session) -> None:
    strange = (
        page("/it/" + "x" * 500, "Lunga"),
        page("/it/nul", "Nul\x00lo", "a\x00b " * 10),
        page("/it/nul", "Doppia"),
        page("/it/big", "Grande", "parola " * 100_000),
    )
    with pages_are(app, strange):
        assert make_index(session)["pages"] == 2


def test_results_come_in_pages(app: Flask, session: Session, client: FlaskClient) -> None:
    with pages_are(app, [page(f"/it/p{number:02}", f"Vaso {number}", "vaso") for number in range(23)]):
        make_index(session)
    assert search_pages(session, "vaso", language="it").total == 23
    seen = [
        each.path for number in (1, 2, 3) for each in search_pages(session, "vaso", language="it", page=number).found
    ]
    assert len(seen) == len(set(seen)) == 23
    first = client.get("/en/search?q=vaso").text
    assert "Nothing was found" in first
    second = client.get("/it/cerca?q=vaso&page=2").text
    assert "page=3" in second
    for strange in ("0", "-1", "99999", "x", "9" * 30):
        assert client.get(f"/it/cerca?q=vaso&page={strange}").status_code == 200


def test_a_promoted_page_comes_first_for_exactly_its_words(app: Flask, session: Session, fill: Fill) -> None:
    with pages_are(app, PAGES):
        make_index(session)
    session.commit()
    assert fill(URL + "promotions/new", {"words": "Orari,  NATALE", "path": "/it/storia"}).status_code == 303
    assert fill(URL + "promotions/new", {"words": "natale orari", "path": "/it/nowhere"}).status_code == 422
    assert fill(URL + "promotions/new", {"words": "orari natale", "path": "/it/storia"}).status_code == 422
    assert paths(session, "orari natale") == ["/it/storia"]
    assert paths(session, "natale") == []
    assert fill(URL + "promotions/new", {"words": "piatti", "path": "/it/storia"}, "viewer").status_code == 403


def test_searches_are_counted_by_day_and_what_may_tell_of_a_person_is_not(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    with pages_are(app, PAGES):
        make_index(session)
    for asked in (
        "piatti",
        "Piatti!",
        "elicottero",
        "ada@lovelace.org",
        "chiamare +39 333 1234567",
        "RSSMRA 80 1234567",
    ):
        assert client.get("/it/cerca", query_string={"q": asked}).status_code == 200
    client.get("/it/cerca?q=piatti&page=2")
    count_notes(session, take_notes())
    stored = {each.words: (each.count, each.found) for each in session.scalars(select(Search))}
    assert stored == {"piatti": (2, 2), "elicottero": (1, 0)}
    day = session.scalars(select(Search.day)).first()
    assert [row.words for row in list_searched(session, since=day, nothing=True)] == ["elicottero"]
    assert noted("  L'Olio   d'oliva ") == "l olio d oliva"


def test_a_flood_of_notes_fills_a_file_and_no_more(app: Flask, session: Session) -> None:
    for _ in range(3):
        note("search", "it", "x" * (FILE_BYTES // 2), 0)
    assert sum(path.stat().st_size for path in notes_folder().glob("*.jsonl")) <= FILE_BYTES
    (notes_folder() / "1.jsonl").write_bytes(
        b'\xff\xfe\n{"a": 1}\n["missing"]\n[]\n["hit", "x"]\n["search", "it", "", 3]\n'
    )
    told = take_notes()
    assert count_notes(session, [each for each in told if len(str(each)) < 999]) == {
        "searches": 0,
        "missing": 0,
        "hits": 0,
    }
    assert take_notes() == []
    forget_old(session)


def test_ever_new_words_and_addresses_fill_no_table(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "MOST_SEARCHES", 2)
    monkeypatch.setattr(notes, "MOST_MISSING", 2)
    asked = ["a", "b", "c", "piatti", "piatti"]
    count_notes(session, [["search", "it", each, 0] for each in asked] + [["missing", f"/it/{each}"] for each in asked])
    assert set(session.scalars(select(Search.words))) == {"c", "piatti"}
    left = set(session.scalars(select(Missing.path)))
    assert len(left) == 2
    assert "/it/piatti" in left


def test_the_report_is_for_those_who_may_read_it(session: Session, sign_in: SignIn, client: FlaskClient) -> None:
    session.add(Search(day=WHEN.date(), language="it", words="lista nozze", count=3, found=0))
    session.commit()
    assert client.get(URL).status_code in (302, 303, 401)
    assert "lista nozze" in sign_in("viewer").get(URL + "?days=90", headers=ENGLISH).text
    assert "promotions/new" not in sign_in("viewer").get(URL).text


def test_every_public_page_offers_the_search_in_its_language(app: Flask, session: Session, client: FlaskClient) -> None:
    assert 'action="/en/search"' in client.get("/en/search").text
    get_company(session).languages = "it"
    session.commit()
    assert client.get("/en/search").status_code == 404
    assert 'action="/it/cerca"' in client.get("/it/cerca").text


def test_the_sitemap_lists_all_pages_with_languages_and_dates_in_parts(
    app: Flask, session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.blueprints.discovery.queries.sitemap.PART", 3)
    with pages_are(app, [*PAGES, page("/it/a&b", "Segni")]):
        make_index(session)
    session.commit()
    spaces = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    index = ET.fromstring(client.get("/sitemap.xml").data)  # noqa: S314 - our own
    parts = [each.text for each in index.findall("s:sitemap/s:loc", spaces)]
    assert parts == ["http://localhost/sitemap-1.xml", "http://localhost/sitemap-2.xml"]
    answers = [client.get(part).data for part in parts]
    entries = [each for answer in answers for each in ET.fromstring(answer).findall("s:url", spaces)]  # noqa: S314 - our own
    found = {each.findtext("s:loc", namespaces=spaces): each for each in entries}
    assert len(entries) == len(found) == 5
    assert "http://localhost/it/a&b" in found
    plates = found["http://localhost/it/piatti"]
    assert plates.findtext("s:lastmod", namespaces=spaces) == "2026-11-01T12:00:00+00:00"
    assert {each.get("hreflang"): each.get("href") for each in plates.findall("x:link", spaces)} == {
        "it": "http://localhost/it/piatti", "en": "http://localhost/en/plates", "x-default": "http://localhost/it/piatti",
    }  # fmt: skip
    assert client.get("/sitemap-3.xml").status_code == 404
    assert client.get("/sitemap-0.xml").status_code == 404


def test_the_sitemap_of_an_empty_site_is_right_too(app: Flask, session: Session, client: FlaskClient) -> None:
    with pages_are(app, []):
        make_index(session)
    session.commit()
    assert b"<url>" not in client.get("/sitemap-1.xml").data
    robots = client.get("/robots.txt").text
    assert "Sitemap: http://localhost/sitemap.xml" in robots
    assert re.search(r"^Disallow: /backoffice/$", robots, re.MULTILINE)
    assert session.scalars(select(IndexedPage)).all() == []


def test_many_pages_are_compared_and_listed_in_few_statements(app: Flask, session: Session) -> None:
    """Counted in statements, not in seconds, which a busy machine stretches."""
    from sqlalchemy import event

    from webapp.blueprints.discovery.queries.sitemap import part_xml

    statements: list[str] = []
    many = [page(f"/it/p{number}", f"Pagina {number}", "parole diverse") for number in range(600)]
    with pages_are(app, many) as told:
        make_index(session)
        connection = session.connection()
        event.listen(connection.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        told[5] = page("/it/p5", "Altra", "parole")
        assert make_index(session)["written"] == 1
        assert len(statements) <= 5
        statements.clear()
        assert sum(chunk.count(b"<loc>") for chunk in part_xml(session, 1, "https://x.it")) == 600
        assert len(statements) <= 3


def test_where_there_is_no_page_the_search_stands_and_pages_with_such_a_title(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    more = (page("/it/tazze", "Tazze e piatti del laboratorio"), page(r"/it/x", "<i>Piatto</i>"))
    with pages_are(app, (*PAGES, *more)):
        make_index(session)
    session.commit()
    answer = client.get("/it/laboratorio/piatti-2019.html")
    assert answer.status_code == 404
    assert 'action="/it/cerca"' in answer.text
    main = answer.text.split("<main", 1)[1]
    assert set(re.findall(r'<li>\s*<a href="(/it/[a-z]+)"', main)) == {"/it/piatti", "/it/tazze", "/it/x"}
    assert "&lt;i&gt;Piatto" in main
    assert "/en/plates" not in main
    for strange in ("/it/2019", "/it/%00piatti", "/it/'|&!(:*", "/it/" + "piatti-" * 300, "/it/di-e-a"):
        assert client.get(strange).status_code == 404
