"""How people come in: somebody with the right invites them, or they ask themselves where registration is open.

Either way an account exists only after a link that reached its address was followed, so nobody occupies another's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import uuid4

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import Invitation, User
from webapp.blueprints.accounts.permissions import AccountsPermission as May
from webapp.blueprints.accounts.queries.people import find_user, list_roles
from webapp.blueprints.accounts.services.links import (
    INVITATION_DAYS,
    REGISTRATION_HOURS,
    LinkDead,
    new_token,
    token_hash,
    window,
)
from webapp.blueprints.accounts.services.names import USER_PROBLEMS, EmailTaken, checked_address, checked_username
from webapp.blueprints.accounts.services.passwords import check_password, hashed, own_words
from webapp.core.addresses import absolute_url
from webapp.core.clock import utc_now
from webapp.core.errors import NotAllowed, NotFound
from webapp.core.mail import post
from webapp.core.security import SYSTEM, Actor
from webapp.core.storing import store


def invite(
    session: Session, *, by: Actor, email: str, name: str, roles: Iterable[str], registration: str, language: str | None
) -> Invitation:
    """Invite somebody by mail to make an account with these roles; a former invitation of theirs is withdrawn.

    `registration` is the setting. Raises NotAllowed (also for a role above the actor's own rank, and when the house is
    closed), EmailWrong, EmailTaken, NotFound for a role that is not there.
    """
    _check_may_invite(by, registration)
    address = checked_address(email)
    if find_user(session, address):
        raise EmailTaken
    wanted = frozenset(roles)
    found = list_roles(session, wanted)
    if missing := wanted - {role.name for role in found}:
        raise NotFound(_("There is no role %(names)s.", names=", ".join(sorted(missing))))
    if not by.everything and any(role.rank > by.rank for role in found):
        raise NotAllowed(_("Nobody gives a role that is above their own."))
    return _open(session, by=by, email=address, name=name.strip(), roles=sorted(wanted), language=language)


def resend_invitation(
    session: Session, *, by: Actor, invitation_id: int, registration: str, language: str | None
) -> Invitation:
    """Send an invitation once more: with a new link and all its time; the old link is dead. Raises NotAllowed, NotFound."""
    old = _get_waiting(session, invitation_id)
    return invite(
        session,
        by=by,
        email=old.email,
        name=old.name,
        roles=old.roles,
        registration=registration,
        language=language,
    )


def withdraw_invitation(session: Session, *, by: Actor, invitation_id: int) -> None:
    """The link of the invitation opens nothing any more. Raises NotAllowed, NotFound."""
    if not by.may(May.USERS_EDIT):
        raise NotAllowed(_("You may not invite people."))
    _get_waiting(session, invitation_id).withdrawn_at = utc_now()


def ask_to_register(session: Session, *, email: str, registration: str, language: str | None) -> None:
    """Where registration is open: mail a link to this address that makes an account without any role.

    Who has an account already is told so by mail; the caller learns nothing. One mail in five minutes.
    Raises NotAllowed where it is not open, EmailWrong.
    """
    if registration != "open":
        raise NotAllowed(_("People come in here by invitation."))
    address = checked_address(email)
    user = find_user(session, address)
    if user is None:
        latest = session.scalar(
            select(Invitation).where(Invitation.email == address).order_by(Invitation.id.desc()).limit(1)
        )
        if latest and latest.by_invitation and _is_open(latest):
            return  # the mail with that invitation has the better link: it brings roles
        if latest is None or window(latest.created_at) != window(utc_now()):
            _open(session, by=None, email=address, name="", roles=[], language=language)
        return
    post(
        session,
        to=address,
        template="accounts/registered_already",
        language=user.language or language,
        cause=f"accounts:registered-already:{user.id}:{window(utc_now())}",
        by=SYSTEM,
        name=user.name,
    )


def find_invitation(session: Session, token: str) -> Invitation:
    """The invitation that a link opens. Raises LinkDead."""
    invitation = session.scalar(select(Invitation).where(Invitation.token_hash == token_hash(token)))
    if invitation is None or not _is_open(invitation):
        raise LinkDead
    return invitation


def accept_invitation(session: Session, *, token: str, name: str, username: str, password: str) -> User:
    """The account that an invitation promised; its address is confirmed, since the link reached it.

    Raises LinkDead, EmailTaken, UsernameTaken, UsernameWrong and what `check_password` raises.
    """
    invitation = session.scalar(select(Invitation).where(Invitation.token_hash == token_hash(token)).with_for_update())
    if invitation is None or not _is_open(invitation):
        raise LinkDead
    chosen = checked_username(username)
    check_password(password, own=own_words(session, email=invitation.email, name=name, username=chosen))
    now = utc_now()
    user = User(
        email=invitation.email,
        name=name.strip(),
        username=chosen,
        password=hashed(password),
        password_changed_at=now,
        confirmed_at=now,
        fs_uniquifier=uuid4().hex,
        roles=list_roles(session, frozenset(invitation.roles)),
    )
    session.add(user)
    invitation.accepted_at = now
    store(session, USER_PROBLEMS)
    return user


def _check_may_invite(by: Actor, registration: str) -> None:
    if not by.may(May.USERS_EDIT):
        raise NotAllowed(_("You may not invite people."))
    if registration == "closed":
        raise NotAllowed(_("This house is closed to new people: the setting REGISTRATION says so."))


def _open(
    session: Session, *, by: Actor | None, email: str, name: str, roles: list[str], language: str | None
) -> Invitation:
    now, token = utc_now(), new_token()
    session.execute(
        update(Invitation)
        .where(Invitation.email == email, Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    )
    time = dt.timedelta(days=INVITATION_DAYS) if by else dt.timedelta(hours=REGISTRATION_HOURS)
    invitation = Invitation(
        email=email,
        name=name,
        roles=roles,
        by_invitation=by is not None,
        invited_by=by.user_id if by else None,
        token_hash=token_hash(token),
        created_at=now,
        expires_at=now + time,
    )
    session.add(invitation)
    session.flush()
    post(
        session,
        to=email,
        template="accounts/invitation" if by else "accounts/registration",
        language=language,
        cause=None,
        by=by or SYSTEM,
        name=name,
        inviter=by.name if by and by.signed_in else "",
        link=absolute_url("joining.invitation_link", token=token),
        days=INVITATION_DAYS,
        hours=REGISTRATION_HOURS,
    )
    return invitation


def _is_open(invitation: Invitation) -> bool:
    ended = invitation.accepted_at or invitation.withdrawn_at
    return ended is None and invitation.expires_at > utc_now()


def _get_waiting(session: Session, invitation_id: int) -> Invitation:
    invitation = session.get(Invitation, invitation_id)
    if invitation is None or invitation.accepted_at or invitation.withdrawn_at:
        raise NotFound(_("This invitation does not wait any more."))
    return invitation
