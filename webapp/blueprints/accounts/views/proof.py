"""The page of what somebody signs in by, and the changes to it: names, address, password, codes, passkeys, devices."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import Blueprint, abort, current_app, flash, g, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.wrappers import Response

from webapp.blueprints.accounts.forms.proof import AddressForm, CodeOnForm, NamesForm, PasswordForm
from webapp.blueprints.accounts.models import User
from webapp.blueprints.accounts.queries.rights import asks_for_factor
from webapp.blueprints.accounts.queries.sign_in import find_address_change
from webapp.blueprints.accounts.services.addresses import (
    agree_to_address,
    ask_address_change,
    find_address_side,
    refuse_address,
    stop_address_change,
)
from webapp.blueprints.accounts.services.names import change_names
from webapp.blueprints.accounts.services.passwords import change_password
from webapp.blueprints.accounts.services.second_factor import (
    HouseRecoveryCodes,
    HouseTotp,
    forget_trusted_devices,
    make_recovery_codes,
    remove_passkey,
    turn_codes_off,
    turn_codes_on,
)
from webapp.blueprints.accounts.views.library import FRESH
from webapp.blueprints.accounts.views.signed_in import current_session_id, signed_in
from webapp.core.db import db, transaction
from webapp.core.forms import submit
from webapp.core.security import LOCK, current_actor, public, requires
from webapp.core.web import done, show

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("proof", __name__, template_folder="../templates", url_prefix="/account")
View = TypeVar("View", bound=Callable[..., Any])
PENDING_KEY = "codes_key"  # the encrypted key of an app that has not yet proved that it has it
ADDRESS_TOKEN = "address_token"  # noqa: S105 - its place in the session, not a secret


def prove_again() -> Response | None:
    """To the page that asks for the password, or a passkey, when it was last given more than 15 minutes ago."""
    if time.time() - float(session.get("fs_paa", 0)) <= FRESH.total_seconds():
        return None
    way_back = request.path if request.method == "GET" else url_for("proof.overview")
    return redirect(url_for("security.verify", next=way_back), 303)


def fresh(view: View) -> View:
    """Ask for the password, or a passkey, again when it was last given more than 15 minutes ago."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        answer = prove_again()
        return view(*args, **kwargs) if answer is None else answer

    return cast("View", guarded)


