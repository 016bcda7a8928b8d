"""Passwords: what makes one good enough, how one is changed, and how one that was forgotten is set anew."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from flask_babel import gettext as _
from flask_security import hash_password, verify_password
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import ResetLink, User
from webapp.blueprints.accounts.queries.sign_in import find_by_identity
from webapp.blueprints.accounts.services.links import RESET_HOURS, LinkDead, new_token, token_hash, window
from webapp.blueprints.accounts.services.notices import notify
from webapp.blueprints.accounts.services.second_factor import shut_out
from webapp.core.addresses import absolute_url
from webapp.core.clock import utc_now
from webapp.core.company import get_company
from webapp.core.errors import DomainError
from webapp.core.mail import post
from webapp.core.mail.posting import write_letter
from webapp.core.security import SYSTEM, Actor

PASSWORD_LENGTH = 12
LONGEST_PASSWORD = 128
GUESSES = 8  # a password that zxcvbn finds within 10^8 guesses is on every list
OWN_LETTERS = 8  # so many letters and digits must be left without the words that anybody knows of
ESTIMATED = 72  # characters that zxcvbn looks at
DISGUISES = str.maketrans("0134578@$!", "oieastbasi")
HOUSE_WORDS = ("bottega",)


class PasswordTooShort(DomainError):
    """The password has fewer than 12 characters."""

    status = 422
    field = "password"

    def __init__(self) -> None:
        super().__init__(_("A password needs at least %(count)s characters.", count=PASSWORD_LENGTH))


class PasswordTooLong(DomainError):
    """The password has more than 128 characters."""

    status = 422
    field = "password"

    def __init__(self) -> None:
        super().__init__(_("A password has at most %(count)s characters.", count=LONGEST_PASSWORD))


class PasswordCommon(DomainError):
    """The password is among those that attackers try first."""

    status = 422
    field = "password"

    def __init__(self) -> None:
        super().__init__(_("This password is among the first that are tried: choose other words, four of them say."))


class PasswordOfOwnWords(DomainError):
    """The password is made of the person's or the company's name."""

    status = 422
    field = "password"

    def __init__(self) -> None:
        super().__init__(
            _("This password is made of your name, your address or the company's name: choose other words.")
        )


class PasswordWrong(DomainError):
    """The password that was to be changed is another one."""

    status = 422
    field = "old"

    def __init__(self) -> None:
        super().__init__(_("This is not your password."))


class PasswordSame(DomainError):
    """The new password is the old one."""

    status = 422
    field = "password"

    def __init__(self) -> None:
        super().__init__(_("This is the password that you have already."))


def own_words(session: Session, *, email: str, name: str, username: str | None) -> frozenset[str]:
    """The words that anybody would try on this person: of their names and address, and of the company's."""
    with session.no_autoflush:
        company = get_company(session)
    told = (company.name, company.tagline, company.tagline_en, company.city)
    said = " ".join((email, name, username or "", *told, *HOUSE_WORDS))
    return frozenset(word for word in re.findall(r"[^\W_]+", said.casefold()) if len(word) > 3)


def check_password(password: str, *, own: Iterable[str] = ()) -> None:
    """Refuse a password that is too short or too long, common, or made of `own` words; nothing else is asked of it.

    Lengths are characters as they are typed. Common is what zxcvbn's list of leaked passwords has, also with a few
    characters around it, and what its estimator finds within 10^8 guesses. Raises PasswordTooShort, PasswordTooLong,
    PasswordCommon, PasswordOfOwnWords.
    """
    from zxcvbn import zxcvbn  # 13 MB of lists, only for who checks a password

    common = _common_passwords()
    if len(password) < PASSWORD_LENGTH:
        raise PasswordTooShort
    if len(password) > LONGEST_PASSWORD:
        raise PasswordTooLong
    own = frozenset(own)
    plain = password.casefold()
    for said in (plain, plain.translate(DISGUISES)):
        if _letters_without(said, own) < OWN_LETTERS:
            raise PasswordOfOwnWords
        core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", said)
        if plain in common or (core in common and len(plain) - len(core) < OWN_LETTERS):
            raise PasswordCommon
    if float(zxcvbn(password[:ESTIMATED], user_inputs=sorted(own))["guesses_log10"]) < GUESSES:
        raise PasswordCommon


@cache
def _common_passwords() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


