"""A message reaches every browser that asked for it once, whatever push services and workers do meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.planning import prefer_nested_loops
from tests.rooms.accounts.makers import make_user
from tests.rooms.push.conftest import Register, known_devices, make_message, make_topic, start, work
from tests.rooms.push.service import PushService
from webapp.blueprints.accounts.models import Group, Membership
from webapp.blueprints.push.models import PushDelivery, PushMessage, PushSubscription
from webapp.blueprints.push.ports import Answer
from webapp.blueprints.push.queries import count_deliveries, count_receivers
from webapp.blueprints.push.services.keys import KeyLost, ensure_key, private_key
from webapp.blueprints.push.services.messages import (
    NobodyThere,
    NotADraft,
    NotUnderWay,
    forget_old,
    send_by_event,
    send_message,
    stop_message,
)
from webapp.blueprints.push.services.sending import MOST_ATTEMPTS, settle_batch, take_batch
from webapp.blueprints.tasks.models import Task
from webapp.core.clock import utc_now
from webapp.core.errors import EditConflict, NotAllowed
from webapp.core.security import ANONYMOUS, SYSTEM

HOUR = dt.timedelta(hours=1)


def counts(session: Session, message: PushMessage) -> dict[str, int]:
    session.expire_all()
    return count_deliveries(session, message)


def due_now(session: Session) -> None:
    """Let the time pass for which browsers were put off."""
    session.execute(update(PushDelivery).values(not_before=None))
    session.commit()


def test_each_browser_gets_it_encrypted_for_itself_in_its_language_and_signed_by_the_house(
    session: Session, service: PushService, register: Register
) -> None:
    topic = make_topic(session)
    register("phone", topic, language="it")
    register("laptop", topic)
    message = start(session, make_message(session, topic, hours=2, urgency="high"))
    hand = work(message)
    told = {each.device: each for each in service.received}
    assert told["phone"].content == {
        "title": "Chiuso oggi",
        "body": "Torniamo domani",
        "link": "/it/orari",
        "language": "it",
        "tag": f"push-{message.id}",
    }
    assert (told["laptop"].content["title"], told["laptop"].content["link"]) == ("Closed today", "/en")
    assert told["phone"].key == ensure_key(session)
    assert told["phone"].headers["urgency"] == "high"
    assert 7000 < int(told["phone"].headers["ttl"]) <= 7200
    assert counts(session, message) == {"sent": 2}
    assert (message.state, message.counts) == ("sent", {"sent": 2})
    assert hand.told[-1][:2] == (2, 2)
    assert all(each.last_success_at for each in session.scalars(select(PushSubscription)))


def test_a_language_without_a_title_falls_back_to_one_that_has_all_its_texts(
    session: Session, service: PushService, register: Register
) -> None:
    topic = make_topic(session)
    register("phone", topic, language="en")
    message = make_message(session, topic, titles={"it": "Chiuso", "en": ""}, bodies={"it": "Oggi", "en": "Today"})
    work(start(session, message))
    content = service.received[0].content
    assert (content["title"], content["body"], content["link"]) == ("Chiuso", "Oggi", "/it/orari")


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten_and_counted(
    session: Session, service: PushService, register: Register, status: int
) -> None:
    topic = make_topic(session)
    register("old", topic)
    register("phone", topic)
    service.answers["old"] = status
    message = start(session, make_message(session, topic))
    work(message)
    assert counts(session, message) == {"dead": 1, "sent": 1}
    assert known_devices(session) == {"phone"}


@pytest.mark.parametrize(("status", "after"), [(429, 120), (503, 120), (500, None)])
def test_a_service_that_says_later_is_asked_again_then_and_not_before(
    session: Session, service: PushService, register: Register, status: int, after: int | None
) -> None:
    topic = make_topic(session)
    register("phone", topic)
    service.answers["phone"] = (status, after) if after else status
    message = start(session, make_message(session, topic))
    work(message)
    work(message)
    assert service.calls == ["phone"]
    assert counts(session, message) == {"waiting": 1}
    later = session.scalars(select(Task).where(Task.kind == "push.send").order_by(Task.id.desc()).limit(1)).one()
    assert later.not_before
    wait = (later.not_before - utc_now()).total_seconds()
    assert (115 < wait <= 120) if after else (25 < wait <= 30)
    service.answers.clear()
    due_now(session)
    work(message)
    assert counts(session, message) == {"sent": 1}


def test_a_date_is_understood_as_a_time_to_come_back(
    session: Session, service: PushService, register: Register
) -> None:
    topic = make_topic(session)
    register("phone", topic)
    service.answers["phone"] = (503, (utc_now() + HOUR).strftime("%a, %d %b %Y %H:%M:%S GMT"))
    work(start(session, make_message(session, topic)))
    not_before = session.scalars(select(PushDelivery.not_before)).one()
    assert not_before
    assert dt.timedelta(minutes=59) < not_before - utc_now() <= HOUR


def test_when_a_service_has_had_enough_nothing_else_goes_to_it_before_it_wants(
    session: Session, service: PushService, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.blueprints.push.tasks.AT_ONCE", 1)
    topic = make_topic(session)
    for name in ("a", "b", "c"):
        register(name, topic)
        service.answers[name] = (429, 60)
    message = start(session, make_message(session, topic))
    work(message)
    assert service.calls == ["a"]
    assert counts(session, message) == {"waiting": 3}


def test_a_service_that_never_takes_it_is_left_alone_after_some_attempts(
    session: Session, service: PushService, register: Register
) -> None:
    topic = make_topic(session)
    browser = register("phone", topic)
    service.answers["phone"] = 500
    message = start(session, make_message(session, topic))
    for _ in range(MOST_ATTEMPTS + 2):
        work(message)
        due_now(session)
    assert len(service.calls) == MOST_ATTEMPTS
    assert counts(session, message) == {"failed": 1}
    session.refresh(browser)
    assert browser.failures == 1


@pytest.mark.parametrize("status", [400, 401, 403, 413, 302, 307])
def test_a_refusal_and_a_redirect_are_not_followed_and_the_browser_stays(
    session: Session, service: PushService, register: Register, status: int
) -> None:
    topic = make_topic(session)
    register("phone", topic)
    service.answers["phone"] = status
    message = start(session, make_message(session, topic))
    work(message)
    assert service.calls == ["phone"]
    assert counts(session, message) == {"failed": 1}
    assert known_devices(session) == {"phone"}


def test_a_service_that_took_it_and_hung_up_is_not_sent_it_twice(
    session: Session, service: PushService, register: Register
) -> None:
    topic = make_topic(session)
    register("phone", topic)
    service.drops.add("phone")
    message = start(session, make_message(session, topic))
    work(message)
    service.drops.clear()
    work(message)
    assert service.calls == ["phone"]
    assert counts(session, message) == {"unclear": 1}


def test_a_service_that_is_not_there_is_tried_again(session: Session, register: Register, service: PushService) -> None:
    topic = make_topic(session)
    browser = register("phone", topic)
    browser.endpoint = "http://127.0.0.1:9/push/phone"
    message = start(session, make_message(session, topic))
    work(message)
    assert counts(session, message) == {"waiting": 1}


def test_whoever_was_under_way_when_a_worker_died_is_not_sent_it_twice(
    session: Session, service: PushService, register: Register
) -> None:
    topic = make_topic(session)
    for name in ("a", "b", "c"):
        register(name, topic)
    message = start(session, make_message(session, topic))
    take_batch(session, message.id, most=1, now=utc_now())
    session.commit()
    hand = work(message)
    assert sorted(service.calls) == ["b", "c"]
    assert counts(session, message) == {"unclear": 1, "sent": 2}
    assert "not sent again" in hand.lines[0]


def test_after_its_time_nothing_leaves_any_more(session: Session, service: PushService, register: Register) -> None:
    topic = make_topic(session)
    register("phone", topic)
    message = start(session, make_message(session, topic, hours=1))
    message.started_at = utc_now() - HOUR
    session.commit()
    work(message)
    assert service.calls == []
    assert counts(session, message) == {"failed": 1}
    assert message.state == "sent"


def test_what_is_stopped_reaches_nobody_any_more(session: Session, service: PushService, register: Register) -> None:
    topic = make_topic(session)
    register("phone", topic)
    message = start(session, make_message(session, topic))
    stop_message(session, by=SYSTEM, message_id=message.id)
    session.commit()
    work(message)
    assert service.calls == []
    assert (message.state, message.counts) == ("cancelled", {"cancelled": 1})
    with pytest.raises(NotUnderWay):
        stop_message(session, by=SYSTEM, message_id=message.id)


def test_the_counts_are_true_though_it_was_stopped_while_pushes_were_under_way(
    session: Session, service: PushService, register: Register
) -> None:
    topic = make_topic(session)
    for name in ("gone", "later", "phone", "waits"):
        register(name, topic)
    message = start(session, make_message(session, topic))
    batch = take_batch(session, message.id, most=3, now=utc_now())
    stop_message(session, by=SYSTEM, message_id=message.id)
    session.commit()
    gone, later, phone = (each.delivery_id for each in batch.outgoing)
    answers = [Answer(gone, "dead", 410), Answer(later, "later", 503), Answer(phone, "sent", 201)]
    settle_batch(session, message.id, answers, now=utc_now())
    session.commit()
    session.refresh(message)
    assert message.counts == {"cancelled": 1, "dead": 1, "failed": 1, "sent": 1}
    assert counts(session, message) == message.counts


def test_what_a_slow_worker_learns_after_it_was_given_up_still_counts(
    session: Session, service: PushService, register: Register
) -> None:
    topic = make_topic(session)
    register("phone", topic)
    message = start(session, make_message(session, topic))
    slow = take_batch(session, message.id, most=1, now=utc_now())
    session.commit()
    work(message)
    assert message.counts == {"unclear": 1}
    settle_batch(session, message.id, [Answer(slow.outgoing[0].delivery_id, "sent", 201)], now=utc_now())
    assert (service.calls, message.counts) == ([], {"sent": 1})


def test_a_browser_that_left_meanwhile_is_not_sent_anything(
    session: Session, service: PushService, register: Register
) -> None:
    topic = make_topic(session)
    register("phone", topic)
    leaving = register("laptop", topic)
    message = start(session, make_message(session, topic))
    session.delete(leaving)
    session.commit()
    work(message)
    assert service.calls == ["phone"]
    assert counts(session, message) == {"dead": 1, "sent": 1}


def test_a_message_goes_to_its_topic_its_person_or_its_group_alone(session: Session, register: Register) -> None:
    news, offers = make_topic(session), make_topic(session)
    ada, bea, leo = (make_user(session) for _ in range(3))
    above, below = Group(name="Sales"), Group(name="North")
    session.add_all([above, below])
    session.flush()
    below.parent_id = above.id
    session.add_all([Membership(user_id=ada.id, group_id=above.id), Membership(user_id=bea.id, group_id=below.id)])
    session.flush()
    for name, topic, user in (("a", news, ada), ("b", news, bea), ("c", offers, leo), ("d", offers, None)):
        register(name, topic, user_id=user.id if user else None)

    def reached(**values: Any) -> int:
        return count_receivers(session, make_message(session, **values))

    assert reached(audience="all") == 4
    assert reached(audience="topic", topic_id=news.id) == 2
    assert reached(audience="person", user_id=leo.id) == 1
    assert reached(audience="group", group_id=above.id) == 2
    assert reached(audience="group", group_id=below.id) == 1


def test_a_message_is_sent_once_as_it_was_seen_and_by_those_who_may(
    session: Session, register: Register, service: PushService
) -> None:
    topic = make_topic(session)
    message = make_message(session, topic)
    with pytest.raises(NobodyThere):
        send_message(session, by=SYSTEM, message_id=message.id, version=message.version)
    session.rollback()
    topic = make_topic(session)
    register("phone", topic)
    message = make_message(session, topic)
    with pytest.raises(EditConflict):
        send_message(session, by=SYSTEM, message_id=message.id, version=message.version + 1)
    with pytest.raises(NotAllowed):
        send_message(session, by=ANONYMOUS, message_id=message.id, version=message.version)
    started = start(session, message)
    with pytest.raises(NotADraft):
        send_message(session, by=SYSTEM, message_id=message.id, version=started.version)


def test_an_event_is_told_once_to_those_whose_topic_it_is(
    session: Session, service: PushService, register: Register
) -> None:
    closed, news = make_topic(session, event="closed"), make_topic(session, event="news")
    register("phone", closed)
    register("laptop", news)
    told = {"titles": {"it": "Chiuso"}, "bodies": {}, "links": {"it": "https://evil.example"}}
    first = send_by_event(session, "closed", cause="places:1:2026-11-22", **told)
    again = send_by_event(session, "closed", cause="places:1:2026-11-22", **told)
    session.commit()
    assert (len(first), again) == (1, [])
    work(session.get_one(PushMessage, first[0]))
    assert [(each.device, each.content["link"]) for each in service.received] == [("phone", "/it")]


def test_single_deliveries_are_forgotten_after_90_days_and_the_counts_stay(
    session: Session, service: PushService, register: Register
) -> None:
    topic = make_topic(session)
    register("phone", topic)
    message = start(session, make_message(session, topic))
    work(message)
    forget_old(session, utc_now() + dt.timedelta(days=91))
    assert session.scalars(select(PushDelivery)).all() == []
    assert counts(session, message) == {"sent": 1}


def test_the_key_is_made_once_kept_sealed_and_its_loss_is_told(session: Session, bottega: Callable[..., Any]) -> None:
    public = ensure_key(session)
    assert ensure_key(session) == public
    assert bottega("push", "keys").output.strip() == public
    row = session.connection().exec_driver_sql("SELECT sealed FROM push_keys").scalar_one()
    assert private_key(session) not in row
    session.connection().exec_driver_sql("UPDATE push_keys SET sealed = 'changed'")
    session.expire_all()
    with pytest.raises(KeyLost):
        private_key(session)
    told = bottega("push", "keys")
    assert (told.exit_code, "--renew" in told.output) == (2, True)
    renewed = bottega("push", "keys", "--renew")
    assert renewed.exit_code == 0
    session.expire_all()
    assert renewed.output.splitlines()[-1] == ensure_key(session) != public


def test_no_more_leave_together_than_wanted_whatever_the_planner_does(
    session: Session, service: PushService, register: Register
) -> None:
    topic = make_topic(session)
    for name in "abcde":
        register(name, topic)
    message = start(session, make_message(session, topic))
    prefer_nested_loops(session)
    assert [len(take_batch(session, message.id, most=2, now=utc_now()).outgoing) for _ in range(3)] == [2, 2, 1]


def test_a_worker_killed_in_the_midst_sends_nobody_twice_and_another_one_goes_on(
    session: Session, service: PushService, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a kill -9 leaves it: the push is out, and nothing that came after it is stored."""
    monkeypatch.setattr("webapp.blueprints.push.tasks.AT_ONCE", 2)
    topic = make_topic(session)
    for name in "abcde":
        register(name, topic)
    message = start(session, make_message(session, topic))

    class Killed(BaseException):
        pass

    def die(*_args: object, **_kwargs: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("webapp.blueprints.push.tasks.settle_batch", die)
        with pytest.raises(Killed):
            work(message)
    session.rollback()
    assert sorted(service.calls) == ["a", "b"]
    work(message)
    assert sorted(service.calls) == ["a", "b", "c", "d", "e"]
    assert counts(session, message) == {"unclear": 2, "sent": 3}
