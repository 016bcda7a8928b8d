"""The whole matrix: who gets through which door, and what somebody meets at the record of somebody else.

`doors.toml` is the expected table, read and agreed by people: a new endpoint without a line in it fails here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule
from werkzeug.test import TestResponse

from tests.conftest import signed_in_cookie
from tests.rooms.accounts.makers import make_user
from tests.rooms.crm.makers import make_customer
from tests.rooms.sales.makers import make_order
from webapp.blueprints.accounts.models import Group, Membership, Role, RoleGrant, User
from webapp.core.db import db
from webapp.core.policy import RULES
from webapp.core.room import rights
from webapp.core.security import LOCK

SignIn = Callable[[str], FlaskClient]
Knock = Callable[..., TestResponse]
TABLE = tomllib.loads((Path(__file__).parent / "doors.toml").read_text())
AUDIENCES: dict[str, list[str]] = {name: table["doors"] for name, table in TABLE["audiences"].items()}
LEVELS = ("anonymous", "viewer", "staff", "owner")
NUMBER = 987654321


def _part(converter: BaseConverter) -> object:
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return NUMBER if isinstance(converter, IntegerConverter) else "x"


@dataclass(frozen=True)
class Door:
    """An endpoint and a method, at one of its addresses."""

    method: str
    rule: Rule

    @property
    def name(self) -> str:
        """As the table calls it."""
        return f"{self.method} {self.rule.endpoint}"

    def address(self, **values: object) -> str:
        """The address, with the numbers and words that are given or mean nothing."""
        words = {name: values.get(name, _part(converter)) for name, converter in self.rule._converters.items()}
        chosen = {"kind": "terms", "filename": "dist/manifest.json"}
        built = self.rule.build({**words, **{k: v for k, v in chosen.items() if k in words}}, append_unknown=False)
        assert built is not None
        return built[1]


def doors(app: Flask) -> Iterator[Door]:
    """All doors but those of the administration, which are alike and have a test of their own."""
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/admin"):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield Door(method, rule)


@pytest.fixture
def knock(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> Callable[..., TestResponse]:
    """Send a request with the cookies of somebody; whatever it stores is undone."""
    monkeypatch.setitem(app.config, "WTF_CSRF_METHODS", set())  # the locks are asked here, not the tokens

    def knocked(method: str, address: str, visitor: FlaskClient | None) -> TestResponse:
        session.commit()
        browser = app.test_client()
        if visitor is not None:
            browser._cookies = dict(visitor._cookies)
        savepoint = db.engines[None].begin_nested()  # the fixture put its connection there
        try:
            return browser.open(address, method=method, buffered=True)
        finally:
            db.session.remove()
            savepoint.rollback()

    return knocked


def refused(answer: TestResponse) -> bool:
    """Whether the lock kept the visitor out: asked to sign in, or told that the page is not for them."""
    assert answer.status_code < 500, answer.text[:2000]
    to_sign_in = answer.status_code in (302, 303) and urlsplit(answer.location or "").path == "/login"
    return to_sign_in or answer.status_code in (401, 403)


def test_every_door_stands_once_in_the_table_and_no_other_does(shared_app: Flask) -> None:
    listed = [door for audience in AUDIENCES.values() for door in audience]
    assert sorted(listed) == sorted(set(listed)), "a door stands twice in doors.toml"
    there = {door.name for door in doors(shared_app)}
    assert there - set(listed) == set(), "new doors: decide who gets through, in doors.toml"
    assert set(listed) - there == set(), "doors that are gone: take them out of doors.toml"


def test_every_right_is_told_in_words(app: Flask) -> None:
    assert [right.name for right in rights() if str(right.title) == right.name] == []


@pytest.mark.parametrize("level", LEVELS)
def test_who_gets_through_each_door(app: Flask, sign_in: SignIn, knock: Knock, level: str) -> None:
    visitor = None if level == "anonymous" else sign_in(level)
    through = {
        "everyone": LEVELS,
        "signed-in": LEVELS[1:],
        "viewer": LEVELS[1:],
        "staff": LEVELS[2:],
        "owner": LEVELS[3:],
        "in-course": (),
    }
    wrong = {}
    for door in doors(app):
        audience = next((name for name, some in AUDIENCES.items() if door.name in some), None)
        if audience and door.rule.endpoint != "readyz":  # it looks beside this savepoint: tests/core/test_health.py
            answer = knock(door.method, door.address(), visitor)
            sent_away = audience == "in-course" and answer.status_code == 302
            if (refused(answer) or sent_away) is (level in through[audience]):
                wrong[door.name] = (audience, answer.status_code, answer.location)
    assert wrong == {}


@pytest.mark.parametrize("level", ["anonymous", "staff"])
def test_the_administration_is_the_owners_alone(app: Flask, sign_in: SignIn, knock: Knock, level: str) -> None:
    visitor = None if level == "anonymous" else sign_in(level)
    there = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/admin/")]
    ways = [Door(method, rule) for rule in there for method in ("GET", "POST") if method in (rule.methods or ())]
    locked = [way for way in ways if "static" not in way.name]
    assert locked
    assert [way.name for way in locked if not refused(knock(way.method, way.address(), visitor))] == []
    assert knock("GET", "/admin/", sign_in("owner")).status_code == 200


def test_the_table_knows_every_door_of_a_record_that_belongs_to_somebody(shared_app: Flask) -> None:
    ruled = shared_app.extensions[RULES]
    doors_of_records = {
        door.name
        for door in doors(shared_app)
        if door.rule.arguments and set(getattr(shared_app.view_functions[door.rule.endpoint], LOCK)) & set(ruled)
    }
    assert doors_of_records == {door for some in TABLE["records"].values() for door in some}


@pytest.fixture
def seller(app: Flask, session: Session) -> Callable[[str], tuple[User, FlaskClient]]:
    """Somebody signed in who has every right over records with this reach, and no others but to enter."""

    def signed_in(reach: str) -> tuple[User, FlaskClient]:
        role = Role(name=f"seller {reach}", rank=10)
        session.add(role)
        session.flush()
        granted = dict.fromkeys(app.extensions[RULES], reach) | {"core:backoffice:enter": "all"}
        session.add_all(RoleGrant(role_id=role.id, permission=name, reach=far) for name, far in granted.items())
        session.flush()
        user = make_user(session, roles=[role.name])
        browser = app.test_client()
        with browser.session_transaction() as cookie:
            cookie.update(signed_in_cookie(session, user))
        return user, browser

    return signed_in


def _records(session: Session, **whose: int | None) -> dict[str, int]:
    customer = make_customer(session, name="Ferramenta Bianchi", **whose)
    order = make_order(session, customer_id=customer.id, **whose)
    return {"customer_id": customer.id, "order_id": order.id}


@pytest.mark.parametrize("reach", ["own", "group", "all"])
def test_somebody_elses_record_is_not_there(
    app: Flask, session: Session, seller: Callable[[str], tuple[User, FlaskClient]], knock: Knock, reach: str
) -> None:
    user, browser = seller(reach)
    above = Group(name="Above", members=[])
    session.add(above)
    session.flush()
    below = Group(name="Below", parent_id=above.id)
    session.add(below)
    session.flush()
    session.add(Membership(user_id=user.id, group_id=above.id))
    stranger = make_user(session)
    cases = {
        "own": (_records(session, owner_id=user.id), True),
        "of the group below": (_records(session, owner_id=stranger.id, group_id=below.id), reach != "own"),
        "somebody else's": (_records(session, owner_id=stranger.id), reach == "all"),
        "nobody's": (_records(session), reach == "all"),
    }
    wrong = {}
    by_name = {door.name: door for door in doors(app)}
    for argument, listed in TABLE["records"].items():
        for name in listed:
            for case, (numbers, there) in cases.items():
                door = by_name[name]
                status = knock(door.method, door.address(**{argument: numbers[argument]}), browser).status_code
                if (status == 404) is there or status in (302, 401, 403):
                    wrong[name, case] = status
    assert wrong == {}


def test_lists_exports_suggestions_and_the_api_leave_out_the_records_of_others(
    session: Session, seller: Callable[[str], tuple[User, FlaskClient]], knock: Knock
) -> None:
    user, browser = seller("own")
    stranger = make_user(session)
    names = {}
    for owner, word in ((user, "Mine"), (stranger, "Theirs")):
        customer = make_customer(session, name=f"Shop {word}", number=f"C-{word}", owner_id=owner.id)
        make_order(session, number=f"O-{word}", customer_id=customer.id, owner_id=owner.id)
        names[word] = {"customers": customer.number, "orders": f"O-{word}"}
    for kind, addresses in TABLE["lists"].items():
        for address in addresses:
            text = knock("GET", address.format(name="Shop"), browser).text
            assert names["Mine"][kind] in text, address
            assert names["Theirs"][kind] not in text, address