def _letters_without(said: str, own: frozenset[str]) -> int:
    """How many letters and digits are left when the words are taken out; all of them count where no word occurs."""
    left = said
    for word in sorted(own, key=len, reverse=True):
        left = left.replace(word, " ")
    return LONGEST_PASSWORD if left == said else sum(character.isalnum() for character in left)


def hashed(password: str) -> str:
    """The argon2id hash of a password in its decomposed form, so that two keyboards' é are the same."""
    return str(hash_password(unicodedata.normalize("NFKD", password)))


def is_password(user: User, password: str) -> bool:
    """Whether this is the user's password; it costs the same for a user who has none."""
    text = unicodedata.normalize("NFKD", password)
    if not user.password:
        hash_password(text)
        return False
    return bool(verify_password(text, user.password))


def change_password(
    session: Session, *, by: Actor, old: str, password: str, end_others: bool, session_id: int | None
) -> User:
    """The actor's new password; `end_others` ends all sessions but `session_id`, and trusts no device any more.

    The caller puts the user's new `fs_uniquifier` into the session that goes on. The person is told by mail.
    Raises PasswordWrong, PasswordSame and what `check_password` raises.
    """
    user = session.scalars(select(User).where(User.id == by.user_id, User.active).with_for_update()).one()
    if not is_password(user, old):
        raise PasswordWrong
    if unicodedata.normalize("NFKD", old) == unicodedata.normalize("NFKD", password):
        raise PasswordSame
    check_password(password, own=own_words(session, email=user.email, name=user.name, username=user.username))
    _set_password(session, user, password, by=by)
    if end_others:
        shut_out(session, user, but=session_id)
    return user


def ask_for_reset(session: Session, *, identity: str) -> None:
    """Mail a link that sets a new password to an active user, found by address or user name.

    The caller learns nothing, and it does much the same work for somebody unknown. One mail in five minutes.
    """
    user = find_by_identity(session, identity)
    token, now = new_token(), utc_now()
    if user is None or not user.active:
        words = {"link": _reset_link(token), "hours": RESET_HOURS, "name": ""}
        write_letter(
            get_company(session), to=identity, template="accounts/reset", language=None, cause=None, words=words
        )
        return
    latest = session.scalar(
        select(ResetLink).where(ResetLink.user_id == user.id).order_by(ResetLink.id.desc()).limit(1)
    )
    if latest and window(latest.created_at) == window(now):
        return
    session.add(
        ResetLink(
            user_id=user.id,
            token_hash=token_hash(token),
            created_at=now,
            expires_at=now + dt.timedelta(hours=RESET_HOURS),
        )
    )
    post(
        session,
        to=user.email,
        template="accounts/reset",
        language=user.language or None,
        cause=None,
        by=SYSTEM,
        name=user.name,
        link=_reset_link(token),
        hours=RESET_HOURS,
    )


def _reset_link(token: str) -> str:
    return absolute_url("recovery.reset_link", token=token)


def find_reset(session: Session, token: str) -> User:
    """Whose password the link sets. Raises LinkDead."""
    return _open_reset(session, token)[1]


def set_forgotten_password(session: Session, *, token: str, password: str) -> User:
    """A new password by a link: the link and all others of the person are used up, their sessions are worthless.

    Raises LinkDead and what `check_password` raises.
    """
    _link, user = _open_reset(session, token, lock=True)
    check_password(password, own=own_words(session, email=user.email, name=user.name, username=user.username))
    now = utc_now()
    session.execute(
        update(ResetLink).where(ResetLink.user_id == user.id, ResetLink.used_at.is_(None)).values(used_at=now)
    )
    user.confirmed_at = user.confirmed_at or now
    _set_password(session, user, password, by=SYSTEM)
    shut_out(session, user, but=None)
    return user


def _open_reset(session: Session, token: str, *, lock: bool = False) -> tuple[ResetLink, User]:
    question = (
        select(ResetLink, User)
        .join(User, User.id == ResetLink.user_id)
        .where(
            ResetLink.token_hash == token_hash(token),
            ResetLink.used_at.is_(None),
            ResetLink.expires_at > utc_now(),
            User.active,
        )
    )
    found = session.execute(question.with_for_update() if lock else question).one_or_none()
    if found is None:
        raise LinkDead
    return found[0], found[1]


def _set_password(session: Session, user: User, password: str, *, by: Actor) -> None:
    user.password = hashed(password)
    user.password_changed_at = utc_now()
    notify(session, user, "password_changed", by=by)
