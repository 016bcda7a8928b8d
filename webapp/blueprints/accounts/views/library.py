"""How Flask-Security is set for this house: which of its doors are open, what they ask, and where second factors hang."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from typing import Any

from flask import Flask, Response, abort, after_this_request, current_app, g, request
from flask_babel import gettext
from flask_security import SQLAlchemyUserDatastore, WebauthnUtil
from flask_security.signals import tf_code_confirmed, wan_registered
from flask_security.tf_plugin import generate_tf_validity_token, tf_set_validity_token_cookie
from flask_security.webauthn import WebAuthnTfPlugin
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from webapp.blueprints.accounts.models import User
from webapp.blueprints.accounts.services.passwords import PASSWORD_LENGTH
from webapp.blueprints.accounts.services.second_factor import METHOD, TOLERANCE, tell_passkey_added
from webapp.core.db import db, transaction
from webapp.core.security import current_actor
from webapp.core.settings import Settings

FRESH = dt.timedelta(minutes=15)
TRUSTED_FOR = dt.timedelta(days=30)
# What the library offers and the house does in its own way, or not at all.
CLOSED = ("two_factor_setup", "two_factor_setup_validate", "two_factor_rescue", "mf_recovery_codes", "wan_delete")
TEMPLATES = {
    "LOGIN_USER_TEMPLATE": "sign_in",
    "VERIFY_TEMPLATE": "verify",
    "TWO_FACTOR_VERIFY_CODE_TEMPLATE": "second_step",
    "TWO_FACTOR_SELECT_TEMPLATE": "choose_step",
    "MULTI_FACTOR_RECOVERY_TEMPLATE": "recovery_code",
    "WAN_REGISTER_TEMPLATE": "passkey_add",
    "WAN_SIGNIN_TEMPLATE": "passkey_sign_in",
    "WAN_VERIFY_TEMPLATE": "passkey_verify",
}


def configuration(settings: Settings) -> dict[str, Any]:
    """Flask-Security's settings. Registration, confirmation, reset and changes are the house's own pages."""
    cookie = {"httponly": True, "secure": settings.secure_cookies, "samesite": "Lax"}
    options: dict[str, Any] = {
        "PASSWORD_SALT": settings.password_salt,
        "PASSWORD_LENGTH_MIN": PASSWORD_LENGTH,
        "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "USE_REGISTER_V2": True,
        "CSRF_PROTECT_MECHANISMS": ["session", "basic"],
        "API_ENABLED_METHODS": ["session"],
        "RETURN_GENERIC_RESPONSES": True,
        "DATETIME_FACTORY": _now,
        "FRESHNESS": FRESH,
        "FRESHNESS_GRACE_PERIOD": dt.timedelta(0),
        "TWO_FACTOR": True,
        "TWO_FACTOR_ENABLED_METHODS": [METHOD],
        "TWO_FACTOR_AUTHENTICATOR_VALIDITY": TOLERANCE,
        "TWO_FACTOR_RESCUE_EMAIL": False,
        "TWO_FACTOR_ALWAYS_VALIDATE": True,  # the user record says when not: on a device that was trusted
        "TWO_FACTOR_LOGIN_VALIDITY": TRUSTED_FOR,
        "TWO_FACTOR_VALIDITY_COOKIE": cookie,
        "TOTP_SECRETS": {"1": _derived(settings, "totp").hex()},
        "TOTP_ISSUER": "Bottega",
        "MULTI_FACTOR_RECOVERY_CODES": True,
        "MULTI_FACTOR_RECOVERY_CODES_KEYS": [base64.urlsafe_b64encode(_derived(settings, "recovery codes"))],
        "WEBAUTHN": True,
        "WAN_RP_NAME": "Bottega",
        "WAN_ALLOW_USER_HINTS": False,
        "WAN_REGISTER_URL": "/account/passkeys/new",
        "WAN_POST_REGISTER_VIEW": "proof.overview",
        "POST_LOGIN_VIEW": "accounts.enter",
        "POST_LOGOUT_VIEW": "/",
        "FLASH_MESSAGES": False,
        "STATIC_FOLDER": None,
        "CLI_USERS_NAME": None,
        "CLI_ROLES_NAME": None,
    }
    options |= {name: f"accounts/{template}.html" for name, template in TEMPLATES.items()}
    if settings.environment == "test":  # the real cost, 110 ms a password, would be most of the tests' time
        options["PASSWORD_HASH_PASSLIB_OPTIONS"] = {"argon2__rounds": 1, "argon2__memory_cost": 64}
    return {f"SECURITY_{name}": value for name, value in options.items()} | {
        "REMEMBER_COOKIE_SECURE": settings.secure_cookies,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
    }


def settle_library(app: Flask, security: Any) -> None:
    """What cannot be said by settings: doors that stay shut, any passkey as a second step, trusted devices, mails."""
    security.two_factor_plugins.register_tf_impl(app, "webauthn", PasskeyStep)
    for name in CLOSED:
        app.view_functions[f"security.{name}"] = _closed
    for name in ("two_factor_token_validation", "mf_recovery", "tf_select"):
        app.view_functions[f"security.{name}"] = _for_strangers(app.view_functions[f"security.{name}"])
    app.login_manager.request_loader(_nobody)  # type: ignore[attr-defined]  # Flask-Login puts itself there
    tf_code_confirmed.connect(_trust_device, app)
    wan_registered.connect(_tell_of_passkey, app)


class HouseDatastore(SQLAlchemyUserDatastore):
    """Flask-Security's store of users; it commits where the house does, so that mail leaves after it."""

    def commit(self) -> None:
        """Store what the library's view changed."""
        with transaction():
            pass


