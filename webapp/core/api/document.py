"""The OpenAPI 3.1 document of the API, and what a page that tries it out reads from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import force_locale

from webapp.core.api.problems import PROBLEM
from webapp.core.security import LOCK

API_TITLE = "Bottega"
VARIABLE = re.compile(r"<(?:[^<>:]*:)?([^<>]+)>")
METHODS = ("get", "post", "put", "patch", "delete")
DOCUMENT = "bottega_api_document"
INTRODUCTION = """\
Send the key as `Authorization: Bearer …`. A wrong key is answered with 401; a browser's cookie never stands in for it.
Lists come in pages: `page.next` goes into `at`, with the same arguments. Amounts and prices are decimal numbers written
as text, moments are in UTC. Problems are told as RFC 9457 writes them (`application/problem+json`).
"""
SCHEMES = {
    "key": {"type": "http", "scheme": "bearer", "description": "A key from *My API keys*."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "session",
        "description": "The cookie of who is signed in; writing needs the header `X-CSRFToken` too.",
    },
}
PROBLEMS = {
    401: "No key, or a wrong one",
    403: "The key does not reach this far",
    404: "There is nothing here, or not for this key",
    409: "It cannot be done as things stand, or somebody changed the record meanwhile",
    422: "Arguments that are not understood",
}


@dataclass(frozen=True)
class Operation:
    """One thing that the API does, as a page shows it."""

    method: str
    path: str
    tag: str
    summary: str
    description: str
    permissions: tuple[str, ...]
    parameters: tuple[dict[str, Any], ...]
    takes_body: bool

    @property
    def name(self) -> str:
        """A name for its place on a page."""
        return f"{self.method}{self.path}".replace("/", "-").replace("{", "").replace("}", "")


def api_document() -> dict[str, Any]:
    """The document, made when first asked for; in English, as everything that programmers read."""
    made: dict[str, Any] | None = current_app.extensions.get(DOCUMENT)
    if made is None:
        made = current_app.extensions[DOCUMENT] = _make()
    return made


def operations() -> Iterator[Operation]:
    """Everything that the API does, in the order of the document."""
    for path, methods in api_document()["paths"].items():
        for method in METHODS:
            if method in methods:
                told = methods[method]
                yield Operation(
                    method=method,
                    path=path,
                    tag=told["tags"][0],
                    summary=told.get("summary", "").rstrip("."),
                    description=told.get("description", ""),
                    permissions=tuple(told["x-permissions"]),
                    parameters=tuple(told["parameters"]),
                    takes_body="requestBody" in told,
                )


def api_permissions() -> frozenset[str]:
    """The permissions that some operation asks for: what can be of use to a key."""
    return frozenset(name for operation in operations() for name in operation.permissions)


def _make() -> dict[str, Any]:
    with force_locale("en"):
        told: dict[str, Any] = json.loads(json.dumps(current_app.extensions["bottega_api"].spec.to_dict(), default=str))
    told["info"]["description"] = INTRODUCTION
    components = told.setdefault("components", {})
    components["securitySchemes"] = SCHEMES
    components["responses"] = {str(code): _problem(words) for code, words in PROBLEMS.items()}
    operations_known = _endpoints()
    components["schemas"].pop("PaginationMetadata", None)  # the library's own pages, which are not used
    for path, methods in told["paths"].items():
        shared = methods.pop("parameters", [])
        for method in METHODS:
            if method in methods:
                methods[method]["parameters"] = [*shared, *methods[method].get("parameters", [])]
                _complete(methods[method], *operations_known[path, method], writes=method != "get")
    told["tags"] = [{"name": tag} for tag in dict.fromkeys(t for m in _all(told) for t in m["tags"])]
    return told


def _all(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (methods[method] for methods in told["paths"].values() for method in METHODS if method in methods)


def _complete(operation: dict[str, Any], endpoint: str, permissions: tuple[str, ...], *, writes: bool) -> None:
    """Add to an operation what is true of all: who may, and how problems are told."""
    operation["operationId"] = endpoint.replace("_api.", "_").replace(".", "_")
    operation["x-permissions"] = list(permissions)
    operation["security"] = [{"key": []}, {"session": []}]
    if permissions:
        needs = f"Needs {', '.join(f'`{name}`' for name in permissions)}."
        operation["description"] = f"{operation.get('description', '')}\n\n{needs}".strip()
    responses = {code: told for code, told in operation.get("responses", {}).items() if code.startswith("2")}
    codes = [401, *([403] if permissions else [])]
    places = {parameter["in"] for parameter in operation["parameters"]}
    if "path" in places:
        codes.append(404)
    if writes:
        codes.append(409)
    if "query" in places or "requestBody" in operation:
        codes.append(422)
    operation["responses"] = responses | {str(code): {"$ref": f"#/components/responses/{code}"} for code in codes}


def _problem(words: str) -> dict[str, Any]:
    return {"description": words, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _endpoints() -> dict[tuple[str, str], tuple[str, tuple[str, ...]]]:
    """The endpoint of each operation and the permissions that it asks for, by its path in the document and its method."""
    found: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {}
    for rule in current_app.url_map.iter_rules():
        lock = tuple(map(str, getattr(current_app.view_functions[rule.endpoint], LOCK, ())))
        path = VARIABLE.sub(r"{\1}", rule.rule)
        found |= {(path, method.lower()): (rule.endpoint, lock) for method in rule.methods or ()}
    return found
