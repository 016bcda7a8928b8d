"""How the API writes orders."""

from __future__ import annotations

from marshmallow import Schema, fields

from webapp.blueprints.sales.models import OrderKind
from webapp.core.api import Amount, Moment


class OrderSchema(Schema):
    """An order, without its lines."""

    id = fields.Integer(required=True)
    number = fields.String(required=True, metadata={"description": "The order's number in the company."})
    ordered_at = Moment(required=True)
    kind = fields.String(required=True, metadata={"enum": [kind.value for kind in OrderKind]})
    customer_number = fields.String(
        required=True, allow_none=True, metadata={"description": "Null for an anonymous sale."}
    )
    customer_name = fields.String(required=True, allow_none=True, attribute="customer")
    country = fields.String(required=True, metadata={"description": "As it stood in the source; may be empty."})
    line_count = fields.Integer(required=True)
    units = Amount(3, required=True)
    net = Amount(4, required=True, metadata={"description": "In the company's currency, without tax."})


class OrderLineSchema(Schema):
    """A line of an order."""

    position = fields.Integer(required=True)
    sku = fields.String(required=True, attribute="product.sku")
    description = fields.String(required=True)
    quantity = Amount(3, required=True)
    unit_price = Amount(4, required=True)
    discount = Amount(2, required=True, metadata={"description": "In percent."})
    net = Amount(4, required=True)


class OrderWithLinesSchema(OrderSchema):
    """An order with its lines."""

    lines = fields.List(fields.Nested(OrderLineSchema), required=True)