class HousePasskeys(WebauthnUtil):
    """What is asked of passkeys. One that opens alone must know its holder, wherever it lives: in the device or on a key."""

    def registration_options(self, user: Any, usage: str, existing_options: dict[str, Any]) -> dict[str, Any]:
        """The question for a new passkey, in the company's name."""
        existing_options["rp_name"] = g.company.name
        options: dict[str, Any] = super().registration_options(user, usage, existing_options)
        return options

    def authenticator_selection(self, user: Any, usage: str) -> AuthenticatorSelectionCriteria:
        """Ask for a passkey that is found without a name and checks its holder, or for any key after the password."""
        del user
        if usage == "first":
            return AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            )
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.DISCOURAGED
        )

    def authentication_options(self, user: Any, usage: list[str], existing_options: dict[str, Any]) -> dict[str, Any]:
        """As a second step, and to prove oneself again, each passkey of the person will do."""
        if user is not None and "secondary" in usage:
            existing_options["allow_credentials"] = [
                PublicKeyCredentialDescriptor(
                    id=passkey.credential_id,
                    transports=[AuthenticatorTransport(way) for way in passkey.transports or ()] or None,
                )
                for passkey in user.webauthn
            ]
        options: dict[str, Any] = super().authentication_options(user, usage, existing_options)
        return options

    def user_verification(self, user: Any, usage: list[str]) -> UserVerificationRequirement:
        """Alone it must check its holder; after the password it need not."""
        del user
        if usage == ["first"]:
            return UserVerificationRequirement.REQUIRED
        return UserVerificationRequirement.DISCOURAGED


class PasskeyStep(WebAuthnTfPlugin):
    """Passkeys as the second step after a password: those that open alone are good for it too."""

    def get_setup_methods(self, user: Any) -> list[tuple[str, str]]:
        """The step, for who has a passkey."""
        return [("webauthn", gettext("Passkey"))] if user.webauthn else []


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _derived(settings: Settings, purpose: str) -> bytes:
    """A key for one purpose; from the secret that passwords depend on, so that a new SECRET_KEY loses nobody's factor."""
    return hmac.new(settings.password_salt.encode(), f"bottega {purpose}".encode(), hashlib.sha256).digest()


def _closed(**_values: Any) -> Response:
    abort(404)


def _for_strangers(view: Any) -> Any:
    """A step of signing in, which is nothing for who is signed in: the library would sign them out."""

    def step(**values: Any) -> Any:
        if current_actor().signed_in:
            return current_app.redirect(current_app.url_for("accounts.enter"))
        return view(**values)

    return step


def _nobody(_request: object) -> None:
    """Nobody comes in by the library's tokens; API keys are another room's matter."""


def _trust_device(_app: Flask, *, user: User, **_more: Any) -> None:
    """The person wants this device not to be asked again: a signed cookie says so until they shut others out."""
    if request.form.get("trust"):
        token = generate_tf_validity_token(user.fs_uniquifier)  # type: ignore[no-untyped-call]  # the library's
        after_this_request(lambda response: tf_set_validity_token_cookie(response, token))


def _tell_of_passkey(_app: Flask, *, name: str, **_more: Any) -> None:
    tell_passkey_added(db.session(), by=current_actor(), passkey=name)
