"""What other rooms may use of sales."""

from webapp.blueprints.sales.permissions import SalesPermission

__all__ = ["SalesPermission"]
