"""The records of the accounts room."""

from webapp.blueprints.accounts.models.people import RANKS, ROLES, Role, User, user_roles
from webapp.blueprints.accounts.models.rights import Group, GroupRole, Membership, RoleGrant
from webapp.blueprints.accounts.models.sessions import AttemptCount, Ending, Impersonation, Outcome, SignIn, UserSession
from webapp.blueprints.accounts.models.sign_in import AddressChange, Invitation, Passkey, ResetLink
from webapp.blueprints.accounts.models.terms import Acceptance, Document, DocumentKind

__all__ = [
    "RANKS",
    "ROLES",
    "Acceptance",
    "AddressChange",
    "AttemptCount",
    "Document",
    "DocumentKind",
    "Ending",
    "Group",
    "GroupRole",
    "Impersonation",
    "Invitation",
    "Membership",
    "Outcome",
    "Passkey",
    "ResetLink",
    "Role",
    "RoleGrant",
    "SignIn",
    "User",
    "UserSession",
    "user_roles",
]
