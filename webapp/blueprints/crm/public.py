"""What other rooms may use of crm."""

from webapp.blueprints.crm.models import Customer, CustomerKind

__all__ = ["Customer", "CustomerKind"]
