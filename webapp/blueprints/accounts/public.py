"""What other rooms may use of accounts."""

from webapp.blueprints.accounts.events import AccountEnding
from webapp.blueprints.accounts.models import Role, User
from webapp.blueprints.accounts.queries.role_actors import find_role_actor, list_all_roles

__all__ = ["AccountEnding", "Role", "User", "find_role_actor", "list_all_roles"]
