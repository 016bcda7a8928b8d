"""The records of the accounts room."""

from webapp.blueprints.accounts.models.people import ROLES, Role, User, user_roles

__all__ = ["ROLES", "Role", "User", "user_roles"]
