"""The floor of the REST API under `/api/v1`: who asks, how lists are asked for, how problems are told, its document.

A room declares an `ApiBlueprint` in its `api.py` and names it in its manifest; the rest follows from here. A key is sent
as `Authorization: Bearer …` and is looked up by the room that keeps keys; a wrong one is refused, never replaced by the
cookie of a browser.
"""

from webapp.core.api.bearer import set_key_reader
from webapp.core.api.blueprints import ID, ApiBlueprint, set_up_api
from webapp.core.api.document import Operation, api_document, api_permissions, operations
from webapp.core.api.fields import Amount, Moment
from webapp.core.api.lists import answer_list, arguments_of, page_of

__all__ = [
    "ID",
    "Amount",
    "ApiBlueprint",
    "Moment",
    "Operation",
    "answer_list",
    "api_document",
    "api_permissions",
    "arguments_of",
    "operations",
    "page_of",
    "set_key_reader",
    "set_up_api",
]
