"""Menus lead strangers to what is public, in their language, and staff put them in order."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.navigation.makers import make_item, send
from webapp.blueprints.navigation.models import Item
from webapp.blueprints.navigation.queries import list_items, show_menu
from webapp.blueprints.navigation.services import MOST, order_items, problem_of
from webapp.core.company import get_company
from webapp.core.security import SYSTEM
from webapp.core.site_paths import SitePaths

SignIn = Callable[[str], FlaskClient]
URL = "/backoffice/site/menus"
PUBLIC = "/privacy-of-nobody"


def everywhere(_path: str) -> bool:
    return True


def fields(**changes: str) -> dict[str, str]:
    typed = {"label_it": "Chi siamo", "label_en": "About us", "target_it": "/it", "target_en": "", "visible": "y"}
    return typed | {"parent_id": ""} | changes


def labels(entries: tuple[object, ...]) -> list[str]:
    return [entry.label for entry in entries]


def test_an_entry_is_shown_in_the_languages_that_have_a_label_for_it(session: Session) -> None:
    make_item(session, label_it="Solo qui", label_en="")
    items = list_items(session, "main")
    assert labels(show_menu(items, "it", path="/it", opens=everywhere)) == ["Solo qui"]
    assert show_menu(items, "en", path="/en", opens=everywhere) == ()


def test_hidden_entries_lost_pages_and_empty_headings_are_skipped(session: Session) -> None:
    make_item(session, label_it="Nascosta", visible=False)
    make_item(session, label_it="Persa", target_it="/it/persa")
    heading = make_item(session, label_it="Titolo", target_it="")
    make_item(session, label_it="Sotto", target_it="/it/persa", parent_id=heading.id)
    above_lost = make_item(session, label_it="Resta", target_it="/it/persa")
    make_item(session, label_it="Figlia", parent_id=above_lost.id)
    shown = show_menu(list_items(session), "it", path="/it", opens=lambda path: "persa" not in path)
    assert labels(shown) == ["Resta"]
    assert shown[0].target == ""
    assert labels(shown[0].below) == ["Figlia"]


def test_what_stands_below_a_hidden_entry_is_hidden_too(session: Session) -> None:
    above = make_item(session, visible=False)
    make_item(session, parent_id=above.id)
    assert show_menu(list_items(session), "it", path="/it", opens=everywhere) == ()


@pytest.mark.parametrize(
    ("target", "path", "current"),
    [
        ("/it/notizie", "/it/notizie", "page"),
        ("/it/notizie/?p=2#top", "/it/notizie", "page"),
        ("/it/notizie", "/it/notizie/una", "true"),
        ("/it/notizie", "/it/notizie-vecchie", ""),
        ("/it", "/it/notizie", ""),
        ("https://example.org/it", "/it", ""),
    ],
)
def test_the_entry_of_this_page_is_marked_and_so_is_the_one_above_it(
    session: Session, target: str, path: str, current: str
) -> None:
    make_item(session, target_it=target)
    above = make_item(session, target_it="", label_it="Titolo")
    make_item(session, target_it=target, parent_id=above.id)
    alone, heading = show_menu(list_items(session), "it", path=path, opens=everywhere)
    assert alone.current == current
    assert heading.current == ("true" if current else "")


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "//evil.example",
        "/\\evil.example",
        "data:text/html,x",
        "it/notizie",
        "https://",
        "/a b",
        "/a\nb",
    ],
)
def test_targets_that_lead_astray_are_refused(app: Flask, target: str) -> None:
    with app.test_request_context():
        assert problem_of(target)


def test_whole_addresses_paths_and_nothing_are_targets() -> None:
    for target in ("", "/it", "/it/a?b=1#c", "https://a.example", "mailto:a@b.example", "tel:+390546"):
        assert problem_of(target) is None


def test_staff_add_an_entry_and_strangers_see_it(session: Session, sign_in: SignIn, client: FlaskClient) -> None:
    staff = sign_in("staff")
    answer = send(
        staff, f"{URL}/main/new", data=fields(target_it="https://a.example/x", target_en="https://a.example/y")
    )
    assert answer.status_code == 303, answer.text
    assert "Chi siamo" in staff.get(URL).text
    assert (
        client.get("/", headers={"Accept-Language": "it"}, follow_redirects=True).text.count("https://a.example/x") == 2
    )


def test_nothing_typed_is_lost_when_a_target_is_wrong(session: Session, sign_in: SignIn) -> None:
    answer = send(
        sign_in("staff"), f"{URL}/main/new", data=fields(label_it="Ciao <b>", target_it="javascript:alert(1)")
    )
    assert answer.status_code == 422
    assert "Ciao &lt;b&gt;" in answer.text
    assert 'value="javascript:alert(1)"' in answer.text
    assert session.scalars(select(Item)).all() == []


def test_an_entry_needs_a_label_in_some_language(sign_in: SignIn) -> None:
    assert send(sign_in("staff"), f"{URL}/main/new", data=fields(label_it=" ", label_en="")).status_code == 422


def test_a_company_of_one_language_is_asked_for_one(session: Session, sign_in: SignIn) -> None:
    get_company(session).languages = "it"
    session.commit()
    staff = sign_in("staff")
    assert "label_en" not in staff.get(f"{URL}/main/new").text
    data = fields()
    del data["label_en"], data["target_en"]
    assert send(staff, f"{URL}/main/new", data=data).status_code == 303


def test_an_entry_stands_below_one_of_the_first_level_of_its_menu_only(session: Session, sign_in: SignIn) -> None:
    first, column = make_item(session), make_item(session, menu="footer")
    second = make_item(session, parent_id=first.id)
    session.commit()
    staff = sign_in("staff")
    for wrong in (column.id, second.id, 10**17):
        assert send(staff, f"{URL}/main/new", data=fields(parent_id=str(wrong))).status_code == 422
    assert send(staff, f"{URL}/items/{first.id}", data=fields(parent_id=str(first.id), version="1")).status_code == 422
    assert send(staff, f"{URL}/legal/new", data=fields(parent_id=str(first.id))).status_code == 303
    assert session.scalars(select(Item.parent_id).where(Item.menu == "legal")).one() is None


def test_one_with_entries_below_it_stays_on_the_first_level(session: Session, sign_in: SignIn) -> None:
    above, other = make_item(session), make_item(session)
    make_item(session, parent_id=above.id)
    session.commit()
    answer = send(sign_in("staff"), f"{URL}/items/{above.id}", data=fields(parent_id=str(other.id), version="1"))
    assert answer.status_code == 422


def test_the_second_of_two_editors_is_told(session: Session, sign_in: SignIn) -> None:
    item = make_item(session)
    session.commit()
    staff = sign_in("staff")
    address = f"{URL}/items/{item.id}"
    assert send(staff, address, data=fields(label_it="Prima", version="1")).status_code == 303
    late = send(staff, address, data=fields(label_it="Seconda", version="1"))
    assert late.status_code == 409
    assert "Prima" in late.text
    assert "Seconda" in late.text


def test_entries_are_ordered_by_buttons_and_by_dropping(session: Session, sign_in: SignIn) -> None:
    a, b, c = (make_item(session, label_it=name, position=place).id for place, name in enumerate("abc"))
    session.commit()
    staff = sign_in("staff")

    def order() -> list[int]:
        session.expire_all()
        return [item.id for item in list_items(session, "main")]

    send(staff, f"{URL}/main/order", data={"move": f"{c}:up", "order": [a, b, c]})
    assert order() == [a, c, b]
    send(staff, f"{URL}/main/order", data={"move": f"{a}:up"})
    assert order() == [a, c, b]
    send(staff, f"{URL}/main/order", data={"order": [b, a, c, 10**17, b]})
    assert order() == [b, a, c]
    for wrong in ("x", f"{a}:sideways", ":up"):
        send(staff, f"{URL}/main/order", data={"move": wrong})
    assert send(staff, f"{URL}/nowhere/order", data={"order": [c]}).status_code == 404


def test_an_order_that_misses_an_entry_keeps_it(session: Session) -> None:
    a, b, c = (make_item(session, position=place).id for place in range(3))
    order_items(session, by=SYSTEM, menu="main", order=[c])
    assert [item.id for item in list_items(session, "main")] == [c, a, b]


def test_an_entry_is_hidden_and_shown_again(session: Session, sign_in: SignIn) -> None:
    item = make_item(session)
    session.commit()
    staff = sign_in("staff")
    for deed, visible in (("hide", False), ("show", True)):
        send(staff, f"{URL}/main/order", data={"turn": f"{item.id}:{deed}"})
        session.refresh(item)
        assert item.visible is visible


def test_deleting_an_entry_takes_those_below_it_along(session: Session, sign_in: SignIn) -> None:
    above = make_item(session, label_it="Sopra")
    make_item(session, label_it="Sotto a lei", parent_id=above.id)
    session.commit()
    staff = sign_in("staff")
    assert "Sotto a lei" in staff.get(f"{URL}/items/{above.id}/delete").text
    assert send(staff, f"{URL}/items/{above.id}/delete", data={"version": "1"}).status_code == 303
    assert session.scalars(select(Item)).all() == []


def test_a_menu_does_not_grow_without_end(session: Session, sign_in: SignIn) -> None:
    session.add_all(Item(menu="main", label_it=f"n{number}") for number in range(MOST))
    session.commit()
    assert send(sign_in("staff"), f"{URL}/main/new", data=fields()).status_code == 422


def test_staff_are_told_of_a_page_that_is_not_public(session: Session, sign_in: SignIn) -> None:
    make_item(session, target_it="/it/mai-esistita", label_en="")
    session.commit()
    page = sign_in("staff").get(URL, headers={"Accept-Language": "en"}).text
    assert "/it/mai-esistita is no public page" in page
    assert "English: no label" in page


@pytest.mark.parametrize("path", ["", "/main/new", "/items/{id}", "/items/{id}/delete"])
def test_strangers_and_viewers_change_nothing(
    session: Session, sign_in: SignIn, client: FlaskClient, path: str
) -> None:
    item = make_item(session, label_it="Intatta")
    session.commit()
    address = URL + path.format(id=item.id)
    assert client.get(address).status_code in (302, 303, 401)
    viewer = sign_in("viewer")
    assert viewer.get(address).status_code == 403
    if path:
        assert send(viewer, address, data=fields(version="1")).status_code == 403
    assert send(viewer, f"{URL}/main/order", data={"turn": f"{item.id}:hide"}).status_code == 403
    session.refresh(item)
    assert (item.label_it, item.visible) == ("Intatta", True)


def test_paths_of_the_house_open_as_strangers_find_them(app: Flask, session: Session) -> None:
    with app.test_request_context():
        paths = SitePaths(session)
        assert paths.opens("/")
        assert paths.opens("/healthz")
        assert not paths.opens("/backoffice/site/menus")
        assert not paths.opens("/it/mai/esistita")
        assert not paths.opens("/never-there")


def test_the_menu_opens_without_a_script_and_tells_the_current_page(session: Session, client: FlaskClient) -> None:
    make_item(session, label_it="Fuori", label_en="Outside")
    session.commit()
    page = client.get("/", headers={"Accept-Language": "en"}, follow_redirects=True).text
    assert re.search(r"<details[^>]*site-menu-phone", page)
    assert page.count("Outside") == 2
