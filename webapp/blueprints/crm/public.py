"""What other rooms may use of crm."""

from webapp.blueprints.crm.models import Customer, CustomerKind
from webapp.blueprints.crm.permissions import CrmPermission

__all__ = ["CrmPermission", "Customer", "CustomerKind"]
