"""The records of the accounts room."""

from webapp.blueprints.accounts.models.people import RANKS, ROLES, Role, User, user_roles
from webapp.blueprints.accounts.models.rights import Group, GroupRole, Membership, RoleGrant

__all__ = ["RANKS", "ROLES", "Group", "GroupRole", "Membership", "Role", "RoleGrant", "User", "user_roles"]
