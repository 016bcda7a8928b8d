"""Orders with their lines, imports and quarantined rows in the administration."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_admin.contrib.sqla.filters import FilterEqual
from flask_admin.model.form import InlineFormAdmin
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.blueprints.catalogue.public import Product
from webapp.blueprints.crm.public import Customer
from webapp.blueprints.sales.models import Order, OrderKind, OrderLine, QuarantinedRow, SalesImport, SalesUpload
from webapp.blueprints.sales.services.quarantine import reason_of
from webapp.core.admin import FromDay, KeyLoader, OwnerModelView, ReadOnlyModelView, ToDay, shortened

KINDS = (
    (OrderKind.SALE.value, _l("Sale")),
    (OrderKind.CANCELLATION.value, _l("Cancellation")),
    (OrderKind.RETURN.value, _l("Return")),
)
STATES = (("open", _l("Open")), ("replayed", _l("Replayed")), ("discarded", _l("Discarded")))
LINES_IN_FORM = 100
LINES_ENDPOINT = "admin_sales_order_lines"
ORDER_NUMBER_FILTER = "sales_orders.number.equal"


def _product_loader() -> KeyLoader:
    return KeyLoader("product", Product, key="sku", search=("sku", "name"))


class OrderLineForm(InlineFormAdmin):  # type: ignore[misc]  # Flask-Admin ships no types
    """The lines inside an order's form."""

    form_columns = ("id", "product", "description", "quantity", "unit_price", "discount")
    form_label = _l("Lines")
    form_args: ClassVar[dict[str, Any]] = {
        "product": {"label": _l("Product (SKU)")},
        "description": {"label": _l("Description")},
        "quantity": {"label": _l("Quantity")},
        "unit_price": {"label": _l("Unit price")},
        "discount": {"label": _l("Discount in percent")},
    }

    def __init__(self) -> None:
        self.form_ajax_refs = {"product": _product_loader()}
        super().__init__(OrderLine)

    def on_model_change(self, form: Any, model: OrderLine, is_created: bool) -> None:  # noqa: ARG002, FBT001 - the library's signature
        """A new line comes after the others."""
        if is_created:
            model.position = max((line.position or 0 for line in model.order.lines), default=0) + 1


class OrderAdmin(OwnerModelView):
    """Orders. What an order comes to is the database's own sum over its lines."""

    column_list = ("id", "number", "kind", "customer", "country", "ordered_at", "net", "units", "line_count")
    column_details_list = (*column_list[1:], "import_id", "created_at", "updated_at", "version", "changed_xid")
    column_searchable_list = ("number",)
    column_sortable_list = ("number", "ordered_at", "net")
    column_choices: ClassVar[dict[str, Any]] = {"kind": KINDS}
    column_filters = (
        "number",
        "kind",
        "country",
        "net",
        FilterEqual(Customer.number, _l("Customer number")),
        FromDay(Order.ordered_at, _l("Ordered")),
        ToDay(Order.ordered_at, _l("Ordered")),
    )
    form_columns = ("number", "kind", "customer", "country", "ordered_at")
    form_choices: ClassVar[dict[str, Any]] = {"kind": KINDS}
    eager = ((Order.lines, OrderLine.product),)
    delete_warning = _l("Its lines are deleted with it.")
    column_labels: ClassVar[dict[str, Any]] = {
        "number": _l("Number"),
        "kind": _l("Kind"),
        "customer": _l("Customer (number)"),
        "country": _l("Country"),
        "ordered_at": _l("Ordered"),
        "net": _l("Net"),
        "units": _l("Units"),
        "line_count": _l("Lines"),
        "import_id": _l("Import"),
    }

    def __init__(self, *args: Any) -> None:
        self.form_ajax_refs = {"customer": KeyLoader("customer", Customer, key="number", search=("number", "name"))}
        self.inline_models: tuple[Any, ...] = (OrderLineForm(),)
        super().__init__(*args)

    def get_edit_form(self) -> Any:
        """The form with the lines; beside it one without them, for orders that have too many."""
        inline, self.inline_models = self.inline_models, ()
        self._form_without_lines = self.get_form()
        self.inline_models = inline
        return super().get_edit_form()

    def edit_form_class(self, record: Order) -> Any:
        """The form that an order gets."""
        return self._form_without_lines if record.line_count > LINES_IN_FORM else super().edit_form_class(record)

    def elsewhere(self, record: Order) -> tuple[Any, str] | None:
        """Where the lines are when the form does not hold them."""
        if record.line_count <= LINES_IN_FORM:
            return None
        words = _("This order has %(count)s lines: change them in their own list.", count=record.line_count)
        return words, self.get_url(f"{LINES_ENDPOINT}.index_view", **{f"flt0_{ORDER_NUMBER_FILTER}": record.number})


