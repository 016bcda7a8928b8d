"""Signing in and out: Flask-Security's forms in our pages, and the actor that it tells the floor of."""

from __future__ import annotations

from typing import Any, Literal, NoReturn, cast

from flask import Blueprint, Flask, Response, abort, after_this_request, g, redirect, render_template, session
from flask_login import user_logged_in
from flask_security import Security, current_user
from werkzeug.wrappers import Response as WerkzeugResponse
from wtforms import Form

from webapp.blueprints.accounts.forms.sign_in import (
    CodeForm,
    PasskeyAnswerForm,
    PasskeyNameForm,
    SignInForm,
    StepHelpForm,
)
from webapp.blueprints.accounts.models import Passkey, Role, User
from webapp.blueprints.accounts.queries.people import find_active_user
from webapp.blueprints.accounts.queries.rights import get_standing
from webapp.blueprints.accounts.services.second_factor import HouseRecoveryCodes, HouseTotp
from webapp.blueprints.accounts.services.users import keep_preference
from webapp.blueprints.accounts.views.library import HouseDatastore, HousePasskeys, configuration, settle_library
from webapp.blueprints.accounts.views.signed_in import name_both
from webapp.core.db import db, transaction
from webapp.core.security import ANONYMOUS, Actor, Reach, current_actor, lock_endpoints, public
from webapp.core.shell import office_home

blueprint = Blueprint("accounts", __name__, template_folder="../templates")
OWNER = "owner"


@blueprint.get("/enter")
@public
def enter() -> WerkzeugResponse:
    """After signing in: the first page that the person may open."""
    return redirect(office_home())


def set_up_sign_in(app: Flask) -> None:
    """Open Flask-Security's sign-in and sign-out (argon2id, its default), and tell the floor who acts."""
    app.config.update(configuration(app.extensions["settings"]))
    security = Security(
        app,
        HouseDatastore(db, User, Role, Passkey),
        render_template=_render,
        login_form=SignInForm,
        two_factor_verify_code_form=CodeForm,
        two_factor_rescue_form=StepHelpForm,
        wan_register_form=PasskeyNameForm,
        wan_signin_response_form=PasskeyAnswerForm,
        webauthn_util_cls=HousePasskeys,
        totp_cls=HouseTotp,
        mf_recovery_codes_util_cls=HouseRecoveryCodes,
    )
    security.principal.skip_static = True
    security.unauthn_handler(_refuse_anonymous)
    user_logged_in.connect(_forget_token, app)
    settle_library(app, security)
    lock_endpoints(app, "security")
    app.extensions["bottega_actor"] = load_actor
    app.extensions["bottega_actor_of"] = load_actor_of
    app.extensions["bottega_preferences"] = UserPreferences()
    app.extensions["bottega_sign_in"] = "security.login"
    app.extensions["bottega_sign_out"] = "security.logout"


def load_actor() -> Actor:
    """The signed-in user with the rights of all their roles, or nobody."""
    if not current_user.is_authenticated:
        return ANONYMOUS
    user = cast("User", current_user)
    known: Actor | None = g.get("actor")
    if known is None or known.user_id != user.id:
        known = g.actor = name_both(_as_actor(user))
    return known


def load_actor_of(user_id: int) -> Actor | None:
    """An active user with the rights that they have now; None for one who is gone or disabled."""
    user = find_active_user(db.session(), user_id)
    return _as_actor(user) if user else None


def _as_actor(user: User) -> Actor:
    standing = get_standing(db.session(), user.id)
    grants = standing.grants()
    return Actor(
        name=user.name or user.email,
        user_id=user.id,
        permissions=frozenset(grants),
        everything=OWNER in standing.roles.values(),
        reaches={permission: reach for permission, reach in grants.items() if reach is not Reach.ALL},
        groups=standing.groups,
        home_group=standing.home_group,
        rank=standing.rank,
    )


class UserPreferences:
    """The language and theme of the signed-in user."""

    def read(self) -> dict[str, str]:
        """The choices; empty for nobody."""
        if not current_user.is_authenticated:
            return {}
        return {"language": current_user.language, "theme": current_user.theme}

    def keep(self, name: str, value: str) -> None:
        """Store a choice; nothing for nobody."""
        actor = current_actor()
        if actor.signed_in:
            with transaction() as database:
                keep_preference(database, by=actor, name=cast("Literal['language', 'theme']", name), value=value)


def _render(template: str, **context: Any) -> str:
    """Flask-Security's pages: 422 when the form comes back with problems."""
    if any(isinstance(form, Form) and form.errors for form in context.values()):
        after_this_request(_mark_refused)
    return render_template(template, **context)


def _mark_refused(response: Response) -> Response:
    response.status_code = 422
    return response


def _refuse_anonymous(*_mechanisms: object, **_headers: object) -> NoReturn:
    abort(401)


def _forget_token(_app: Flask, **_event: Any) -> None:
    """A token known before signing in is worth nothing after it."""
    session.pop("csrf_token", None)
