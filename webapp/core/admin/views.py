"""A list, a form and a page for one model, in Flask-Admin, for the owner alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar, cast

from flask import abort, flash, g, make_response, redirect, request
from flask_admin import expose
from flask_admin.contrib.sqla import ModelView
from flask_admin.contrib.sqla.filters import FilterEqual, FilterGreater, FilterLike, FilterNotEqual, FilterSmaller
from flask_admin.helpers import get_form_data, get_redirect_target
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response
from wtforms.validators import ValidationError

from webapp.core.admin.exporting import export_records
from webapp.core.admin.fields import FormConverter, OpenedForm, as_id
from webapp.core.admin.filters import filter_word
from webapp.core.admin.formats import FORMATTERS
from webapp.core.admin.problems import Refusal, explain
from webapp.core.clock import utc_now
from webapp.core.db import Editable, db, transaction
from webapp.core.errors import DomainError, EditConflict
from webapp.core.security import CorePermission, check_access, current_actor

View = TypeVar("View", bound=Callable[..., Any])
LAST_PAGE = 10_000
PLACE = frozenset({"search", "sort", "desc"})
COMPARISONS = (FilterLike, FilterEqual, FilterNotEqual, FilterGreater, FilterSmaller)
LABELS = {
    "id": _l("Id"),
    "version": _l("Version"),
    "created_at": _l("Created"),
    "updated_at": _l("Changed"),
    "changed_xid": _l("Changed by transaction"),
}


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


class OwnerModelView(OwnerOnly, ModelView):  # type: ignore[misc]  # Flask-Admin ships no types
    """The records of one model.

    A list in the order of the records (newest first) is paged by key, so that its last page costs what its first does;
    one sorted by a column is paged by number, so let only small tables be sorted. Nothing is ever counted.
    `eager` are chains of relationships that are read with a record. `delete_warning` says what goes with a record.
    """

    simple_list_pager = True
    can_view_details = True
    can_export = True
    export_types = ("csv", "xlsx")
    page_size = 50
    column_default_sort = ("id", True)
    column_sortable_list: Any = ()
    column_display_pk = True
    named_filter_urls = True
    model_form_converter = FormConverter
    form_base_class = OpenedForm
    column_type_formatters: Any = FORMATTERS
    column_type_formatters_detail: Any = FORMATTERS
    list_template = "admin/model/list.html"
    create_template = "admin/model/create.html"
    edit_template = "admin/model/edit.html"
    details_template = "admin/model/details.html"
    confirm_template = "admin/model/confirm.html"
    eager: ClassVar[tuple[tuple[Any, ...], ...]] = ()
    delete_warning: Any = ""
    note: Any = ""

    def __init__(self, model: type[Any], name: Any) -> None:
        table = model.__tablename__
        self.column_labels = {**LABELS, **(self.column_labels or {})}
        super().__init__(model, db, name=name, endpoint=f"admin_{table}", url=f"/admin/{table}")

    # --- the list ---

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
        return (query.order_by(self.model.id.desc()) if sort_column else query), joins

    def get_list(  # noqa: D102 - the library's own promise
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
            return super().get_list(page, sort_column, sort_desc, search, filters, execute=False, page_size=page_size)
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
        return rows

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

    # --- one record ---

    def get_one(self, id: str) -> Any:
        """The record with that id, or None."""
        number = as_id(id) if isinstance(id, str) else None
        if number is None:
            return None
        options = [selectinload(first).options(*map(joinedload, rest)) for first, *rest in self.eager]
        return db.session().get(self.model, number, options=options)

    def edit_form_class(self, _record: Any) -> Any:
        """The class of the form in which a record is edited."""
        return self._edit_form_class

    def elsewhere(self, _record: Any) -> tuple[Any, str] | None:
        """Words and address of what belongs to a record but is not in its form."""
        return None

    def edit_form(self, obj: Any = None) -> Any:
        """The form of a record; it remembers the record's version."""
        form = self.edit_form_class(obj)(get_form_data(), obj=obj)
        if request.method == "GET" and isinstance(obj, Editable):
            form.opened_version.data = str(obj.version)
        return form

    @door("/new/", ("GET", "POST"))
    def create_view(self) -> Any:
        """The form of a new record; 422 with the problems beside the fields."""
        if not self.can_create:
            abort(403)
        return self._answer(super().create_view())

    @door("/edit/", ("GET", "POST"))
    def edit_view(self) -> Any:
        """The form of a record; 422 with the problems beside the fields, 409 when somebody else saved it meanwhile."""
        if not self.can_edit:
            abort(403)
        record = self.get_one(request.args.get("id", ""))
        if record is None:
            abort(404)
        self._template_args["record_title"] = str(record)
        self._template_args["elsewhere"] = self.elsewhere(record)
        return self._answer(super().edit_view())

    @door("/details/")
    def details_view(self) -> Any:
        """All that is known of a record."""
        if self.get_one(request.args.get("id", "")) is None:
            abort(404)
        return super().details_view()

    def _answer(self, answer: Any) -> Any:
        if request.method == "POST" and isinstance(answer, str):
            return make_response(answer, g.get("admin_status", 422))
        return answer

    def create_model(self, form: Any) -> Any:
        """Store a new record; False, with the reason on the form, when it cannot be."""
        try:
            with transaction() as session:
                model = self.build_new_instance()
                session.add(model)
                with session.no_autoflush:
                    form.populate_obj(model)
                    self._on_model_change(form, model, True)
                session.flush()
        except (IntegrityError, DataError, DomainError, ValidationError) as problem:
            self._tell(self._refusal(problem), form)
            return False
        return model

    def update_model(self, form: Any, model: Any) -> bool:
        """Store a changed record; False, with the reason on the form, when it cannot be."""
        try:
            with transaction() as session:
                if isinstance(model, Editable):
                    if str(model.version) != form.opened_version.data:
                        raise EditConflict  # noqa: TRY301 - the same answer as a race lost in the database
                    model.updated_at = utc_now()  # a changed line counts as a change of its record
                with session.no_autoflush:
                    form.populate_obj(model)
                    self._on_model_change(form, model, False)
                session.flush()
        except (IntegrityError, DataError, DomainError, ValidationError, StaleDataError) as problem:
            self._tell(self._refusal(problem), form)
            return False
        return True

    @door("/ajax/lookup/")
    def ajax_lookup(self) -> Any:
        """Suggestions for a field that refers to another record, as options; the word is what the field holds."""
        loader = self._form_ajax_refs.get(request.args.get("name"))
        if loader is None:
            abort(404)
        word = next((value for key, value in request.args.items() if key != "name"), "")
        return self.render("admin/_suggestions.html", found=[loader.format(each) for each in loader.get_list(word)])

    @door("/ajax/update/", ("POST",))
    def ajax_update(self) -> Any:
        """Editing inside a list is not offered."""
        abort(404)

    # --- deletion ---

    @door("/delete/", ("POST",))
    def delete_view(self) -> Any:
        """Delete a record, once the person said yes."""
        return self._delete([request.form.get("id", "")])

    @door("/action/", ("POST",))
    def action_view(self) -> Any:
        """Delete the chosen records, once the person said yes."""
        if request.form.get("action") != "delete":
            abort(400)
        return self._delete(request.form.getlist("rowid"))

    def _delete(self, ids: list[str]) -> Any:
        back = get_redirect_target() or self.get_url(".index_view")
        if not self.can_delete:
            abort(403)
        numbers = {number for text in ids if (number := as_id(text)) is not None}
        if not numbers:
            flash(gettext("Choose at least one record."), "warning")
            return redirect(back, 303)
        found = select(self.model).where(self.model.id.in_(numbers)).order_by(self.model.id)
        records = list(db.session().scalars(found))
        if not records:
            abort(404)
        if request.form.get("confirmed") != "yes":
            return self.render(self.confirm_template, records=records, return_url=back)
        refused = self._delete_all(records)
        if refused:
            flash(refused, "danger")
        else:
            count = len(records)
            flash(ngettext("One record was deleted.", "%(num)s records were deleted.", count), "success")
        return redirect(back, 303)

    def _delete_all(self, records: list[Any]) -> str | None:
        """Delete all records or none; the reason when none was."""
        names = {record.id: str(record) for record in records}
        number = records[0].id
        try:
            with transaction() as session:
                for record in records:
                    number = record.id
                    self.on_model_delete(record)
                    session.delete(record)
                    session.flush()
        except (IntegrityError, DomainError, StaleDataError) as problem:
            reason = self._refusal(problem).sentence
            return gettext("“%(name)s” cannot be deleted. %(reason)s", name=names[number], reason=reason)
        return None

    # --- problems ---

    def _refusal(self, problem: Exception) -> Refusal:
        if isinstance(problem, StaleDataError | EditConflict):
            g.admin_status = 409
            return Refusal(str(EditConflict().sentence))
        if isinstance(problem, DomainError):
            return Refusal(str(problem.sentence), problem.field)
        if isinstance(problem, ValidationError):
            return Refusal(str(problem))
        assert isinstance(problem, IntegrityError | DataError)
        names = {view.model.__tablename__: str(view.name) for view in self.admin._views if hasattr(view, "model")}
        return explain(problem, self.model, names)

    def _tell(self, refusal: Refusal, form: Any) -> None:
        if refusal.field and refusal.field in form:
            form[refusal.field].errors = [*form[refusal.field].errors, refusal.sentence]
        else:
            flash(refusal.sentence, "danger")

    # --- export ---

    @door("/export/<export_type>/")
    def export(self, export_type: str) -> Response:
        """All records that the list shows with its filters and its order, as a file."""
        if not self.can_export or export_type not in self.export_types:
            abort(404)
        arguments = self._get_list_extra_args()
        column = self._get_column_by_idx(arguments.sort)
        _, query = self.get_list(
            0, column and column[0], arguments.sort_desc, arguments.search, arguments.filters, execute=False, page_size=0
        )
        return export_records(self.model.__tablename__, self._export_columns, query, self.get_export_value, export_type)
