"""Users and roles in the administration. The password's hash is neither shown nor typed."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField

from webapp.blueprints.accounts.models import ROLES, Role, User
from webapp.blueprints.accounts.services import users as services
from webapp.core.admin import OwnerModelView
from webapp.core.db import db
from webapp.core.forms import choices_of
from webapp.core.security import current_actor
from webapp.core.shell import LANGUAGE_NAMES

THEME_NAMES = {"light": _l("Light"), "dark": _l("Dark"), "auto": _l("As the device")}


ROLE_WORDS = {
    ROLES["owner"]: _l("Everything, the company profile and the administration included"),
    ROLES["staff"]: _l("The daily work: reads and writes what the rooms grant"),
    ROLES["viewer"]: _l("Reads what the rooms grant"),
}


class UserAdmin(OwnerModelView):
    """The people who sign in."""

    column_list = ("id", "email", "name", "roles", "active", "updated_at")
    column_details_list = (
        "email",
        "name",
        "roles",
        "active",
        "language",
        "theme",
        "created_at",
        "updated_at",
        "version",
    )
    column_export_list = column_details_list
    column_searchable_list = ("email", "name")
    column_filters = ("email", "name", "active")
    column_sortable_list = ("email", "name", "active", "updated_at")
    form_columns = ("email", "name", "password", "active", "roles", "language", "theme")
    form_extra_fields: ClassVar[dict[str, Any]] = {
        "password": PasswordField(
            _l("New password"),
            description=_l("Empty: the password stays as it is. Setting one ends the person's sessions."),
            render_kw={"autocomplete": "new-password"},
        ),
        "language": SelectField(_l("Language"), choices=choices_of({"": _l("As the browser")} | LANGUAGE_NAMES)),
        "theme": SelectField(_l("Appearance"), choices=choices_of({"": _l("Not chosen")} | THEME_NAMES)),
    }
    column_labels: ClassVar[dict[str, Any]] = {
        "email": _l("E-mail"),
        "name": _l("Name"),
        "active": _l("May sign in"),
        "roles": _l("Roles"),
        "language": _l("Language"),
        "theme": _l("Appearance"),
    }

    def get_create_form(self) -> Any:
        """The form; its password never reaches the record by itself."""
        return _with_password_kept_out(super().get_create_form())

    get_edit_form = get_create_form

    def on_model_change(self, form: Any, model: User, is_created: bool) -> None:  # noqa: ARG002, FBT001 - the library's signature
        """Let the room settle what a user needs."""
        services.settle_user(db.session(), model, by=current_actor(), password=form.password.data or "")

    def on_model_delete(self, model: User) -> None:
        """Nobody deletes themselves."""
        services.refuse_own_deletion(model, by=current_actor())


def _with_password_kept_out(form_class: Any) -> Any:
    def populate_obj(form: Any, user: User) -> None:
        for name, field in form._fields.items():
            if name != "password":
                field.populate_obj(user, name)

    def start(form: Any, formdata: Any = None, obj: Any = None, **more: Any) -> None:
        form_class.__init__(form, formdata, obj=obj, **more)
        if formdata is None:
            form.password.data = None

    return type("UserForm", (form_class,), {"populate_obj": populate_obj, "__init__": start})


def _described(_view: Any, _context: Any, role: Role, _name: str) -> str:
    return str(ROLE_WORDS.get(role.description, role.description))


class RoleAdmin(OwnerModelView):
    """The roles that people have."""

    column_list = ("id", "name", "description")
    column_searchable_list = ("name", "description")
    column_formatters: ClassVar[dict[str, Any]] = {"description": _described}
    form_columns = ("name", "description")
    note = _l("The rooms give rights to owner, staff and viewer; further roles have none yet.")
    column_labels: ClassVar[dict[str, Any]] = {"name": _l("Name"), "description": _l("Description")}
    delete_warning = _l("Those who have the role lose it.")

    def on_model_change(self, form: Any, model: Role, is_created: bool) -> None:  # noqa: FBT001 - the library's signature
        """Refuse to rename a role of the house."""
        if not is_created:
            services.refuse_house_role(was=form.name.object_data, is_now=model.name)

    def on_model_delete(self, model: Role) -> None:
        """Refuse to delete a role of the house."""
        services.refuse_house_role(was=model.name, is_now=None)


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [UserAdmin(User, _l("Users")), RoleAdmin(Role, _l("Roles"))]
