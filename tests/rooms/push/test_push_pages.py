"""The pages on which the company writes notifications: drafts, previews, sending, topics, and who is refused."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.conftest import Fill
from tests.rooms.push.conftest import Register, make_message, make_topic, start
from webapp.blueprints.push.models import PushMessage, PushTopic
from webapp.blueprints.push.services.sending import content_of
from webapp.blueprints.tasks.models import Task
from webapp.core.company import get_company

OFFICE = "/backoffice/site/push"


def written(**changes: str) -> dict[str, str]:
    return {
        "title_it": "Chiuso oggi",
        "title_en": "Closed today",
        "body_it": "Torniamo domani",
        "body_en": "",
        "link_it": "/it/orari",
        "link_en": "",
        "to": "all",
        "urgency": "high",
        "hours": "12",
    } | changes


def messages(session: Session) -> list[PushMessage]:
    session.expire_all()
    return list(session.scalars(select(PushMessage).order_by(PushMessage.id)))


def test_a_draft_is_written_looked_at_changed_and_sent(fill: Fill, session: Session, register: Register) -> None:
    topic = make_topic(session)
    register("phone", topic)
    session.commit()
    answer = fill(f"{OFFICE}/new", written(to=f"topic:{topic.id}"))
    assert answer.status_code == 303
    (message,) = messages(session)
    assert (message.state, message.topic_id, message.hours) == ("draft", topic.id, 12)
    edited = fill(f"{OFFICE}/{message.id}/edit", written(to="all", title_en="Shut", version="1"))
    assert edited.status_code == 303
    sent = fill(f"{OFFICE}/{message.id}/send", {"version": "2"})
    assert sent.status_code == 303
    (message,) = messages(session)
    assert (message.state, message.audience, message.topic_id) == ("sending", "all", None)
    tasks = session.scalars(select(Task).where(Task.kind == "push.send")).all()
    assert [task.args for task in tasks] == [{"message": message.id}]
    assert fill(f"{OFFICE}/{message.id}/send", {"version": str(message.version)}).status_code == 409
    assert fill(f"{OFFICE}/{message.id}/edit", written(version=str(message.version))).status_code == 409
    assert fill(f"{OFFICE}/{message.id}/stop", {}).status_code == 303
    assert messages(session)[0].state == "cancelled"


def test_the_preview_says_how_many_would_get_it(
    session: Session, register: Register, sign_in, client: FlaskClient
) -> None:
    topic = make_topic(session)
    register("phone", topic)
    message = make_message(session, topic)
    session.commit()
    page = sign_in("staff").get(f"{OFFICE}/{message.id}/", headers={"Accept-Language": "en"}).text
    assert "It would go to 1 browser now." in page
    assert "Closed today" in page
    assert "Chiuso oggi" in page
    assert "/it/orari" in page


def test_a_draft_that_another_one_changed_meanwhile_is_not_sent(
    fill: Fill, session: Session, register: Register
) -> None:
    topic = make_topic(session)
    register("phone", topic)
    message = make_message(session, topic)
    session.commit()
    assert fill(f"{OFFICE}/{message.id}/edit", written(version="1")).status_code == 303
    assert fill(f"{OFFICE}/{message.id}/send", {"version": "1"}).status_code == 409
    assert messages(session)[0].state == "draft"
    late = fill(f"{OFFICE}/{message.id}/edit", written(title_it="Un altro titolo", version="1"))
    assert late.status_code == 409
    assert "Un altro titolo" in late.text


def test_without_anybody_nothing_is_sent_and_the_page_says_so(fill: Fill, session: Session) -> None:
    message = make_message(session)
    session.commit()
    answer = fill(f"{OFFICE}/{message.id}/send", {"version": "1"})
    assert answer.status_code == 409
    assert "nobody has asked for it" in answer.text
    assert messages(session)[0].state == "draft"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title_it": ""}, "Write a title"),
        ({"title_en": "x" * 81}, "80"),
        ({"body_it": "x" * 301}, "300"),
        ({"link_it": "https://evil.example"}, "address of this site"),
        ({"link_en": "//evil.example"}, "address of this site"),
        ({"link_en": "/\\evil.example"}, "address of this site"),
        ({"to": "topic:999"}, "Not a valid choice"),
        ({"to": "person:1"}, "Not a valid choice"),
        ({"hours": "0"}, "between 1 and 672"),
        ({"hours": "x"}, "valid integer"),
        ({"urgency": "panic"}, "Not a valid choice"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_what_was_typed_stays(
    fill: Fill, session: Session, changes: dict[str, str], sentence: str
) -> None:
    answer = fill(f"{OFFICE}/new", written(body_en="Typed with care", **changes))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Typed with care" in answer.text
    assert messages(session) == []


def test_the_longest_texts_fit_into_a_push(session: Session) -> None:
    import json

    long = {"titles": {"it": "😀" * 80}, "bodies": {"it": "😀" * 300}, "links": {"it": "/" + "x" * 299}}
    message = make_message(session, **long)
    assert len(json.dumps(content_of(message, "it"), ensure_ascii=False).encode()) < 3993


def test_a_company_of_one_language_writes_in_that_one(fill: Fill, session: Session) -> None:
    get_company(session).languages = "en"
    session.commit()
    values = {key: value for key, value in written().items() if not key.endswith("_it")}
    assert fill(f"{OFFICE}/new", values).status_code == 303
    (message,) = messages(session)
    assert message.titles == {"en": "Closed today"}


def test_a_topic_is_created_changed_and_deleted(fill: Fill, session: Session) -> None:
    values = {"name_it": "Offerte", "name_en": "Offers", "event": "", "position": "3", "offered": "y"}
    assert fill(f"{OFFICE}/topics/new", values).status_code == 303
    (topic,) = session.scalars(select(PushTopic)).all()
    url = f"{OFFICE}/topics/{topic.id}"
    assert fill(f"{url}/edit", values | {"event": "closed", "version": "1"}).status_code == 303
    assert fill(f"{url}/edit", values | {"name_en": "Late", "version": "1"}).status_code == 409
    assert fill(f"{url}/edit", values | {"name_it": "", "version": "2"}).status_code == 422
    session.expire_all()
    assert (topic.event, topic.names) == ("closed", {"it": "Offerte", "en": "Offers"})
    draft = make_message(session, topic)
    session.commit()
    refused = fill(f"{url}/delete", {"version": "2"})
    assert refused.status_code == 409
    assert "A draft is written for this topic" in refused.text
    assert fill(f"{OFFICE}/{draft.id}/delete", {"version": "1"}).status_code == 303
    assert fill(f"{url}/delete", {"version": "2"}).status_code == 303
    assert session.scalars(select(PushTopic)).all() == []


def test_the_list_finds_and_exports_messages(session: Session, register: Register, sign_in) -> None:
    topic = make_topic(session)
    register("phone", topic)
    start(session, make_message(session, topic))
    make_message(session, titles={"it": "Saldi", "en": "Sales"})
    session.commit()
    staff = sign_in("viewer")
    english = {"Accept-Language": "en"}
    page = staff.get(f"{OFFICE}/?state=draft", headers=english).text
    assert "Sales" in page
    assert "Closed today" not in page
    assert "1 browser wants notifications." in staff.get(f"{OFFICE}/", headers=english).text
    exported = staff.get(f"{OFFICE}/?q=clos&sort=title&format=csv", headers=english).text
    assert "Closed today" in exported
    assert "Sales" not in exported


def test_strangers_and_viewers_send_nothing(fill: Fill, client: FlaskClient, session: Session) -> None:
    message = make_message(session)
    topic = make_topic(session)
    session.commit()
    doors = (
        f"{OFFICE}/new",
        f"{OFFICE}/{message.id}/edit",
        f"{OFFICE}/{message.id}/send",
        f"{OFFICE}/{message.id}/stop",
        f"{OFFICE}/{message.id}/delete",
        f"{OFFICE}/topics/new",
        f"{OFFICE}/topics/{topic.id}/edit",
        f"{OFFICE}/topics/{topic.id}/delete",
    )
    for door in doors:
        assert fill(door, written(version="1"), "viewer").status_code == 403
    assert client.get(f"{OFFICE}/").status_code == 302
    assert messages(session)[0].state == "draft"
    assert session.get(PushTopic, topic.id) is not None


@pytest.mark.parametrize("path", ["999/", "999/edit", "topics/999/edit", f"{2**70}/"])
def test_what_does_not_exist_is_not_found(sign_in, path: str) -> None:
    assert sign_in("staff").get(f"{OFFICE}/{path}").status_code == 404