class OrderLineAdmin(OwnerModelView):
    """All lines of all orders."""

    column_list = ("id", "order", "position", "product", "quantity", "unit_price", "discount", "net")
    column_export_list = (*column_list, "description")
    column_details_list = (*column_export_list[1:], "source_hash", "source_occurrence")
    column_filters = (
        FilterEqual(Order.number, _l("Order number")),
        FilterEqual(Product.sku, _l("SKU")),
        "quantity",
        "unit_price",
        "net",
    )
    form_columns = ("order", "position", "product", "description", "quantity", "unit_price", "discount")
    column_labels: ClassVar[dict[str, Any]] = {
        "order": _l("Order (number)"),
        "position": _l("Position"),
        "product": _l("Product (SKU)"),
        "description": _l("Description"),
        "quantity": _l("Quantity"),
        "unit_price": _l("Unit price"),
        "discount": _l("Discount in percent"),
        "net": _l("Net"),
        "source_hash": _l("Content of the imported row"),
        "source_occurrence": _l("Occurrence of that content"),
    }

    def __init__(self, *args: Any) -> None:
        self.form_ajax_refs = {
            "order": KeyLoader("order", Order, key="number", search=("number",)),
            "product": _product_loader(),
        }
        super().__init__(*args)


class SalesImportAdmin(OwnerModelView):
    """What was imported. An import is made by importing."""

    can_create = False
    can_edit = False
    column_list = (
        "id",
        "filename",
        "actor",
        "started_at",
        "finished_at",
        "rows",
        "accepted",
        "already_known",
        "quarantined",
    )
    column_details_list = (*column_list[1:], "orders", "customers", "products", "net", "file_sha256", "mapping")
    column_searchable_list = ("filename", "actor")
    column_filters = (
        "filename",
        FromDay(SalesImport.started_at, _l("Started")),
        ToDay(SalesImport.started_at, _l("Started")),
    )
    delete_warning = _l("Its quarantined rows are deleted with it; its orders stay.")
    column_labels: ClassVar[dict[str, Any]] = {
        "filename": _l("File"),
        "file_sha256": _l("SHA-256 of the file"),
        "mapping": _l("Mapping"),
        "actor": _l("Imported by"),
        "started_at": _l("Started"),
        "finished_at": _l("Finished"),
        "rows": _l("Rows"),
        "accepted": _l("Accepted"),
        "already_known": _l("Already known"),
        "quarantined": _l("Quarantined"),
        "orders": _l("Orders"),
        "customers": _l("Customers"),
        "products": _l("Products"),
        "net": _l("Net"),
    }


def _reason(_view: Any, _context: Any, row: QuarantinedRow, _name: str) -> str:
    return reason_of(row)


class QuarantinedRowAdmin(OwnerModelView):
    """Rows that an import put aside. The row itself stays as it was in the file."""

    can_create = False
    column_list = ("id", "import_", "line_number", "column", "reason", "raw", "state")
    column_details_list = (*column_list[1:], "corrected", "created_at")
    column_filters = ("state", "column", "reason", "import_id", FromDay(QuarantinedRow.created_at, _l("Put aside")))
    column_choices: ClassVar[dict[str, Any]] = {"state": STATES}
    column_formatters: ClassVar[dict[str, Any]] = {"raw": shortened, "reason": _reason}
    column_formatters_detail: ClassVar[dict[str, Any]] = {"reason": _reason}
    column_formatters_export: ClassVar[dict[str, Any]] = {"reason": _reason}
    form_choices: ClassVar[dict[str, Any]] = {"state": STATES}
    form_columns = ("corrected", "state")
    note = _l("Corrected rows are taken in from the page “Imports” of the back office.")
    column_labels: ClassVar[dict[str, Any]] = {
        "import_": _l("Import"),
        "import_id": _l("Import (id)"),
        "line_number": _l("Line"),
        "raw": _l("Row as it was"),
        "column": _l("Column"),
        "reason": _l("Reason"),
        "state": _l("State"),
        "corrected": _l("Corrected row"),
        "created_at": _l("Put aside"),
    }


class SalesUploadAdmin(ReadOnlyModelView):
    """Files that somebody sent to import them; the page “Imports” goes on with them."""

    column_list = ("id", "filename", "size", "actor", "created_at", "state", "import_id")
    column_details_list = (*column_list[1:], "file_sha256", "mapping", "checked", "removed_at")
    column_searchable_list = ("filename", "actor")
    column_filters = ("state", FromDay(SalesUpload.created_at, _l("Uploaded")))
    column_labels: ClassVar[dict[str, Any]] = {
        "filename": _l("File"),
        "size": _l("Bytes"),
        "actor": _l("Uploaded by"),
        "created_at": _l("Uploaded"),
        "state": _l("State"),
        "import_id": _l("Import"),
        "file_sha256": _l("SHA-256 of the file"),
        "mapping": _l("Mapping"),
        "checked": _l("Dry run"),
        "removed_at": _l("File removed"),
    }


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [
        OrderAdmin(Order, _l("Orders")),
        OrderLineAdmin(OrderLine, _l("Order lines")),
        SalesImportAdmin(SalesImport, _l("Imports")),
        SalesUploadAdmin(SalesUpload, _l("Uploads")),
        QuarantinedRowAdmin(QuarantinedRow, _l("Quarantined rows")),
    ]