def own(view: View) -> View:
    """Nobody changes what another person signs in by, not even while they act as that person."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        found = signed_in()
        if found is None:
            abort(401)
        if found.acting:
            abort(403)
        return view(*args, **kwargs)

    return cast("View", guarded)


@blueprint.get("/security")
@requires()
@own
def overview() -> Response:
    """What the person signs in by."""
    user = _user()
    return show(
        "accounts/proof.html",
        user=user,
        pending=find_address_change(db.session(), user.id),
        must_have_factor=asks_for_factor(db.session(), user.id),
        by_address=request.host.partition(":")[0].replace(".", "").isdigit(),
    )


@blueprint.route("/names", methods=["GET", "POST"])
@requires()
@own
def names() -> Response:
    """The form of the name and the user name, and their change."""
    form = NamesForm(obj=_user())
    if request.method == "GET":
        return show("accounts/names.html", form=form)
    by = current_actor()

    def change(database: Session) -> bool:
        change_names(database, by=by, name=form.name.data, username=form.username.data)
        return True

    if submit(form, change) is None:
        return show("accounts/names.html", status=422, form=form)
    return done(url_for("proof.overview"), _("Your names were saved."))


@blueprint.route("/password", methods=["GET", "POST"])
@requires()
@own
def password() -> Response:
    """The form of a new password, and its change; it asks for the old one and offers to end other sessions."""
    form = PasswordForm()
    if request.method == "GET":
        return show("accounts/password.html", form=form)
    by, spare = current_actor(), current_session_id()
    end_others = bool(form.end_others.data)
    changed = submit(
        form,
        lambda database: (
            change_password(
                database,
                by=by,
                old=form.old.data or "",
                password=form.password.data or "",
                end_others=end_others,
                session_id=spare,
            ).fs_uniquifier
        ),
    )
    if changed is None:
        return show("accounts/password.html", status=422, form=form)
    _go_on_as(changed)
    if end_others:
        return done(url_for("proof.overview"), _("The password was changed, and your other sessions are over."))
    return done(url_for("proof.overview"), _("The password was changed."))


@blueprint.route("/email", methods=["GET", "POST"])
@requires()
@own
@fresh
def email() -> Response:
    """The form of a new address, and the mails that ask both sides."""
    form = AddressForm()
    if request.method == "GET":
        return show("accounts/email.html", form=form)
    by = current_actor()
    if submit(form, lambda database: ask_address_change(database, by=by, email=form.email.data or "")) is None:
        return show("accounts/email.html", status=422, form=form)
    return done(
        url_for("proof.overview"),
        _("We have written to both addresses: the change is made once both have agreed."),
    )


@blueprint.post("/email/stop")
@requires()
@own
def stop_email() -> Response:
    """Give up the change of the address."""
    by = current_actor()
    with transaction() as database:
        stop_address_change(database, by=by)
    return done(url_for("proof.overview"), _("Your address stays as it is."))


@blueprint.get("/address/<token>")
@public
def address_link(token: str) -> Response:
    """The link of a mail: its secret goes into the session, and out of the address."""
    session[ADDRESS_TOKEN] = token
    return redirect(url_for("proof.address"))


@blueprint.route("/address", methods=["GET", "POST"])
@public
def address() -> Response:
    """The question to one side of a change of address, and its answer."""
    token = str(session.get(ADDRESS_TOKEN, ""))
    if request.method == "GET":
        change, side = find_address_side(db.session(), token)
        return show("accounts/address.html", change=change, side=side.value)
    with transaction() as database:
        if "refuse" in request.form:
            refuse_address(database, token=token)
            outcome = "refused"
        else:
            outcome = "changed" if agree_to_address(database, token=token).ended_at else "agreed"
    session.pop(ADDRESS_TOKEN, None)
    return show("accounts/address_answered.html", outcome=outcome)


@blueprint.route("/codes", methods=["GET", "POST"])
@requires()
@own
@fresh
def codes() -> Response:
    """The key for an authenticator app as a picture and in letters, and the first code that proves it has arrived."""
    user, form = _user(), CodeOnForm()
    if request.method == "GET" or PENDING_KEY not in session:
        session[PENDING_KEY] = _totp().generate_totp_secret()
        return _show_key(user, form)
    by, secret = current_actor(), str(session[PENDING_KEY])
    made = submit(
        form,
        lambda database: turn_codes_on(
            database, by=by, secret=secret, code=form.code.data or "", totp=_totp(), recovery=_recovery()
        ),
    )
    if made is None:
        return _show_key(user, form, status=422)
    session.pop(PENDING_KEY, None)
    return show("accounts/recovery_codes.html", codes=made, turned_on=True)


@blueprint.post("/codes/off")
@requires()
@own
@fresh
def codes_off() -> Response:
    """Ask for codes no more."""
    by = current_actor()
    with transaction() as database:
        turn_codes_off(database, by=by)
    return done(url_for("proof.overview"), _("Codes are not asked for any more."))


@blueprint.post("/recovery-codes")
@requires()
@own
@fresh
def recovery_codes() -> Response:
    """New recovery codes, shown once."""
    by = current_actor()
    with transaction() as database:
        made = make_recovery_codes(database, by=by, recovery=_recovery())
    return show("accounts/recovery_codes.html", codes=made, turned_on=False)


@blueprint.post("/passkeys/<int:passkey_id>/remove")
@requires()
@own
@fresh
def passkey_off(passkey_id: int) -> Response:
    """Forget a passkey."""
    by = current_actor()
    with transaction() as database:
        name = remove_passkey(database, by=by, passkey_id=passkey_id)
    return done(url_for("proof.overview"), _("The passkey “%(name)s” was removed.", name=name))


@blueprint.post("/trusted-devices/forget")
@requires()
@own
def forget_devices() -> Response:
    """Trust no device any more, and end the other sessions."""
    by, spare = current_actor(), current_session_id()
    with transaction() as database:
        stamp = forget_trusted_devices(database, by=by, but=spare).fs_uniquifier
    _go_on_as(stamp)
    return done(url_for("proof.overview"), _("No device is trusted any more, and your other sessions are over."))


def demand_second_factor() -> Response | None:
    """Whose role asks for a second factor and who has none yet can do nothing else before there is one."""
    found = signed_in()
    if found is None or request.endpoint is None:
        return None
    if not found.factor_asked or found.person.has_second_factor or not _is_locked(request.endpoint):
        return None
    flash(_("Your role asks for a second factor: turn one on, then go on."), "warning")
    return redirect(url_for("proof.overview"))


def _is_locked(endpoint: str) -> bool:
    """Whether a page needs a right; pages for everybody who is signed in stay open, this one among them."""
    return bool(getattr(current_app.view_functions.get(endpoint), LOCK, ()))


def _user() -> User:
    return cast("User", current_user._get_current_object())  # noqa: SLF001 - Werkzeug's way to the thing behind


def _go_on_as(stamp: str) -> None:
    """The cookie of this session follows the user's new stamp."""
    session["_user_id"] = stamp


def _totp() -> HouseTotp:
    return cast("HouseTotp", current_app.extensions["security"].totp_factory)


def _recovery() -> HouseRecoveryCodes:
    return cast("HouseRecoveryCodes", current_app.extensions["security"].mf_recovery_codes_util)


def _show_key(user: User, form: CodeOnForm, *, status: int = 200) -> Response:
    # the app on the phone lists the code under the company's name; the name's colon would end it there
    totp = HouseTotp(current_app.config["SECURITY_TOTP_SECRETS"], g.company.name.replace(":", " "))
    key = totp.fetch_setup_values(str(session[PENDING_KEY]), user)
    return show("accounts/codes.html", status=status, form=form, image=key["image"], letters=key["key"])
