"""What a room registers with the API, and how the API is set up on the application."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

from flask import Flask, Response, current_app
from flask_smorest import Api, Blueprint
from marshmallow import RAISE, Schema

from webapp.core.api.document import API_TITLE, api_document
from webapp.core.api.problems import ProblemSchema
from webapp.core.room import Room
from webapp.core.security import public

View = TypeVar("View", bound=Callable[..., Any])
ROOT = "/api/v1"
ID = "int(min=1, max=9223372036854775807)"  # the converter of a record's number, as far as the database counts


class Decorator(Protocol):
    """What wraps a view and is called as it is."""

    def __call__(self, view: View, /) -> View:
        """The view, wrapped."""


class ApiBlueprint(Blueprint):  # type: ignore[misc]  # flask-smorest ships no types
    """The addresses of a room below `/api/v1`; `title` heads them in the document."""

    def __init__(self, name: str, import_name: str, *, path: str, title: str) -> None:
        super().__init__(f"{name}_api", import_name, url_prefix=f"{ROOT}{path}")
        self.title = title

    def add_url_rule(self, rule: str, *names: Any, **options: Any) -> None:
        """Register an address; it is listed under the title."""
        super().add_url_rule(rule, *names, **{**options, "tags": options.get("tags") or [self.title]})

    def route(self, rule: str, **options: Any) -> Decorator:
        """Let a view answer at this address."""
        return cast("Decorator", super().route(rule, **options))

    def arguments(self, schema: Schema | type[Schema], **options: Any) -> Decorator:
        """Parse the request by a schema; the view gets what it says as its first argument. What is unknown is refused."""
        return cast("Decorator", super().arguments(schema, **{"unknown": RAISE, **options}))

    def response(
        self, status_code: int, schema: Schema | type[Schema] | dict[str, Any] | None = None, **options: Any
    ) -> Decorator:
        """Write what the view returns by a schema; a `dict` only describes what the view answers itself."""
        return cast("Decorator", super().response(status_code, schema, **options))


class HouseApi(Api):  # type: ignore[misc]  # flask-smorest ships no types
    """flask-smorest's extension; problems are told by the one translator of the house."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """None of its own."""


def set_up_api(app: Flask) -> None:
    """Register what the open rooms offer, and the document of it all."""
    app.config.update(API_TITLE=API_TITLE, API_VERSION="1", OPENAPI_VERSION="3.1.0")
    api = HouseApi(app)
    rooms: tuple[Room, ...] = app.extensions["rooms"]
    for room in rooms:
        for blueprint in room.apis:
            api.register_blueprint(blueprint)
    app.extensions["bottega_api"] = api
    app.add_url_rule(f"{ROOT}/openapi.json", "api.document", document)


@public
def document() -> Response:
    """The OpenAPI document of the API."""
    return current_app.response_class(current_app.json.dumps(api_document()), mimetype="application/json")
