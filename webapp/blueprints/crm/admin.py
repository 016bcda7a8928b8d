"""Customers in the administration."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.crm.models import Customer, CustomerKind
from webapp.core.admin import OwnerModelView

KINDS = ((CustomerKind.PERSON.value, _l("Person")), (CustomerKind.ORGANISATION.value, _l("Organisation")))


class CustomerAdmin(OwnerModelView):
    """Those who buy."""

    column_list = ("id", "number", "name", "kind", "email", "country", "vat_number")
    column_searchable_list = ("number", "name", "email")
    column_filters = ("number", "name", "kind", "country", "email", "vat_number")
    column_sortable_list = ("number", "name", "kind", "country")
    column_choices: ClassVar[dict[str, Any]] = {"kind": KINDS}
    form_choices: ClassVar[dict[str, Any]] = {"kind": KINDS}
    form_columns = ("number", "kind", "name", "email", "country", "vat_number")
    column_labels: ClassVar[dict[str, Any]] = {
        "number": _l("Number"),
        "kind": _l("Kind"),
        "name": _l("Name"),
        "email": _l("E-mail"),
        "country": _l("Country"),
        "vat_number": _l("VAT number"),
    }


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [CustomerAdmin(Customer, _l("Customers"))]
