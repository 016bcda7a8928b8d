"""Questions about who somebody is, and about invitations that wait."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import AddressChange, Invitation, Role, User


def find_by_identity(session: Session, identity: str) -> User | None:
    """The user who signs in with this e-mail address or user name, in any letter case; an address has an @."""
    text = identity.strip().lower()
    if not text or "\x00" in text:
        return None
    column = User.email if "@" in text else User.username
    return session.scalars(select(User).where(column == text)).one_or_none()


def list_open_invitations(session: Session) -> list[tuple[Invitation, str]]:
    """Who was invited by somebody and has not answered, the latest first, each with who invited; those too old too."""
    question = (
        select(Invitation, func.coalesce(User.name, ""))
        .outerjoin(User, User.id == Invitation.invited_by)
        .where(Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None), Invitation.by_invitation)
        .order_by(Invitation.id.desc())
    )
    return [(invitation, name) for invitation, name in session.execute(question)]


def list_all_roles(session: Session) -> list[Role]:
    """All roles, the highest first."""
    return list(session.scalars(select(Role).order_by(Role.rank.desc(), Role.name)))


def find_address_change(session: Session, user_id: int) -> AddressChange | None:
    """The change of address that this user waits for, if any."""
    return session.scalar(
        select(AddressChange)
        .where(
            AddressChange.user_id == user_id, AddressChange.ended_at.is_(None), AddressChange.expires_at > func.now()
        )
        .order_by(AddressChange.id.desc())
        .limit(1)
    )
