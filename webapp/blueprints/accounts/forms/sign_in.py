"""Flask-Security's own forms of signing in, as far as this house asks for something else."""

from __future__ import annotations

from typing import Any

from flask import session
from flask_babel import lazy_gettext as _l
from flask_security import LoginForm, TwoFactorVerifyCodeForm
from flask_security.forms import TwoFactorRescueForm
from flask_security.webauthn import WebAuthnRegisterForm, WebAuthnSigninResponseForm
from wtforms import BooleanField, RadioField
from wtforms.validators import DataRequired

from webapp.blueprints.accounts.queries.sign_in import find_by_identity
from webapp.core.db import db
from webapp.core.forms import CleanField, choices_of


class SignInForm(LoginForm):
    """Sign in with the e-mail address or the user name, in one field."""

    email: Any = CleanField(_l("E-mail or user name"), [DataRequired()])

    def validate(self, **kwargs: Any) -> bool:
        """Find the person, then check the password as the library does."""
        self.user = find_by_identity(db.session(), self.email.data or "")
        self.ifield = self.email
        return bool(super().validate(**kwargs))


class CodeForm(TwoFactorVerifyCodeForm):
    """The code of the app, and whether this device is trusted with it from now on."""

    trust = BooleanField(_l("Do not ask on this device for 30 days"))

    def validate(self, **kwargs: Any) -> bool:
        """Check the code; blanks between its digits do not matter."""
        self.code.data = "".join(str(self.code.data or "").split())
        return bool(super().validate(**kwargs))


class PasskeyAnswerForm(WebAuthnSigninResponseForm):
    """What a passkey answered. After a password each passkey of that same person counts, and no other's."""

    def validate(self, **kwargs: Any) -> bool:
        """Check the answer."""
        secondary = self.is_secondary
        if secondary:
            self.is_verify = True  # to the library: any usage will do
        if (
            not super().validate(**kwargs) or self.credential.errors
        ):  # a disabled account is an error, not a refusal there
            return False
        if secondary and (self.user is None or self.user.fs_uniquifier != session.get("tf_user_id")):
            self.credential.errors = [*self.credential.errors, _l("This passkey belongs to somebody else.")]
            return False
        return True


class PasskeyNameForm(WebAuthnRegisterForm):
    """A new passkey: its name, and whether it opens alone or only after the password."""

    usage: Any = RadioField(choices=choices_of({"first": "first", "secondary": "secondary"}), default="first")


class StepHelpForm(TwoFactorRescueForm):
    """What the library offers to who has lost the phone: nothing but recovery codes, which the page says itself."""

    help_setup: Any = RadioField(choices=choices_of({}))
