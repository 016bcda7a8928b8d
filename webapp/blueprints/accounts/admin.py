"""Users and roles in the administration. The password's hash is neither shown nor typed."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField

from webapp.blueprints.accounts.models import (
    ROLES,
    Acceptance,
    AddressChange,
    Document,
    Group,
    Impersonation,
    Invitation,
    Passkey,
    ResetLink,
    Role,
    SignIn,
    User,
    UserSession,
)
from webapp.blueprints.accounts.services import users as services
from webapp.core.admin import FromDay, OwnerModelView, ReadOnlyModelView, ToDay
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
    note = _l("What a role grants is decided in the back office, under Rights.")
    column_labels: ClassVar[dict[str, Any]] = {"name": _l("Name"), "description": _l("Description")}
    delete_warning = _l("Those who have the role lose it.")

    def on_model_change(self, form: Any, model: Role, is_created: bool) -> None:  # noqa: FBT001 - the library's signature
        """Refuse to rename a role of the house."""
        if not is_created:
            services.refuse_house_role(was=form.name.object_data, is_now=model.name)

    def on_model_delete(self, model: Role) -> None:
        """Refuse to delete a role of the house."""
        services.refuse_house_role(was=model.name, is_now=None)


NAMES = {
    "documents": _l("Terms and privacy"),
    "impersonations": _l("Who acted as whom"),
    "groups": _l("Groups"),
    "invitations": _l("Invitations"),
    "passkeys": _l("Passkeys"),
    "reset_links": _l("Links for a new password"),
    "address_changes": _l("Changes of address"),
}
LABELS = {
    "user_id": _l("User"),
    "kind": _l("Text"),
    "number": _l("Version"),
    "published_at": _l("In force since"),
    "published_by": _l("Published by"),
    "started_at": _l("Since"),
    "ended_at": _l("Ended"),
    "actor_name": _l("Who"),
    "target_name": _l("As whom"),
    "reason": _l("Reason"),
    "address": _l("Place on the network"),
    "name": _l("Name"),
    "parent_id": _l("Part of"),
    "email": _l("E-mail"),
    "created_at": _l("Created"),
    "updated_at": _l("Changed"),
    "expires_at": _l("Valid until"),
    "accepted_at": _l("Accepted"),
    "withdrawn_at": _l("Withdrawn"),
    "usage": _l("Use"),
    "lastuse_datetime": _l("Last use"),
    "used_at": _l("Used"),
}


class SessionAdmin(ReadOnlyModelView):
    """Every session; it is ended on the page of its user."""

    column_list = ("id", "user_id", "method", "address", "started_at", "last_seen_at", "ends_at", "ended_at", "ending")
    column_details_list = (*column_list, "agent", "remembered", "acting_as_id")
    column_export_list = column_list
    column_filters = (
        "user_id",
        "address",
        FromDay(UserSession.started_at, _l("Signed in")),
        ToDay(UserSession.started_at, _l("Signed in")),
    )
    column_labels: ClassVar[dict[str, Any]] = {
        "user_id": _l("User"),
        "method": _l("Signed in by"),
        "address": _l("Place on the network"),
        "agent": _l("Browser"),
        "remembered": _l("Kept signed in"),
        "acting_as_id": _l("Acting as"),
        "started_at": _l("Signed in"),
        "last_seen_at": _l("Last seen"),
        "ends_at": _l("Ends at the latest"),
        "ended_at": _l("Ended"),
        "ending": _l("Why it ended"),
    }


class SignInAdmin(ReadOnlyModelView):
    """Every attempt to sign in to an account that exists."""

    column_list = ("id", "happened_at", "user_id", "outcome", "method", "address", "agent")
    column_filters = (
        "user_id",
        "outcome",
        "address",
        FromDay(SignIn.happened_at, _l("When")),
        ToDay(SignIn.happened_at, _l("When")),
    )
    column_labels: ClassVar[dict[str, Any]] = {
        "happened_at": _l("When"),
        "user_id": _l("User"),
        "outcome": _l("Outcome"),
        "method": _l("Signed in by"),
        "address": _l("Place on the network"),
        "agent": _l("Browser"),
    }


class AcceptanceAdmin(ReadOnlyModelView):
    """Who accepted which version of which text."""

    column_list = ("id", "user_id", "document_id", "accepted_at", "address")
    column_filters = ("user_id", "document_id")
    column_labels: ClassVar[dict[str, Any]] = {
        "user_id": _l("User"),
        "document_id": _l("Text"),
        "accepted_at": _l("Accepted"),
        "address": _l("Place on the network"),
    }


class GroupAdmin(ReadOnlyModelView):
    """The groups of people; they are changed in the back office, under Rights."""

    column_list = ("id", "name", "parent_id", "updated_at")
    column_searchable_list = ("name",)
    column_filters = ("name",)
    column_labels: ClassVar[dict[str, Any]] = {"name": _l("Name"), "parent_id": _l("Below the group")}


def _looked_at(model: type[Any], name: str, *columns: str) -> ReadOnlyModelView:
    """A view of records that only their own pages change; of their columns, these alone are shown, so no secret is."""
    labels = {column: LABELS[column] for column in columns if column in LABELS}
    attributes = {
        "column_list": columns,
        "column_details_list": columns,
        "column_export_list": columns,
        "column_labels": labels,
        "__doc__": f"Records of {name}.",
    }
    view: ReadOnlyModelView = type(f"{model.__name__}Admin", (ReadOnlyModelView,), attributes)(model, NAMES[name])
    return view


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [
        UserAdmin(User, _l("Users")),
        RoleAdmin(Role, _l("Roles")),
        SessionAdmin(UserSession, _l("Sessions")),
        SignInAdmin(SignIn, _l("Sign-ins")),
        AcceptanceAdmin(Acceptance, _l("Acceptances")),
        _looked_at(Document, "documents", "id", "kind", "number", "published_at", "published_by"),
        _looked_at(
            Impersonation,
            "impersonations",
            "id",
            "started_at",
            "actor_name",
            "target_name",
            "reason",
            "ended_at",
            "address",
        ),
        _looked_at(Group, "groups", "id", "name", "parent_id", "created_at", "updated_at"),
        _looked_at(
            Invitation, "invitations", "id", "email", "name", "created_at", "expires_at", "accepted_at", "withdrawn_at"
        ),
        _looked_at(Passkey, "passkeys", "id", "user_id", "name", "usage", "created_at", "lastuse_datetime"),
        _looked_at(ResetLink, "reset_links", "id", "user_id", "created_at", "expires_at", "used_at"),
        _looked_at(AddressChange, "address_changes", "id", "user_id", "email", "created_at", "expires_at", "ended_at"),
    ]
