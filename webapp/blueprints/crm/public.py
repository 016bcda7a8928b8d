"""What other rooms may use of crm."""

from webapp.blueprints.crm.models import Customer, CustomerKind
from webapp.blueprints.crm.permissions import CrmPermission
from webapp.blueprints.crm.services import find_or_create_contact

__all__ = ["CrmPermission", "Customer", "CustomerKind", "find_or_create_contact"]
