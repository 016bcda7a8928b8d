"""How the API writes customers."""

from __future__ import annotations

from marshmallow import Schema, fields

from webapp.blueprints.crm.models import CustomerKind
from webapp.core.api import Moment


class CustomerSchema(Schema):
    """Somebody who buys."""

    id = fields.Integer(required=True)
    number = fields.String(required=True, metadata={"description": "The company's own customer number."})
    name = fields.String(required=True)
    kind = fields.String(required=True, metadata={"enum": [kind.value for kind in CustomerKind]})
    country = fields.String(required=True, metadata={"description": "Empty when it is not known."})
    email = fields.String(required=True, allow_none=True)
    vat_number = fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)
