"""A line of the log says of which request, person and trace it speaks, and shows no secret."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import pytest
from flask import Flask

from webapp.core.logs import JsonLines, Lines, telling
from webapp.core.settings import Settings

KEY = "k2J9-vQ8xLmZ4rT7wYb1NcE5sGhUo3Ap"


def record(message: str, error: BaseException | None = None) -> logging.LogRecord:
    about = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("webapp.test", logging.ERROR, __file__, 1, message, None, about)


def as_json(message: str, error: BaseException | None = None) -> dict[str, object]:
    facts = json.loads(JsonLines(secrets=(KEY,)).format(record(message, error)))
    assert isinstance(facts, dict)
    return facts


def test_a_line_of_a_request_carries_its_id_and_its_trace(app: Flask) -> None:
    number = "0123456789abcdef0123456789abcdef"
    with app.test_request_context("/login", headers={"X-Request-ID": number}):
        app.preprocess_request()
        facts = as_json("something happened")
    assert facts["request_id"] == facts["trace_id"] == number
    assert facts["path"] == "/login"
    assert "actor_id" not in facts


def test_the_trace_of_the_caller_goes_on(app: Flask) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with app.test_request_context("/login", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}):
        app.preprocess_request()
        assert as_json("x")["trace_id"] == trace


def test_outside_of_a_request_a_line_says_what_it_was_told() -> None:
    with telling(task_id=7, request_id="abc", actor_id=None):
        facts = as_json("x")
    assert (facts["task_id"], facts["request_id"]) == (7, "abc")
    assert "actor_id" not in facts
    assert "task_id" not in as_json("x")


@pytest.mark.parametrize(
    ("line", "left"),
    [
        (f"the key is {KEY}.", "the key is ***."),
        ("amqp://suite:hunter2@broker:5672//", "amqp://suite:***@broker:5672//"),
        ("Authorization: Bearer sk_live_123", "Authorization: Bearer ***"),
        ("password=hunter2&next=/", "password=***&next=/"),
        ('{"api_key": "hunter2", "a": 1}', '{"api_key": ***, "a": 1}'),
        ("nothing to hide: 12 tokens", "nothing to hide: 12 tokens"),
    ],
)
def test_secrets_are_masked_in_both_forms(line: str, left: str) -> None:
    assert as_json(line)["message"] == left
    assert Lines(secrets=(KEY,)).format(record(line)).endswith(left)


def test_the_secrets_of_a_traceback_are_masked_too() -> None:
    try:
        raise ValueError(f"cannot use {KEY}")
    except ValueError as error:
        facts = as_json("failed", error)
        line = Lines(secrets=(KEY,)).format(record("failed", error))
    assert facts["error"] == "ValueError"
    assert KEY not in json.dumps(facts) + line
    assert "cannot use ***" in line


def test_the_passwords_inside_addresses_are_secrets(settings: Settings) -> None:
    own = replace(settings, broker_url="amqp://suite:p%40ssword@broker//")
    assert {"p@ssword", "p%40ssword"} <= set(own.secrets)
