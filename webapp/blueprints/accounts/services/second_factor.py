"""The second factor: codes of an authenticator app, recovery codes, passkeys, and the devices that are trusted with it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any, cast
from uuid import uuid4

from flask_babel import gettext as _
from flask_security import MfRecoveryCodesUtil, Totp
from passlib.totp import TotpMatch
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import Passkey, User, UserSession
from webapp.blueprints.accounts.permissions import AccountsPermission as May
from webapp.blueprints.accounts.queries.rights import asks_for_factor
from webapp.blueprints.accounts.services.notices import notify
from webapp.blueprints.accounts.services.sessions import end_sessions
from webapp.core.errors import DomainError, NotAllowed, NotFound
from webapp.core.security import Actor

RECOVERY_CODES = 10
CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look alike
CODE_LENGTH = 12  # 59 bits, and each try costs one of the limited attempts
TOLERANCE = 30  # seconds that a clock may be wrong
METHOD = "authenticator"


class CodeWrong(DomainError):
    """The code is not the one of this moment, or was used already."""

    status = 422
    field = "code"

    def __init__(self) -> None:
        super().__init__(_("This is not the code of this moment. Wait for the next one and type it."))


class HouseTotp(Totp):
    """Time-based codes (RFC 6238), each of which opens once."""

    def get_last_counter(self, user: Any) -> int | None:
        """The time step of the last code that was accepted."""
        return cast("int | None", user.tf_last_counter)

    def set_last_counter(self, user: Any, tmatch: TotpMatch) -> None:
        """Remember the time step of a code that was accepted."""
        user.tf_last_counter = tmatch.counter


class HouseRecoveryCodes(MfRecoveryCodesUtil):
    """Recovery codes, kept as HMAC-SHA256 under a key of the house: the database alone does not give them away."""

    def setup_cryptor(self, keys: list[bytes]) -> None:
        """Keep the key instead of a cipher: nobody reads the codes again."""
        self.key = keys[0]

    def create_recovery_codes(self, user: Any) -> list[str]:
        """New codes instead of all former ones; this is the only time that they can be read."""
        codes = [
            "".join(secrets.choice(CODE_LETTERS) for _each in range(CODE_LENGTH)) for _each in range(RECOVERY_CODES)
        ]
        user.mf_recovery_codes = [self._hashed(code) for code in codes]
        return ["-".join(code[i : i + 4] for i in range(0, CODE_LENGTH, 4)) for code in codes]

    def get_recovery_codes(self, user: Any) -> list[str]:
        """Nothing: they are not kept."""
        del user
        return []

    def check_recovery_code(self, user: Any, code: str) -> bool:
        """Whether the code is one of those that are left; blanks, dashes and letter case do not matter."""
        return self._place(user, code) is not None

    def delete_recovery_code(self, user: Any, code: str) -> bool:
        """Use a code up."""
        place = self._place(user, code)
        if place is None or user.mf_recovery_codes is None:
            return False
        del user.mf_recovery_codes[place]
        return True

    def _place(self, user: Any, code: str) -> int | None:
        wanted = self._hashed("".join(character for character in code.lower() if character in CODE_LETTERS))
        places = [i for i, kept in enumerate(user.mf_recovery_codes or ()) if hmac.compare_digest(kept, wanted)]
        return places[0] if places else None

    def _hashed(self, code: str) -> str:
        return hmac.new(self.key, code.encode(), hashlib.sha256).hexdigest()


def turn_codes_on(
    session: Session, *, by: Actor, secret: str, code: str, totp: HouseTotp, recovery: HouseRecoveryCodes
) -> list[str]:
    """Ask for codes of the app that was given `secret` from now on, since it gave the right `code`.

    Answers the recovery codes to write down. The person is told by mail. Raises CodeWrong.
    """
    user = _get_own(session, by)
    user.tf_last_counter = None
    if not totp.verify_totp(token=code, totp_secret=secret, user=user, window=TOLERANCE):
        raise CodeWrong
    user.tf_primary_method, user.tf_totp_secret = METHOD, secret
    codes = recovery.create_recovery_codes(user)
    _tell(session, user, "codes_on", by=by)
    return codes


def turn_codes_off(session: Session, *, by: Actor) -> None:
    """Codes are not asked for any more. Raises NotAllowed when a role asks for a second factor and no passkey is left."""
    user = _get_own(session, by)
    if not user.tf_totp_secret:
        return
    if asks_for_factor(session, user.id) and not user.webauthn:
        raise NotAllowed(_("Your role asks for a second factor: add a passkey before you turn the codes off."))
    _forget_codes(user)
    _tell(session, user, "codes_off", by=by)


def make_recovery_codes(session: Session, *, by: Actor, recovery: HouseRecoveryCodes) -> list[str]:
    """New recovery codes; the former ones open nothing any more. Raises NotAllowed without a second factor."""
    user = _get_own(session, by)
    if not user.has_second_factor:
        raise NotAllowed(_("Recovery codes stand in for a second factor: turn one on first."))
    codes = recovery.create_recovery_codes(user)
    _tell(session, user, "recovery_codes", by=by)
    return codes


def remove_passkey(session: Session, *, by: Actor, passkey_id: int) -> str:
    """Forget one of the actor's passkeys; its name.

    Raises NotFound, also for somebody else's, and NotAllowed for the last factor of who must have one.
    """
    user = _get_own(session, by)
    passkey = session.scalar(select(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user.id))
    if passkey is None:
        raise NotFound(_("This passkey does not exist."))
    if asks_for_factor(session, user.id) and len(user.webauthn) == 1 and not user.tf_totp_secret:
        raise NotAllowed(_("Your role asks for a second factor: turn another one on before you remove this one."))
    name = passkey.name
    session.delete(passkey)
    _tell(session, user, "passkey_removed", by=by, passkey=name)
    return name


def tell_passkey_added(session: Session, *, by: Actor, passkey: str) -> None:
    """Tell the actor by mail that a passkey was added to their account."""
    _tell(session, _get_own(session, by), "passkey_added", by=by, passkey=passkey)


def forget_trusted_devices(session: Session, *, by: Actor, but: int | None) -> User:
    """Every device is asked for the second factor again; all sessions end except the one with the number `but`."""
    user = _get_own(session, by)
    shut_out(session, user, but=but)
    return user


def reset_second_factor(session: Session, *, by: Actor, user_id: int) -> User:
    """Take all second factors, passkeys and recovery codes from somebody who lost them; their sessions end.

    The person is told by mail. Raises NotAllowed (also for somebody of a higher rank, and for oneself), NotFound.
    """
    if not by.may(May.USERS_EDIT):
        raise NotAllowed(_("Only who may edit users resets a second factor."))
    if user_id == by.user_id:
        raise NotAllowed(_("Your own second factor is on the page of your sign-in."))
    user = session.scalar(select(User).where(User.id == user_id).with_for_update())
    if user is None:
        raise NotFound(_("This user does not exist."))
    if not by.everything and max((role.rank for role in user.roles), default=0) > by.rank:
        raise NotAllowed(_("This person's rank is above yours."))
    _forget_codes(user)
    user.mf_recovery_codes = None
    for passkey in list(user.webauthn):
        session.delete(passkey)
    shut_out(session, user, but=None)
    _tell(session, user, "reset", by=by)
    return user


def shut_out(session: Session, user: User, *, but: int | None) -> None:
    """End the user's sessions except the one with the number `but`, and trust no device of theirs any more.

    The caller puts the new `fs_uniquifier` into the cookie of the session that goes on.
    """
    end_sessions(session, user.id, but)
    user.fs_uniquifier = uuid4().hex
    session.flush()
    if but is not None:
        session.execute(
            update(UserSession)
            .where(UserSession.id == but, UserSession.user_id == user.id)
            .values(stamp=user.fs_uniquifier)
            .execution_options(synchronize_session=False)
        )


def _get_own(session: Session, by: Actor) -> User:
    user = session.scalar(select(User).where(User.id == by.user_id, User.active)) if by.signed_in else None
    if user is None:
        raise NotAllowed(_("Please sign in"))
    return user


def _forget_codes(user: User) -> None:
    user.tf_primary_method = user.tf_totp_secret = user.tf_last_counter = None
    if not user.webauthn:
        user.mf_recovery_codes = None


def _tell(session: Session, user: User, what: str, *, by: Actor, passkey: str = "") -> None:
    notify(session, user, "second_factor", by=by, what=what, passkey=passkey)
