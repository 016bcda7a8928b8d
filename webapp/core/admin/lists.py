"""The list of a model in Flask-Admin: filters in the address, pages by key, nothing counted. For the owner alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import redirect, request
from flask_admin import expose
from flask_admin.contrib.sqla import ModelView
from flask_admin.contrib.sqla.filters import FilterEqual, FilterGreater, FilterLike, FilterNotEqual, FilterSmaller
from flask_babel import gettext
from sqlalchemy.orm import selectinload

from webapp.core.admin.fields import as_id
from webapp.core.admin.filters import filter_word
from webapp.core.security import CorePermission, check_access, current_actor

View = TypeVar("View", bound=Callable[..., Any])
LAST_PAGE = 10_000
PLACE = frozenset({"search", "sort", "desc"})
COMPARISONS = (FilterLike, FilterEqual, FilterNotEqual, FilterGreater, FilterSmaller)


def door(url: str, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Flask-Admin's `expose`, with types."""
    return cast("Callable[[View], View]", expose(url, methods))


class OwnerOnly:
    """A view of Flask-Admin that only the owner opens; anybody else is told as everywhere in the house."""

    def is_accessible(self) -> bool:
        """Whether the current actor may use the administration."""
        return current_actor().may(CorePermission.ADMIN_USE)

    def inaccessible_callback(self, _name: str, **_kwargs: Any) -> None:
        """Aborts with 401 or 403."""
        check_access(CorePermission.ADMIN_USE)

    def _run_view(self, view: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return view(self, *args, **kwargs)  # the library's own hides a TypeError behind a second one


class RecordList(OwnerOnly, ModelView):  # type: ignore[misc]  # Flask-Admin ships no types
    """The records of one model, page by page.

    In the order of the records (newest first) a list is paged by key, so that its last page costs what its first does;
    one sorted by a column is paged by number, so let only small tables be sorted. Nothing is ever counted.
    """

    simple_list_pager = True
    page_size = 50
    column_default_sort = ("id", True)
    column_sortable_list: Any = ()
    column_display_pk = True
    named_filter_urls = True
    delete_warning: Any = ""

    def get_filter_arg(self, index: int, flt: Any) -> str:
        """The name of a filter in an address."""
        word = filter_word(flt)
        return word if sum(filter_word(other) == word for other in self._filters) == 1 else f"{word}.{index}"

    def filters_by_field(self) -> dict[str, list[tuple[str, Any]]]:
        """The filters that can be added, by the title of what they look at: (name in the address, filter)."""
        groups: dict[str, list[tuple[str, Any]]] = {}
        for index, each in enumerate(self._filters or ()):
            groups.setdefault(str(each.name), []).append((self.get_filter_arg(index, each), each))
        return groups

    def scaffold_filters(self, name: Any) -> Any:
        """The filters of a column: those that a person needs, not all that there are."""
        found = super().scaffold_filters(name) or []
        if self.column_choices and name in self.column_choices:
            return [each for each in found if isinstance(each, FilterEqual)]
        return [each for each in found if isinstance(each, COMPARISONS)]

    def scaffold_auto_joins(self) -> Any:
        """No joins: what the rows refer to is read after them, so that skipping rows skips that too."""
        self._related = [each for each in super().scaffold_auto_joins() if not each.property.uselist]
        return ()

    def get_query(self) -> Any:
        """The records with those that the list shows beside them."""
        return super().get_query().options(*map(selectinload, self._related))

    @staticmethod
    def titles(columns: list[tuple[str, Any]]) -> list[tuple[str, str]]:
        """Columns with their titles in the reader's language, looked up once."""
        return [(key, str(title)) for key, title in columns]

    def chips(self) -> list[tuple[str, str]]:
        """The filters in force: in words, and the address of the list without it."""
        kept = self._place(request.args)
        found = []
        for name, value in request.args.items():
            word = name.partition("_")[2] if name.startswith("flt") else ""
            if word in (self._filter_args or {}):
                each = self._filter_args[word][1]
                shown = {str(code): label for code, label in each.get_options(self) or ()}.get(value, value)
                others = {key: other for key, other in kept.items() if key != name}
                found.append((f"{each.name} {each.operation()} {shown}", self.get_url(".index_view", **others)))
        return found

    def export_url(self, kind: str) -> str:
        """The address of the file with what the list shows."""
        return str(self.get_url(".export", **{**self._place(request.args), "export_type": kind}))

    def delete_question(self, record: Any) -> str:
        """What is asked before a record is deleted."""
        question = gettext("Delete “%(name)s”?", name=str(record))
        return f"{question} {self.delete_warning}".strip()

    @staticmethod
    def _place(arguments: Any) -> dict[str, str]:
        """What of an address says which records are shown, not which page of them."""
        return {key: value for key, value in arguments.items() if key in PLACE or key.startswith("flt")}

    def _get_list_extra_args(self) -> Any:
        arguments = super()._get_list_extra_args()
        arguments.page = min(max(arguments.page or 0, 0), LAST_PAGE)
        arguments.search = (arguments.search or "").replace("\x00", "").strip() or None
        arguments.extra_args = {}
        return arguments

    def _get_list_filter_args(self) -> Any:
        found = super()._get_list_filter_args()
        return [(place, name, value.replace("\x00", "")) for place, name, value in found] if found else found

    def _apply_sorting(self, query: Any, joins: Any, sort_column: Any, sort_desc: bool) -> Any:  # noqa: FBT001 - the library's signature
        query, joins = super()._apply_sorting(query, joins, sort_column, sort_desc)
        key = self.model.id.desc() if sort_desc else self.model.id.asc()  # as the indexes of the sortable columns run
        return (query.order_by(key) if sort_column else query), joins

    def get_list(  # noqa: D102, PLR0917 - the library's own signature and promise
        self,
        page: int | None,
        sort_column: Any,
        sort_desc: Any,
        search: str | None,
        filters: Any,
        execute: bool = True,  # noqa: FBT001, FBT002 - the library's signature
        page_size: int | None = None,
    ) -> tuple[None, Any]:
        if not execute:
            asked = super().get_list(page, sort_column, sort_desc, search, filters, execute=False, page_size=page_size)
            return None, asked[1]
        size = page_size or self.page_size
        if sort_column:
            _, query = super().get_list(page, sort_column, sort_desc, search, filters, execute=False, page_size=size)
            rows = query.limit(size + 1).all()
            number = page or 0
            self._offer_pages(
                {"page": number - 1} if number else None, {"page": number + 1} if len(rows) > size else None
            )
            return None, rows[:size]
        _, query = super().get_list(0, None, False, search, filters, execute=False, page_size=0)
        return None, self._page_by_key(query, size)

    def _page_by_key(self, query: Any, size: int) -> list[Any]:
        key = self.model.id
        after, before = as_id(request.args.get("after")), as_id(request.args.get("before"))
        if before is not None:
            found = query.order_by(None).order_by(key).filter(key > before).limit(size + 1).all()
            rows, newer, older = found[:size][::-1], len(found) > size, True
        else:
            found = query.filter(key < after).limit(size + 1).all() if after else query.limit(size + 1).all()
            rows, newer, older = found[:size], after is not None, len(found) > size
        self._offer_pages(
            {"before": rows[0].id} if rows and newer else ({} if newer else None),
            {"after": rows[-1].id} if rows and older else None,
        )
        return list(rows)

    def _offer_pages(self, back: dict[str, int] | None, on: dict[str, int] | None) -> None:
        kept = self._place(request.args)
        for name, place in (("back_url", back), ("on_url", on)):
            self._template_args[name] = None if place is None else self.get_url(".index_view", **{**kept, **place})

    @door("/")
    def index_view(self) -> Any:
        """The list; a filter that was just chosen in the form moves into the address first."""
        if "field" in request.args:
            return redirect(self._address_with_new_filters())
        self._template_args["list_url"] = request.full_path.rstrip("?")
        self._template_args["bare_url"] = self.get_url(".index_view")
        return super().index_view()

    def _address_with_new_filters(self) -> str:
        """The address of this list with the filters that the form holds: `op-<n>` names the filter, `value-<n>` its value."""
        arguments = {key: value for key, value in self._place(request.args).items() if value}
        number = len([key for key in arguments if key.startswith("flt")])
        for key, value in request.args.items():
            filter_name = request.args.get(f"op-{key.removeprefix('value-')}")
            if key.startswith("value-") and value.strip() and filter_name in (self._filter_args or {}):
                arguments[f"flt{number}_{filter_name}"] = value.strip()
                number += 1
        return str(self.get_url(".index_view", **arguments))
