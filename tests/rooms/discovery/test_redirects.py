"""Who asks for what is not there is led on, told that it is gone, or noted; redirects make no circles and no chains."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.discovery.makers import make_missing, make_redirect, page, pages_are
from webapp.blueprints.discovery.models import Missing, Redirect
from webapp.blueprints.discovery.queries.redirects import propose_pages
from webapp.blueprints.discovery.services.drawing import Look, draw, mark_of, pictures_folder
from webapp.blueprints.discovery.services.indexing import make_index
from webapp.blueprints.discovery.services.notes import count_notes, take_notes
from webapp.core.events import announce
from webapp.core.site import PageMoved

SignIn = Callable[[str], FlaskClient]
Fill = Callable[..., Any]
URL = "/backoffice/site/redirects/"
ENGLISH = {"Accept-Language": "en"}
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture(autouse=True)
def no_notes(app: Flask) -> None:
    take_notes()


@pytest.mark.parametrize(
    ("asked", "status", "where"),
    [
        ("/old", 301, "/it/new"), ("/old/", 301, "/it/new"), ("/old?utm=1", 301, "/it/new?utm=1"),
        ("/shop?id=3", 302, "https://other.example/x"), ("/shop?id=4", 404, None), ("/shop", 404, None),
        ("/gone", 410, None), ("/it/vecchia", 301, "/it/new?a=1#b"), ("/citt%C3%A0", 301, "/it"),
    ],
)  # fmt: skip
def test_a_missing_address_leads_where_its_redirect_says(
    session: Session, client: FlaskClient, asked: str, status: int, where: str | None
) -> None:
    make_redirect(session, "/old", "/it/new")
    make_redirect(session, "/shop?id=3", "https://other.example/x", kind=302)
    make_redirect(session, "/gone", "", kind=410)
    make_redirect(session, "/it/vecchia", "/it/new?a=1#b")
    make_redirect(session, "/città")
    session.commit()
    answer = client.get(asked)
    assert (answer.status_code, answer.headers.get("Location")) == (status, where)
    assert answer.headers["Content-Security-Policy"]
    assert ("site-problem" in answer.text) == (status >= 400)
    assert "Set-Cookie" not in answer.headers


def test_pages_that_are_there_and_the_back_office_are_never_redirected(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    make_redirect(session, "/it/cerca", "/it")
    make_redirect(session, "/backoffice/nowhere", "/it")
    make_redirect(session, "/api/v1/nowhere", "/it")
    session.commit()
    assert client.get("/it/cerca").status_code == 200
    assert sign_in("staff").get("/backoffice/nowhere").status_code == 404
    assert client.get("/api/v1/nowhere").status_code == 404
    assert client.post("/old").status_code in (404, 405)


def test_uses_and_missing_addresses_are_counted_by_the_task(session: Session, client: FlaskClient) -> None:
    redirect = make_redirect(session, "/old")
    session.commit()
    for _ in range(3):
        client.get("/old")
    for path in ("/it/nowhere", "/wp-login.php", "/.env", "/it/nowhere"):
        client.get(path, headers=BROWSER)
    client.get("/it/a-machine")
    client.get("/it/" + "x" * 500, headers=BROWSER)
    assert session.scalars(select(Missing)).all() == []
    count_notes(session, take_notes())
    session.expire_all()
    assert (redirect.hits, redirect.version) == (3, 1)
    assert {each.path: each.count for each in session.scalars(select(Missing))} == {"/it/nowhere": 2}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"source": "old", "target": "/it"}, "begins with /"),
        ({"source": "//evil.example", "target": "/it"}, "begins with /"),
        ({"source": "/", "target": "/it"}, "belongs to the house"),
        ({"source": "/backoffice/x", "target": "/it"}, "belongs to the house"),
        ({"source": "/x", "target": "javascript:alert(1)"}, "whole address"),
        ({"source": "/x", "target": "//evil.example"}, "whole address"),
        ({"source": "/x", "target": "/a\\b"}, "whole address"),
        ({"source": "/x", "target": ""}, "whole address"),
        ({"source": "/x", "target": "/it", "kind": "410"}, "leads nowhere"),
        ({"source": "/x", "target": "/x/"}, "lead to itself"),
        ({"source": "/x", "target": "/a"}, "is itself redirected"),
        ({"source": "/b", "target": "/a"}, "round in a circle"),
        ({"source": "/b", "target": "/c"}, "leads here"),
        ({"source": "/a", "target": "/it"}, "has a redirect already"),
        ({"source": "/it/piatti", "target": "/it"}, "There is a page"),
        ({"source": "/x", "target": "/it", "kind": "200"}, "Not a valid choice"),
        ({"source": "/" + "x" * 400, "target": "/it"}, "longer than 400"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    app: Flask, session: Session, fill: Fill, fields: dict[str, str], sentence: str
) -> None:
    with pages_are(app, [page("/it/piatti", "Piatti")]):
        make_index(session)
    make_redirect(session, "/a", "/b")
    session.commit()
    answer = fill(URL + "new", {"kind": "301"} | fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert len(session.scalars(select(Redirect)).all()) == 1


def test_a_redirect_is_made_changed_and_deleted(session: Session, fill: Fill) -> None:
    make_missing(session, "/old")
    session.commit()
    assert fill(URL + "new", {"source": "/old/", "target": "/it/new", "kind": "301"}).status_code == 303
    redirect = session.scalars(select(Redirect)).one()
    assert (redirect.source, redirect.origin) == ("/old", "hand")
    assert session.scalars(select(Missing)).all() == []
    where = f"{URL}{redirect.id}/edit"
    assert fill(where, {"source": "/old", "target": "/it/other", "kind": "302", "version": "1"}).status_code == 303
    second = fill(where, {"source": "/old", "target": "/it/mine", "kind": "302", "version": "1"})
    assert second.status_code == 409
    assert "/it/mine" in second.text
    assert fill(f"{URL}{redirect.id}/delete", {"version": "2"}).status_code == 303
    assert session.scalars(select(Redirect)).all() == []


@pytest.mark.parametrize(
    "path", ["", "new", "import", "export.csv", "missing/", "{id}/edit", "{id}/delete", "missing/{missing}/"]
)
def test_the_pages_are_closed_to_strangers_and_writing_to_viewers(
    session: Session, sign_in: SignIn, client: FlaskClient, path: str
) -> None:
    redirect, missing = make_redirect(session, "/old"), make_missing(session, "/it/x")
    session.commit()
    where = URL + path.format(id=redirect.id, missing=missing.id)
    assert client.get(where).status_code in (302, 303, 401)
    reads = path in ("", "export.csv", "missing/", "missing/{missing}/")
    assert sign_in("viewer").get(where).status_code == (200 if reads else 403)
    assert sign_in("staff").get(where).status_code == 200


def test_when_a_page_moves_its_old_address_leads_to_the_new_one_without_chains(app: Flask, session: Session) -> None:
    make_redirect(session, "/older", "/it/old")
    make_redirect(session, "/it/new", "/it/elsewhere")
    announce(session, PageMoved("/it/old", "/it/new", "Ada"))
    assert {each.source: each.target for each in session.scalars(select(Redirect))} == {
        "/older": "/it/new",
        "/it/old": "/it/new",
    }
    announce(session, PageMoved("/it/new", "/it/old", "Ada"))
    session.expire_all()
    assert {each.source: each.target for each in session.scalars(select(Redirect))} == {
        "/older": "/it/old",
        "/it/new": "/it/old",
    }
    announce(session, PageMoved("/it/x", "/it/x/", "Ada"))
    announce(session, PageMoved("/" + "y" * 999, "/it", "Ada"))
    assert len(session.scalars(select(Redirect)).all()) == 2


GOOD = "from,to,kind\n/a,/it,301\n/b,https://x.example/y,302\n/c,,410\n/d,/it/d,\n"


def test_a_csv_file_is_looked_over_and_then_stored_whole(session: Session, fill: Fill, sign_in: SignIn) -> None:
    looked = fill(URL + "import", {"content": "\ufeff" + GOOD})
    assert looked.status_code == 200
    assert "4 rows, and all are right" in looked.text
    assert session.scalars(select(Redirect)).all() == []
    assert fill(URL + "import", {"content": GOOD, "store": "1"}).status_code == 303
    assert {each.origin for each in session.scalars(select(Redirect))} == {"import"}
    exported = sign_in("viewer").get(URL + "export.csv").text
    assert list(csv.reader(io.StringIO(exported)))[1:] == [
        ["/a", "/it", "301"], ["/b", "https://x.example/y", "302"], ["/c", "", "410"], ["/d", "/it/d", "301"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("/a,/b,301\n/b,/a,301", "round in a circle"),
        ("/a,/b,301\n/b,/c,301", "is itself redirected"),
        ("/a,/it,301\n/a,/en,301", "Line 3 has the same address."),
        ("/stored,/it,301", "has a redirect already"),
        ("/x,/stored,301", "is itself redirected"),
        ("/target,/it,301", "leads here"),
        ("/a,/it,999", "The kind is 301, 302 or 410"),
        ("/a", "whole address"),
        ("a,/it,301", "begins with /"),
        ("<script>,/it,301", "begins with /"),
    ],
)
def test_a_file_with_one_wrong_row_stores_nothing(session: Session, fill: Fill, rows: str, sentence: str) -> None:
    make_redirect(session, "/stored", "/target")
    session.commit()
    answer = fill(URL + "import", {"content": f"from,to,kind\n/fine,/it,301\n{rows}", "store": "1"})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert b"<script>," not in answer.data
    assert [each.source for each in session.scalars(select(Redirect))] == ["/stored"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("", "Choose a file, or paste its lines."), ("a;b\n1;2", "must name the columns"), ("from,to\n" + "/x,/y\n" * 5001, "At most 5000 rows"),
     ('from,to\n"' + "x" * 200_000, "no CSV file")],
)  # fmt: skip
def test_what_is_no_such_file_is_told(session: Session, fill: Fill, content: str, sentence: str) -> None:
    answer = fill(URL + "import", {"content": content, "store": "1"})
    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_missing_address_is_redirected_with_one_click_or_ignored(
    app: Flask, session: Session, fill: Fill, sign_in: SignIn
) -> None:
    with pages_are(
        app,
        [page("/it/contatti", "Contatti"), page("/it/piatti", "Piatti", "ceramica"), page("/en/contact", "Contact")],
    ):
        make_index(session)
    assert propose_pages(session, "/it/contatto")[0] == ("/it/contatti", "Contatti")
    assert propose_pages(session, "/vecchio/contatti")[0][0] == "/it/contatti"
    assert ("/it/piatti", "Piatti") in propose_pages(session, "/it/la-ceramica.html")
    assert propose_pages(session, "/" + "%" * 300) == []
    missing, other = make_missing(session, "/it/contatto"), make_missing(session, "/it/rumore")
    session.commit()
    assert "/it/contatti" in sign_in("staff").get(f"{URL}missing/{missing.id}/").text
    assert fill(f"{URL}missing/{missing.id}/redirect", {"target": "/it/contatti"}, "viewer").status_code == 403
    assert fill(f"{URL}missing/{missing.id}/redirect", {"target": "/it/contatti"}).status_code == 303
    assert session.scalars(select(Redirect)).one().target == "/it/contatti"
    assert fill(f"{URL}missing/{other.id}/ignore", {"ignored": "1"}).status_code == 303
    staff = sign_in("staff")
    assert "/it/rumore" not in staff.get(URL + "missing/").text
    assert "/it/rumore" in staff.get(URL + "missing/?ignored=1").text
    assert staff.get(URL + "missing/999999/").status_code == 404


def test_pages_are_proposed_though_their_titles_are_of_words_that_say_nothing(app: Flask, session: Session) -> None:
    pages = [page("/en/who-we-are", "Who we are"), page("/it/azienda", "Chi siamo"), page("/en/cups", "Cups")]
    with pages_are(app, pages), app.test_request_context():
        make_index(session)
    old = "/en/company/information/about-the-shop/who-are-we.php"
    assert propose_pages(session, old) == [("/en/who-we-are", "Who we are")]
    assert propose_pages(session, "/it/vecchio/sito/pagine/chi-siamo.aspx") == [("/it/azienda", "Chi siamo")]


def test_a_page_without_a_picture_gets_one_that_is_drawn_once(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    with pages_are(app, [page("/it/piatti", "Piatti dipinti a mano: così, perché è bello")]):
        make_index(session)
    session.commit()
    answer = client.get("/og/it/piatti.png")
    with Image.open(io.BytesIO(answer.data)) as picture:
        assert (picture.format, picture.size) == ("PNG", (1200, 630))
    assert len(answer.data) < 150_000
    kept = {path.name: path.stat().st_mtime_ns for path in pictures_folder().glob("*.png")}
    assert client.get("/og/it/piatti.png").data == answer.data
    assert {path.name: path.stat().st_mtime_ns for path in pictures_folder().glob("*.png")} == kept
    assert client.get("/og/it/piatti.png", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    for strange in ("/og/it/nowhere.png", "/og/../../etc/passwd.png", "/og/" + "x" * 300 + ".png"):
        assert client.get(strange).status_code in (200, 404)


@pytest.mark.parametrize("title", ["", "x" * 3000, "日本語 🍝", "Una " * 60, "<b>"])
def test_any_title_can_be_drawn(title: str) -> None:
    look = Look(name="N" * 500, tagline="", primary="#ffffff", accent="#000000", version=1, logo=lambda: b"no picture")
    assert draw(title, look).startswith(b"\x89PNG")


def test_the_picture_of_the_start_page_bears_the_tagline_and_another_page_does_not() -> None:
    look = Look(name="N", tagline="Ceramiche", primary="#ffffff", accent="#000000", version=1)
    english = replace(look, tagline="Ceramics")
    assert mark_of("N", look) != mark_of("N", english)
    assert mark_of("A page", look) == mark_of("A page", english)


def test_a_logo_without_end_is_left_out() -> None:
    endless = io.BytesIO()
    Image.new("1", (5000, 4000)).save(endless, "PNG")
    look = Look(name="N", tagline="", primary="#ffffff", accent="#000000", version=1)
    assert draw("A page", replace(look, logo=endless.getvalue)) == draw("A page", look)
