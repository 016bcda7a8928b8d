"""The list engine: a room declares a list once; search, filters, order, keyset pages and exports follow from it.

`read_page` answers one page of a `ListSpec`; `webapp.core.lists.pages.show_list` answers a request with it.
"""

from webapp.core.lists.filters import (
    Choice,
    DateRange,
    Filter,
    NaturalKey,
    NumberRange,
    Question,
    Scope,
    Text,
    folded,
    matches,
)
from webapp.core.lists.reading import Page, Reading, distinct_values, open_rows, read_arguments, read_page
from webapp.core.lists.spec import Column, ListSpec, Search

__all__ = [
    "Choice",
    "Column",
    "DateRange",
    "Filter",
    "ListSpec",
    "NaturalKey",
    "NumberRange",
    "Page",
    "Question",
    "Reading",
    "Scope",
    "Search",
    "Text",
    "distinct_values",
    "folded",
    "matches",
    "open_rows",
    "read_arguments",
    "read_page",
]
