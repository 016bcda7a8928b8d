"""The tree: pages are created, moved, addressed and deleted; addresses follow, and none is another part's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.rooms.website.makers import EDITOR, draft_of, make_home, make_page, post, show, text_block, translate
from webapp.blueprints.website.events import PageTakenOff
from webapp.blueprints.website.models import Page
from webapp.blueprints.website.ports import MayChange, Refusal
from webapp.blueprints.website.queries.pages import list_siblings
from webapp.blueprints.website.services.pages import slug_of
from webapp.core.events import LISTENERS, listen
from webapp.core.site import PageMoved

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def heard(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the website announces during a test."""
    told: list[Any] = []
    monkeypatch.setitem(
        app.extensions, LISTENERS, {kind: list(all_) for kind, all_ in app.extensions.get(LISTENERS, {}).items()}
    )
    for kind in (PageMoved, PageTakenOff):
        listen(app, kind, lambda _session, event: told.append(event))
    return told


def titles_below(session: Session, page: Page) -> list[str]:
    session.expire_all()
    return [draft_of(session, each).draft.title for each in list_siblings(session, page.id)]


def test_the_first_page_is_the_start_page_and_there_is_one(session: Session, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    made = post(staff, "/new", title="Welcome", language="en", parent_id="", copy_of="")
    assert made.status_code == 303
    home = make_home(session)
    assert draft_of(session, home).text.path == "/en"
    show(session, home)
    assert "Welcome" in staff.get("/en").text
    below = post(staff, "/new", title="Our Workshop & more", language="en", parent_id=str(home.id), copy_of="")
    assert below.status_code == 303
    page = list_siblings(session, home.id)[0]
    assert draft_of(session, page).text.path == "/en/our-workshop-more"


def test_a_copy_begins_with_the_blocks_of_the_other(session: Session, sign_in: SignIn) -> None:
    page, staff = make_page(session, blocks=[text_block("Copied words")]), sign_in("staff")
    post(staff, "/new", title="Twin", language="en", parent_id=str(page.id), copy_of=str(page.id))
    twin = list_siblings(session, page.id)[0]
    assert draft_of(session, twin).draft.blocks[0]["values"]["text"] == "Copied words"
    assert draft_of(session, twin).text.path == "/en/about-us/twin"


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Chi siamo", "chi-siamo"), ("Caffè & tè, l'angolo", "caffe-te-l-angolo"), ("日本", "page"), ("---", "page"),
     ("x" * 200, "x" * 80), ("../../etc/passwd", "etc-passwd")],
)  # fmt: skip
def test_addresses_are_made_of_titles(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_two_pages_of_one_title_have_two_addresses(session: Session) -> None:
    pages = [make_page(session, "News of us") for _ in range(3)]
    paths = [draft_of(session, page).text.path for page in pages]
    assert paths == ["/en/news-of-us", "/en/news-of-us-2", "/en/news-of-us-3"]


@pytest.mark.parametrize(
    ("slug", "status"),
    [("fine-words", 303), ("", 422), ("Über uns", 422), ("a/b", 422), ("a--b", 422), ("-a", 422), ("x" * 81, 422), ("..", 422),
     ("preview", 303), ("taken", 422)],
)  # fmt: skip
def test_an_address_is_checked(session: Session, sign_in: SignIn, slug: str, status: int) -> None:
    make_page(session, "Taken")
    page = make_page(session)
    answer = post(sign_in("staff"), f"/{page.id}/en/address", slug=slug)
    assert answer.status_code == status
    assert draft_of(session, page).text.path == (f"/en/{slug}" if status == 303 else "/en/about-us")


def test_the_address_of_another_part_of_the_house_is_refused(session: Session, sign_in: SignIn) -> None:
    above, inside = make_page(session, "Preview"), make_page(session, "Inside")
    staff = sign_in("staff")
    made = post(staff, "/new", title="Deep", language="en", parent_id=str(above.id), copy_of="")
    assert made.status_code == 409
    assert "Another page has the address /en/preview/deep-50 already" in made.text
    post(staff, "/arrange", order=[str(above.id), str(inside.id)])
    moved = post(staff, "/arrange", move=f"{inside.id}:in")
    assert moved.status_code == 409
    assert "Another page has the address /en/preview/inside already" in moved.text
    assert draft_of(session, inside).text.path == "/en/inside"


def test_addresses_below_follow_and_are_announced_where_strangers_saw_them(
    session: Session, sign_in: SignIn, heard: list[Any]
) -> None:
    above = make_page(session, "Shop")
    seen, draft = make_page(session, "Plates", below=above), make_page(session, "Cups", below=above)
    translate(session, above, "Bottega")
    show(session, seen)
    assert post(sign_in("staff"), f"/{above.id}/en/address", slug="store").status_code == 303
    assert draft_of(session, seen).text.path == "/en/store/plates"
    assert draft_of(session, draft).text.path == "/en/store/cups"
    assert draft_of(session, above, "it").text.path == "/it/bottega"
    assert heard == [PageMoved("/en/shop/plates", "/en/store/plates", "The staff")]


def test_pages_are_moved_by_buttons(session: Session, sign_in: SignIn, heard: list[Any]) -> None:
    home = make_home(session)
    one, two, three = (make_page(session, title) for title in ("One", "Two", "Three"))
    show(session, three)
    staff = sign_in("staff")

    def move(page: Page, direction: str) -> list[str]:
        assert post(staff, "/arrange", move=f"{page.id}:{direction}").status_code == 303
        return titles_below(session, home)

    assert move(three, "up") == ["One", "Three", "Two"]
    assert move(one, "up") == ["One", "Three", "Two"]
    assert move(three, "in") == ["One", "Two"]
    assert titles_below(session, one) == ["Three"]
    assert staff.get("/en/one/three").status_code == 200
    assert move(three, "out") == ["One", "Three", "Two"]
    assert move(one, "in") == ["One", "Three", "Two"]
    assert move(two, "out") == ["One", "Three", "Two"]
    assert [(event.old_path, event.new_path) for event in heard] == [
        ("/en/three", "/en/one/three"),
        ("/en/one/three", "/en/three"),
    ]
    assert post(staff, "/arrange", move=f"{home.id}:up").status_code == 409


def test_pages_are_put_in_the_order_in_which_they_were_dropped(session: Session, sign_in: SignIn) -> None:
    home = make_home(session)
    one, two, three = (make_page(session, title) for title in ("One", "Two", "Three"))
    post(sign_in("staff"), "/arrange", order=[str(three.id), "nonsense", str(one.id), "999999999", str(two.id)])
    assert titles_below(session, home) == ["Three", "One", "Two"]


def test_a_page_is_deleted_with_those_below_when_asked_to(session: Session, sign_in: SignIn, heard: list[Any]) -> None:
    above = make_page(session, "Shop")
    below = make_page(session, "Plates", below=above)
    path, number = show(session, below), above.id
    staff = sign_in("staff")
    assert "1 page lies below it" in staff.get(f"{EDITOR}/{number}/delete", headers={"Accept-Language": "en"}).text
    assert post(staff, f"/{number}/delete", version=str(above.version)).status_code == 409
    assert post(staff, f"/{number}/delete", version="99", with_below="y").status_code == 409
    assert post(staff, f"/{number}/delete", version=str(above.version), with_below="y").status_code == 303
    assert staff.get(path).status_code == 404
    assert staff.get(f"{EDITOR}/{number}/en/").status_code == 404
    ((kind, title, deleted),) = [(type(event), event.title, event.deleted) for event in heard]
    assert (kind, title, deleted) == (PageTakenOff, "Plates", True)


def test_the_start_page_stays_while_there_are_others(session: Session, sign_in: SignIn) -> None:
    make_page(session)
    home = make_home(session)
    answer = post(sign_in("staff"), f"/{home.id}/delete", version=str(home.version), with_below="y")
    assert answer.status_code == 409
    assert "The start page stays where it is" in answer.text


WRITES = ("/arrange", "/new", "/{}/delete", "/{}/en/", "/{}/en/address", "/{}/en/unpublish", "/{}/en/start",
          "/{}/en/take-over", "/{}/en/here", "/{}/en/previews/end", "/{}/en/revisions/1/restore", "/{}/en/revisions/1/keep")  # fmt: skip


def test_a_viewer_looks_and_changes_nothing(session: Session, sign_in: SignIn) -> None:
    page, viewer = make_page(session), sign_in("viewer")
    assert viewer.get(f"{EDITOR}/").status_code == 200
    for path in WRITES:
        answer = post(viewer, path.format(page.id), title="x", move=f"{page.id}:up")
        assert answer.status_code == 403, path


def test_a_stranger_is_sent_to_sign_in(session: Session, client: FlaskClient) -> None:
    page = make_page(session)
    for path in ("/", "/new", f"/{page.id}/en/", f"/{page.id}/en/revisions/", f"/{page.id}/delete"):
        assert client.get(EDITOR + path).status_code in (302, 401)


def test_a_room_may_keep_people_from_a_branch(
    app: Flask, session: Session, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, free = make_page(session, "Closed"), make_page(session, "Free")
    inside = make_page(session, "Inside", below=closed)
    monkeypatch.setitem(app.extensions, LISTENERS, {})
    listen(
        app,
        MayChange,
        lambda _session, asked: [Refusal("This branch is Ada's.")] if closed.id in asked.branch else [],
    )
    staff = sign_in("staff")
    answer = post(staff, f"/{inside.id}/en/address", slug="other")
    assert answer.status_code == 403
    assert "This branch is Ada&#39;s." in answer.text
    assert post(staff, f"/{free.id}/en/address", slug="other").status_code == 303
    assert post(staff, "/new", title="New", language="en", parent_id=str(closed.id), copy_of="").status_code == 403


def test_a_search_finds_pages_by_title_and_address(session: Session, sign_in: SignIn) -> None:
    make_page(session, "About us")
    staff = sign_in("staff")
    assert "/en/about-us" in staff.get(f"{EDITOR}/?q=ABOUT").text
    for words in ("%25", "_", "nothing%00", "'; --"):
        assert "site-found" in staff.get(f"{EDITOR}/?q={words}").text
    for arguments in ("under=0", "under=x", "after=-5", "after=99999"):
        assert staff.get(f"{EDITOR}/?{arguments}").status_code == 200
    assert staff.get(f"{EDITOR}/?under=999999").status_code == 404


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000, "-1", "two"])
def test_a_number_that_is_none_is_a_wrong_choice(session: Session, sign_in: SignIn, number: str) -> None:
    page = make_page(session, "About us")
    session.commit()
    staff = sign_in("staff")
    for field in ({"parent_id": number}, {"copy_of": number}):
        assert post(staff, "/new", title="New", language="en", **field).status_code == 422
    for button in ({"move": f"{number}:up"}, {"put": f"{number}:{page.id}"}, {"put": f"{page.id}:{number}"}):
        assert post(staff, "/arrange", order=[number], **button).status_code == 303


def test_a_page_is_dropped_below_another_where_it_was_let_go(session: Session, sign_in: SignIn) -> None:
    home = make_home(session)
    one, two, three, four = (make_page(session, title) for title in ("One", "Two", "Three", "Four"))
    below = make_page(session, "Below", below=one)
    staff = sign_in("staff")
    seen = [str(each.id) for each in (one, four, below, two, three)]
    assert post(staff, "/arrange", order=seen, put=f"{four.id}:{one.id}").status_code == 303
    assert titles_below(session, one) == ["Four", "Below"]
    assert titles_below(session, home) == ["One", "Two", "Three"]
    assert draft_of(session, four).text.path == "/en/one/four"
    for put, status in ((f"{one.id}:{below.id}", 409), (f"{home.id}:{one.id}", 409), (f"{one.id}:999999", 404)):
        assert post(staff, "/arrange", put=put).status_code == status
    assert post(staff, "/arrange", order=[str(three.id), str(two.id)]).status_code == 303
    assert titles_below(session, home) == ["One", "Three", "Two"]
