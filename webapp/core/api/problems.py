"""How the API tells a problem: RFC 9457, `application/problem+json`."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, jsonify
from marshmallow import Schema, fields
from werkzeug.exceptions import UnprocessableEntity

PROBLEM = "application/problem+json"


class ProblemSchema(Schema):
    """A problem as RFC 9457 writes it. `errors` names the arguments that were not understood."""

    type = fields.String(required=True, metadata={"examples": ["about:blank"]})
    title = fields.String(required=True, metadata={"description": "What kind of problem it is."})
    status = fields.Integer(required=True, metadata={"description": "The HTTP status."})
    detail = fields.String(required=True, metadata={"description": "What was wrong, in a sentence."})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "What is wrong with each argument, by its name."},
    )


class WrongArguments(UnprocessableEntity):
    """The arguments of a request say nothing that the API understands: sentences by the argument's name."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__()
        self.data = {"messages": {"query": dict(errors)}}


def problem(status: int, title: str, detail: str, errors: Mapping[str, object] | None = None) -> Response:
    """The answer that tells it."""
    told = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    response = jsonify({**told, "errors": errors} if errors else told)
    response.status_code = status
    response.headers["Content-Type"] = PROBLEM
    if status == 401:
        response.headers.setdefault("WWW-Authenticate", "Bearer")
    return response


def errors_of(error: Exception) -> dict[str, object]:
    """What the parser of arguments found wrong, by the argument's name; empty when the error is another's."""
    messages = (getattr(error, "data", None) or {}).get("messages") or {}
    found: dict[str, object] = {}
    for place, told in messages.items():
        found |= told if isinstance(told, dict) else {place: told}
    return found
