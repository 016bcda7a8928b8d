"""The change of an e-mail address: both the old and the new one say yes, in whichever order, before anything changes."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import AddressChange, User
from webapp.blueprints.accounts.queries.people import find_user
from webapp.blueprints.accounts.services.links import ADDRESS_HOURS, LinkDead, new_token, token_hash
from webapp.blueprints.accounts.services.names import USER_PROBLEMS, checked_address
from webapp.blueprints.accounts.services.notices import notify
from webapp.core.addresses import absolute_url
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError, NotAllowed
from webapp.core.mail import post
from webapp.core.security import SYSTEM, Actor
from webapp.core.storing import store


class AddressSame(DomainError):
    """The new address is the one that the person has."""

    status = 422
    field = "email"

    def __init__(self) -> None:
        super().__init__(_("This is the address that you have already."))


class Side(StrEnum):
    """Whose yes a link gives."""

    OLD = "old"
    NEW = "new"


def ask_address_change(session: Session, *, by: Actor, email: str) -> AddressChange:
    """Mail the question to the old address and to the new one; a change that waits is given up for this one.

    Where somebody has the new address already, its owner is told instead and the change can never be complete: the
    actor learns nothing. Raises EmailWrong, AddressSame.
    """
    user = session.scalar(select(User).where(User.id == by.user_id, User.active)) if by.signed_in else None
    if user is None:
        raise NotAllowed(_("Please sign in"))
    address = checked_address(email)
    if address == user.email:
        raise AddressSame
    stop_address_change(session, by=by)
    old, new, now = new_token(), new_token(), utc_now()
    change = AddressChange(
        user_id=user.id,
        email=address,
        old_token_hash=token_hash(old),
        new_token_hash=token_hash(new),
        created_at=now,
        expires_at=now + dt.timedelta(hours=ADDRESS_HOURS),
    )
    session.add(change)
    _ask(session, user, to=user.email, side=Side.OLD, token=old, email=address)
    if taken_by := find_user(session, address):
        post(
            session,
            to=address,
            template="accounts/address_taken",
            language=taken_by.language or None,
            cause=None,
            by=SYSTEM,
            name=taken_by.name,
        )
    else:
        _ask(session, user, to=address, side=Side.NEW, token=new, email=address)
    return change


def stop_address_change(session: Session, *, by: Actor) -> None:
    """Give up the change that the actor waits for, if there is one."""
    session.execute(
        update(AddressChange)
        .where(AddressChange.user_id == by.user_id, AddressChange.ended_at.is_(None))
        .values(ended_at=utc_now())
    )


def find_address_side(session: Session, token: str) -> tuple[AddressChange, Side]:
    """What a link is about, and whose yes it gives. Raises LinkDead."""
    return _open_change(session, token)


def agree_to_address(session: Session, *, token: str) -> AddressChange:
    """The yes of one side; with the second one the address is changed, and the old one is told.

    Raises LinkDead, EmailTaken when somebody took the address meanwhile.
    """
    change, side = _open_change(session, token, lock=True)
    now = utc_now()
    if side is Side.OLD:
        change.old_agreed_at = change.old_agreed_at or now
    else:
        change.new_agreed_at = change.new_agreed_at or now
    if change.old_agreed_at and change.new_agreed_at:
        _change_address(session, change, now)
    return change


def refuse_address(session: Session, *, token: str) -> None:
    """The no of one side: nothing is changed, and neither link is good any more. Raises LinkDead."""
    change, _side = _open_change(session, token, lock=True)
    change.ended_at = utc_now()


def _change_address(session: Session, change: AddressChange, now: dt.datetime) -> None:
    user = session.scalars(select(User).where(User.id == change.user_id).with_for_update()).one()
    before = user.email
    user.email = change.email
    user.confirmed_at = change.ended_at = now
    store(session, USER_PROBLEMS)
    notify(session, user, "address_changed", by=SYSTEM, to=before, email=user.email)


def _open_change(session: Session, token: str, *, lock: bool = False) -> tuple[AddressChange, Side]:
    wanted = token_hash(token)
    question = (
        select(AddressChange)
        .join(User, User.id == AddressChange.user_id)
        .where(
            or_(AddressChange.old_token_hash == wanted, AddressChange.new_token_hash == wanted),
            AddressChange.ended_at.is_(None),
            AddressChange.expires_at > utc_now(),
            User.active,
        )
    )
    change = session.scalar(question.with_for_update(of=AddressChange) if lock else question)
    if change is None:
        raise LinkDead
    return change, Side.OLD if change.old_token_hash == wanted else Side.NEW


def _ask(session: Session, user: User, *, to: str, side: Side, token: str, email: str) -> None:
    post(
        session,
        to=to,
        template=f"accounts/address_{side.value}",
        language=user.language or None,
        cause=None,
        by=SYSTEM,
        name=user.name,
        email=email,
        link=absolute_url("proof.address_link", token=token),
        hours=ADDRESS_HOURS,
    )
