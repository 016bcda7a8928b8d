"""Lists in the API: the same search, filters, order and pages as on screen, told apart by the same names."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from flask import g, request
from marshmallow import Schema, fields, pre_load
from marshmallow.validate import Length, OneOf, Regexp
from sqlalchemy.orm import Session

from webapp.core.api.problems import WrongArguments
from webapp.core.lists import Choice, DateRange, ListSpec, NumberRange, read_page
from webapp.core.lists.filters import Filter
from webapp.core.lists.reading import COUNT_LIMIT, LONGEST_MARK, LONGEST_TEXT, SIZES

NUMBER = r"^-?[0-9]{1,15}([.,][0-9]{1,4})?$"


class PageSchema(Schema):
    """Where a page of a list stands. `next` and `previous` go into the argument `at`."""

    next = fields.String(required=True, allow_none=True, metadata={"description": "The mark of the page behind it."})
    previous = fields.String(required=True, allow_none=True, metadata={"description": "The mark of the page before."})
    size = fields.Integer(required=True, metadata={"description": "How many records a page holds at most."})
    count = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": f"How many records there are in all; null when more than {COUNT_LIMIT}."},
    )


class ListArguments(Schema):
    """What the arguments of every list have in common."""

    @pre_load
    def _drop_blanks(self, asked: Any, **_more: Any) -> dict[str, Any]:
        """A blank, as a form sends it, asks nothing."""
        return {name: asked[name] for name in asked if asked[name] != ""}


@cache
def page_of(record: type[Schema], name: str) -> type[Schema]:
    """The schema of one page of records."""
    items = fields.List(fields.Nested(record), required=True)
    return Schema.from_dict({"items": items, "page": fields.Nested(PageSchema, required=True)}, name=name)


def arguments_of(spec: ListSpec) -> Schema:
    """The schema of what may stand in the address of a list; any other argument is refused, so that none is misspelt."""
    named: dict[str, Any] = {}
    for each in spec.filters:
        named |= _fields_of(each)
    if spec.search:
        described = {"description": f"Search: {spec.search_hint}"}
        named["q"] = fields.String(validate=Length(max=LONGEST_TEXT), metadata=described)
    orders = [sign + key for key in spec.sortable for sign in ("", "-")]
    named["sort"] = fields.String(
        validate=OneOf(orders),
        metadata={"description": "Order by this; with - the greatest first.", "default": spec.sort},
    )
    named["size"] = fields.Integer(
        validate=OneOf(SIZES), metadata={"description": "Records a page.", "default": spec.size}
    )
    named["at"] = fields.String(
        validate=Length(max=LONGEST_MARK),
        metadata={"description": "A page: the mark “next” or “previous” of another one, with the same arguments."},
    )
    name = f"{spec.name.capitalize()}Asked"
    made: Schema = type(name, (ListArguments, Schema.from_dict(named, name=name)), {})()
    return made


def _fields_of(each: Filter) -> dict[str, Any]:
    match each:
        case Choice():
            offered = {"description": each.label}
            return {each.name: fields.String(validate=OneOf([str(code) for code in each.choices]), metadata=offered)}
        case DateRange():
            labels = {each.name_from: each.label_from, each.name_to: each.label_to}
            return {name: fields.Date(metadata={"description": label}) for name, label in labels.items()}
        case NumberRange():
            labels = dict(zip(each.names, (each.label_min, each.label_max), strict=True))
            return {
                name: fields.String(validate=Regexp(NUMBER), metadata={"description": label})
                for name, label in labels.items()
            }
        case _:
            label = getattr(each, "label", "")
            return {
                name: fields.String(validate=Length(max=LONGEST_TEXT), metadata={"description": label})
                for name in each.names
            }


def answer_list(session: Session, spec: ListSpec) -> dict[str, Any]:
    """The page of a list that this request asks for, all columns of `spec` included. Raises WrongArguments."""
    columns = tuple(replace(column, shown=True) for column in spec.columns)
    full = replace(spec, columns=columns, extras={**spec.extras, "id": spec.id})
    page = read_page(session, full, request.args, zone=g.company.zone)
    wrong = {question.name: [question.problem] for question in page.reading.questions if question.problem}
    if len(page.notices) > len(wrong):
        wrong["at"] = [page.notices[-1]]
    if wrong:
        raise WrongArguments(wrong)
    place = {
        "next": page.next_cursor,
        "previous": page.previous_cursor,
        "size": page.reading.size,
        "count": page.count,
    }
    return {"items": page.rows, "page": place}
