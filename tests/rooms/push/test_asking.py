"""Browsers ask for notifications: what they send is checked, kept, changed and forgotten, and nobody is led astray."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.push.conftest import make_topic
from tests.rooms.push.service import Device
from webapp.blueprints.push.models import PushSubscription
from webapp.blueprints.push.queries import tell_personal
from webapp.blueprints.push.services.keys import ensure_key
from webapp.blueprints.push.services.subscribing import (
    MOST_NEW,
    ServiceUnknown,
    SubscriptionWrong,
    check_endpoint,
    forget_origins,
    origin_of,
    read_subscription,
)
from webapp.core.clock import utc_now
from webapp.core.company import get_company

GOOGLE = "https://fcm.googleapis.com/fcm/send/"
KEEP = "/push/subscription"


def device(name: str = "phone") -> Device:
    return Device(name, GOOGLE + name)


def asked(topic_id: int, name: str = "phone", **changes: Any) -> dict[str, Any]:
    return {"subscription": device(name).told, "topics": [topic_id], "language": "it"} | changes


def stored(session: Session) -> list[PushSubscription]:
    session.expire_all()
    return list(session.scalars(select(PushSubscription).order_by(PushSubscription.id)))


def test_the_page_explains_itself_names_the_topics_and_brings_no_cookie(client: FlaskClient, session: Session) -> None:
    make_topic(session, names={"it": "Orari", "en": "Hours"}, descriptions={"it": "Quando chiudiamo"})
    make_topic(session, names={"it": "Vecchio", "en": "Old"}, offered=False)
    italian = client.get("/it/avvisi")
    assert "Orari" in italian.text
    assert "Quando chiudiamo" in italian.text
    assert "Vecchio" not in italian.text
    assert "without-js" in italian.text
    assert "Set-Cookie" not in italian.headers
    assert "Hours" in client.get("/en/notifications").text
    assert 'href="/it/avvisi"' in client.get("/it/offline").text


def test_a_company_of_one_language_has_one_page(client: FlaskClient, session: Session) -> None:
    get_company(session).languages = "it"
    session.flush()
    assert client.get("/en/notifications").status_code == 404
    assert client.get("/it/avvisi").status_code == 200


def test_the_key_is_made_when_it_is_first_asked_for(client: FlaskClient, session: Session) -> None:
    first = client.post("/push/key", json={})
    assert first.json == {"key": ensure_key(session)}
    assert first.headers["Cache-Control"] == "no-store"
    assert client.post("/push/key", json={}).json == first.json


def test_a_browser_is_kept_with_its_topics_and_can_change_them_and_leave(client: FlaskClient, session: Session) -> None:
    news, offers = make_topic(session), make_topic(session)
    hidden = make_topic(session, offered=False)
    assert client.post(KEEP, json=asked(news.id)).status_code == 201
    answer = client.post(KEEP, json=asked(offers.id, topics=[offers.id, hidden.id, 10**17], language="en"))
    assert answer.json == {"topics": [offers.id]}
    (kept,) = stored(session)
    assert (kept.endpoint, kept.host, kept.language) == (f"{GOOGLE}phone", "fcm.googleapis.com", "en")
    assert kept.user_id is None
    assert "127.0.0.1" not in kept.origin
    endpoint = {"endpoint": kept.endpoint}
    assert client.post(f"{KEEP}/topics", json=endpoint).json == {"topics": [offers.id]}
    assert client.post(f"{KEEP}/end", json=endpoint).status_code == 200
    assert stored(session) == []
    assert client.post(f"{KEEP}/topics", json=endpoint).json == {"topics": []}
    assert client.post(f"{KEEP}/end", json=endpoint).status_code == 200


def test_whoever_is_signed_in_can_be_told_as_a_person_and_finds_it_in_their_data(
    session: Session, sign_in: Callable[[str], FlaskClient]
) -> None:
    topic = make_topic(session)
    assert sign_in("viewer").post(KEEP, json=asked(topic.id)).status_code == 201
    (kept,) = stored(session)
    assert kept.user_id
    told = tell_personal(session, kept.user_id)["notifications"]
    assert told[0]["service"] == "fcm.googleapis.com"
    assert kept.endpoint not in str(told)


def test_another_address_of_the_same_browser_keeps_its_topics(client: FlaskClient, session: Session) -> None:
    topic = make_topic(session)
    client.post(KEEP, json=asked(topic.id))
    moved = {"endpoint": f"{GOOGLE}phone", "subscription": device("moved").told}
    assert client.post(f"{KEEP}/replace", json=moved).json == {"known": True}
    (kept,) = stored(session)
    assert kept.endpoint == f"{GOOGLE}moved"
    assert [each.id for each in kept.topics] == [topic.id]
    assert client.post(f"{KEEP}/replace", json=moved).json == {"known": False}


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://10.0.0.7/x",
        "https://[::1]/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "https://169.254.169.254/latest",
        "https://router.local/x",
        "https://db/x",
        "https://fcm.googleapis.com:8443/x",
        "https://user:pw@fcm.googleapis.com/x",
        "https://fcm.googleapis.com/x#y",
        "https://fcm.googleapis.com\\@evil.example/x",
        "https://fcm.googleapis.com/ x",
        "https://fcm.googleapis.com/\u00e9",
        "https://[bad/x",
        "file:///etc/passwd",
        "ftp://fcm.googleapis.com/x",
        GOOGLE + "x" * 1000,
        "",
        None,
        7,
    ],
)
def test_addresses_inside_or_of_another_kind_are_refused(
    client: FlaskClient, session: Session, endpoint: object
) -> None:
    topic = make_topic(session)
    told = {**device().told, "endpoint": endpoint}
    for services in ((), ("*",)):
        settings = client.application.extensions["settings"]
        with pytest.raises((SubscriptionWrong, ServiceUnknown)):
            check_endpoint(endpoint, replace(settings, push_services=services or settings.push_services))
    answer = client.post(KEEP, json=asked(topic.id, subscription=told))
    assert answer.status_code == 422
    assert answer.json["problem"]
    assert stored(session) == []


def test_services_that_are_not_known_are_refused_unless_the_house_takes_all(app: Flask) -> None:
    settings = app.extensions["settings"]
    for endpoint in ("https://push.example.org/x", "https://evilgoogleapis.com/x", "https://googleapis.com.evil.org/x"):
        with pytest.raises(ServiceUnknown):
            check_endpoint(endpoint, settings)
        assert check_endpoint(endpoint, replace(settings, push_services=("*",)))
    for host in ("updates.push.services.mozilla.com", "web.push.apple.com", "wns2-par02p.notify.windows.com"):
        assert check_endpoint(f"https://{host}/x", settings) == host


@pytest.mark.parametrize(
    "keys",
    [
        None,
        {},
        {"p256dh": "", "auth": ""},
        {"p256dh": "BA" * 40, "auth": "c2l4dGVlbiBieXRlcyBvaw"},
        {"p256dh": "BA" + "A" * 85, "auth": "c2l4dGVlbiBieXRlcyBvaw"},
        {"p256dh": 7, "auth": []},
        {"p256dh": "x" * 5000, "auth": "y"},
        {"p256dh": "\u00e9" * 87, "auth": "c2l4dGVlbiBieXRlcyBvaw"},
    ],
)
def test_keys_that_are_none_are_refused(app: Flask, keys: object) -> None:
    with pytest.raises(SubscriptionWrong):
        read_subscription({"endpoint": f"{GOOGLE}x", "keys": keys}, app.extensions["settings"])


@pytest.mark.parametrize("path", ["/push/key", KEEP, f"{KEEP}/topics", f"{KEEP}/replace", f"{KEEP}/end"])
def test_what_is_no_json_object_is_refused_and_what_is_too_much_too(client: FlaskClient, path: str) -> None:
    for body in (b"", b"[]", b"7", b'"x"', b"{", b"\xff\xfe", b"[" * 5000):
        assert client.post(path, data=body, content_type="application/json").status_code == 422
    assert client.post(path, data={"endpoint": "x"}).status_code == 422
    assert client.post(path, data=b"{}" + b" " * 9000, content_type="application/json").status_code == 413


@pytest.mark.parametrize("topics", [None, [], [0], [-1], ["1"], "1", [True], [10**30], [[1]], {"a": 1}])
def test_without_a_topic_nothing_is_kept(client: FlaskClient, session: Session, topics: object) -> None:
    assert client.post(KEEP, json=asked(0, topics=topics)).status_code == 422
    assert stored(session) == []


def test_too_many_new_browsers_from_one_address_have_to_wait_and_known_ones_do_not(
    client: FlaskClient, session: Session
) -> None:
    topic = make_topic(session)
    house = {"REMOTE_ADDR": "2001:db8::5:b:c:d"}
    for number in range(MOST_NEW):
        at_home = {"REMOTE_ADDR": f"2001:db8::{number}:b:c:d"}  # one household, each time by another address
        assert client.post(KEEP, json=asked(topic.id, f"phone{number}"), environ_base=at_home).status_code == 201
    refused = client.post(KEEP, json=asked(topic.id, "one more"), environ_base=house)
    assert refused.status_code == 422  # a blank is in its address
    refused = client.post(KEEP, json=asked(topic.id, "one-more"), environ_base=house)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert client.post(KEEP, json=asked(topic.id, "phone1"), environ_base=house).status_code == 201
    elsewhere = client.post(KEEP, json=asked(topic.id, "other"), environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert elsewhere.status_code == 201


def test_the_addresses_of_a_household_count_as_one() -> None:
    origins = [
        origin_of(each, "secret")
        for each in ("2001:db8::1", "2001:db8::7:0:0:5", "2001:db8:0:1::1", "::ffff:192.0.2.7")
    ]
    assert origins[0] == origins[1]
    assert len(set(origins)) == 3
    assert origins[3] == origin_of("192.0.2.7", "secret")


def test_from_where_a_browser_came_is_forgotten_after_a_day(client: FlaskClient, session: Session) -> None:
    topic = make_topic(session)
    client.post(KEEP, json=asked(topic.id))
    forget_origins(session, utc_now() + dt.timedelta(hours=23))
    assert stored(session)[0].origin
    forget_origins(session, utc_now() + dt.timedelta(hours=25))
    assert stored(session)[0].origin == ""


def test_texts_that_no_database_stores_do_no_harm(client: FlaskClient) -> None:
    for text in ("\\ud800", "\\u0000", "\\udfff\\ud800"):
        body = f'{{"endpoint": "{text}"}}'.encode()
        for path in (f"{KEEP}/topics", f"{KEEP}/end"):
            assert client.post(path, data=body, content_type="application/json").status_code == 200


def test_the_worker_knows_what_to_do_with_a_push(client: FlaskClient) -> None:
    source = client.get("/sw.js").text
    assert "showNotification" in source
    assert '"/push/subscription/replace"' in source
