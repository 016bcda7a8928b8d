"""`bottega users` and `bottega roles`: people and their rights from the command line."""

from webapp.blueprints.accounts.cli.roles import roles
from webapp.blueprints.accounts.cli.users import users

__all__ = ["roles", "users"]
