"""What the room stores about somebody, as JSON values: their part of the export of one's own data."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import (
    Group,
    Impersonation,
    Invitation,
    Membership,
    Passkey,
    SignIn,
    User,
    UserSession,
)
from webapp.blueprints.accounts.queries.people import find_user, get_user
from webapp.blueprints.accounts.queries.rights import list_roles_of
from webapp.blueprints.accounts.queries.terms import list_acceptances
from webapp.core.mail import mails_to
from webapp.core.personal import tell_of_address
from webapp.core.room import opened


def tell_personal(session: Session, user_id: int) -> dict[str, Any]:
    """All that the room knows of a user, but for what proves who they are: hashes and keys are of use to thieves alone."""
    user = get_user(session, user_id)
    groups = select(Group.name).join(Membership, Membership.group_id == Group.id).where(Membership.user_id == user_id)
    return {
        "profile": _profile(user),
        "roles": [role.name for role in list_roles_of(session, user_id)],
        "groups": list(session.scalars(groups.order_by(Group.name))),
        "passkeys": [
            {"name": each.name, "created_at": _iso(each.created_at), "last_used_at": _iso(each.lastuse_datetime)}
            for each in session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id))
        ],
        "sessions": [
            {
                "started_at": _iso(each.started_at),
                "last_seen_at": _iso(each.last_seen_at),
                "ended_at": _iso(each.ended_at),
                "method": each.method,
                "address": each.address,
                "browser": each.agent,
            }
            for each in session.scalars(
                select(UserSession).where(UserSession.user_id == user_id).order_by(UserSession.id)
            )
        ],
        "sign_ins": [
            {
                "at": _iso(each.happened_at),
                "outcome": each.outcome,
                "method": each.method,
                "address": each.address,
                "browser": each.agent,
            }
            for each in session.scalars(select(SignIn).where(SignIn.user_id == user_id).order_by(SignIn.id))
        ],
        "accepted": [
            {"text": document.kind, "version": document.number, "at": _iso(acceptance.accepted_at)}
            for acceptance, document in list_acceptances(session, user_id)
        ],
        "mails": mails_to(session, user.email),
        "somebody_acted_as_you": [
            {
                "who": each.actor_name,
                "reason": each.reason,
                "from": _iso(each.started_at),
                "to": _iso(each.ended_at),
                "writes": each.steps,
            }
            for each in session.scalars(
                select(Impersonation).where(Impersonation.target_id == user_id).order_by(Impersonation.id)
            )
        ],
    }


def tell_all_of(session: Session, user_id: int) -> dict[str, Any]:
    """All that the rooms store about a user; what they know by the address alone only where it is proven to be theirs."""
    user = get_user(session, user_id)
    told = {"rooms": {room.name: room.personal(session, user_id) for room in opened() if room.personal}}
    if user.confirmed_at:
        told["by_address"] = tell_of_address(session, user.email, without=("accounts", "mail"))  # told above
        if invitations := _tell_invitations(session, user.email):
            told["by_address"]["accounts"] = {"invitations": invitations}
    return told


def tell_account(session: Session, address: str) -> dict[str, Any]:
    """The invitations to this address, and all that the rooms store about whoever signs in with it."""
    told: dict[str, Any] = {"invitations": _tell_invitations(session, address)}
    if user := find_user(session, address):
        told["rooms"] = {room.name: room.personal(session, user.id) for room in opened() if room.personal}
    return told


def _tell_invitations(session: Session, address: str) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "roles": each.roles,
            "created_at": _iso(each.created_at),
            "expires_at": _iso(each.expires_at),
            "accepted_at": _iso(each.accepted_at),
            "withdrawn_at": _iso(each.withdrawn_at),
        }
        for each in session.scalars(select(Invitation).where(Invitation.email == address).order_by(Invitation.id))
    ]


def _profile(user: User) -> dict[str, Any]:
    return {
        "email": user.email,
        "name": user.name,
        "username": user.username,
        "language": user.language,
        "theme": user.theme,
        "created_at": _iso(user.created_at),
        "confirmed_at": _iso(user.confirmed_at),
        "password_changed_at": _iso(user.password_changed_at),
        "codes_of_an_app": user.tf_totp_secret is not None,
    }


def _iso(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None
