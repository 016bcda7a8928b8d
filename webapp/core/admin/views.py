"""A list, a form and a page for one model, in Flask-Admin, for the owner alone."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from flask import abort, flash, g, make_response, redirect, request
from flask_admin.helpers import get_form_data, get_redirect_target
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response
from wtforms.validators import ValidationError

from webapp.core.admin.exporting import export_records
from webapp.core.admin.fields import FormConverter, OpenedForm, as_id
from webapp.core.admin.formats import FORMATTERS
from webapp.core.admin.lists import RecordList, door
from webapp.core.admin.problems import Refusal, explain
from webapp.core.clock import utc_now
from webapp.core.db import Editable, db, transaction
from webapp.core.errors import DomainError, EditConflict

LABELS = {
    "id": _l("Id"),
    "version": _l("Version"),
    "created_at": _l("Created"),
    "updated_at": _l("Changed"),
    "changed_xid": _l("Changed by transaction"),
}


class OwnerModelView(RecordList):
    """The records of one model.

    `eager` are chains of relationships that the form reads at once. `delete_warning` says what goes with a record.
    """

    can_view_details = True
    can_export = True
    export_types = ("csv", "xlsx")
    model_form_converter = FormConverter
    form_base_class = OpenedForm
    column_labels: ClassVar[dict[str, Any]] = {}
    column_type_formatters: Any = FORMATTERS
    column_type_formatters_detail: Any = FORMATTERS
    list_template = "admin/model/list.html"
    create_template = "admin/model/create.html"
    edit_template = "admin/model/edit.html"
    details_template = "admin/model/details.html"
    confirm_template = "admin/model/confirm.html"
    eager: ClassVar[tuple[tuple[Any, ...], ...]] = ()
    note: Any = ""

    def __init__(self, model: type[Any], name: Any) -> None:
        table = model.__tablename__
        type(self).column_labels = {**LABELS, **self.column_labels}
        super().__init__(model, db, name=name, endpoint=f"admin_{table}", url=f"/admin/{table}")

    # --- one record ---

    def get_one(self, id: Any) -> Any:
        """The record with that id, or None."""
        number = as_id(id) if isinstance(id, str) else None
        if number is None:
            return None
        return db.session().get(self.model, number)

    def edit_form_class(self, _record: Any) -> Any:
        """The class of the form in which a record is edited."""
        return self._edit_form_class

    def elsewhere(self, _record: Any) -> tuple[Any, str] | None:
        """Words and address of what belongs to a record but is not in its form."""
        return None

    def edit_form(self, obj: Any = None) -> Any:
        """The form of a record; it remembers the record's version."""
        form_class = self.edit_form_class(obj)
        if self.eager and form_class is self._edit_form_class:
            options = [selectinload(first).options(*map(joinedload, rest)) for first, *rest in self.eager]
            db.session().scalars(select(self.model).where(self.model.id == obj.id).options(*options)).one()
        form = form_class(get_form_data(), obj=obj)
        if request.method == "GET" and isinstance(obj, Editable):
            form.opened_version.data = str(obj.version)
        return form

    @door("/new/", ("GET", "POST"))
    def create_view(self) -> Any:
        """The form of a new record; 422 with the problems beside the fields."""
        if not self.can_create:
            abort(403)
        form = self.create_form()
        if self.validate_form(form):
            record = self.create_model(form)
            if record:
                return self._after(record, gettext("The record was created."))
        return self._show_form(self.create_template, form)

    @door("/edit/", ("GET", "POST"))
    def edit_view(self) -> Any:
        """The form of a record; 422 with the problems beside the fields, 409 when somebody else saved it meanwhile."""
        if not self.can_edit:
            abort(403)
        record = self.get_one(request.args.get("id", ""))
        if record is None:
            abort(404)
        title, elsewhere = str(record), self.elsewhere(record)
        form = self.edit_form(obj=record)
        if self.validate_form(form) and self.update_model(form, record):
            return self._after(record, gettext("The record was saved."))
        return self._show_form(self.edit_template, form, record_title=title, elsewhere=elsewhere)

    @door("/details/")
    def details_view(self) -> Any:
        """All that is known of a record."""
        if self.get_one(request.args.get("id", "")) is None:
            abort(404)
        return super().details_view()

    def _show_form(self, template: str, form: Any, **more: Any) -> Response:
        page = self.render(template, form=form, return_url=self._back(), **more)
        return make_response(page, g.get("admin_status", 422) if request.method == "POST" else 200)

    def _after(self, record: Any, message: str) -> Any:
        """Where the person goes once a record is stored: to the next one, to this one again, or back."""
        flash(message, "success")
        back = self._back()
        if "_add_another" in request.form:
            return redirect(self.get_url(".create_view", url=back), 303)
        if "_continue_editing" in request.form:
            return redirect(self.get_url(".edit_view", id=record.id, url=back), 303)
        return redirect(back, 303)

    def _back(self) -> str:
        return str(get_redirect_target() or self.get_url(".index_view"))

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
                        raise EditConflict
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
        back = self._back()
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
            return str(gettext("“%(name)s” cannot be deleted. %(reason)s", name=names[number], reason=reason))
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
        names = {view.model.__tablename__: str(view.name) for view in self.admin.record_views}
        return explain(cast("DBAPIError", problem), self.model, names)

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
            0,
            column and column[0],
            arguments.sort_desc,
            arguments.search,
            arguments.filters,
            execute=False,
            page_size=0,
        )
        return export_records(self.model.__tablename__, self._export_columns, query, self.get_export_value, export_type)


class ReadOnlyModelView(OwnerModelView):
    """Records that are only to be looked at: other doors, or the house itself, write them."""

    can_create = False
    can_edit = False
    can_delete = False
