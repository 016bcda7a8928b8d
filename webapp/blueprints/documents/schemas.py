"""How the API writes runs and renderings of documents, and what it takes."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import Length

from webapp.blueprints.documents.queries import KINDS, STATES
from webapp.core.api import Moment

PATH = {"description": "A document of the notebook's home, as in reports/sales.ipynb."}


class DocumentLineSchema(Schema):
    """A run or rendering in the list."""

    id = fields.Integer(required=True)
    document = fields.String(required=True, metadata=PATH)
    kind = fields.String(required=True, metadata={"enum": list(KINDS)})
    state = fields.String(required=True, metadata={"enum": list(STATES)})
    asked_at = Moment(required=True)
    finished_at = Moment(required=True, allow_none=True)
    size = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Bytes of the document that is kept."}
    )


class DocumentSchema(DocumentLineSchema):
    """A document that is, or was, run or rendered."""

    notebook = fields.String(required=True, metadata={"description": "The short name of its notebook."})
    parameters = fields.Dict(required=True, keys=fields.String(), metadata={"description": "What it was run with."})
    words = fields.String(required=True, metadata={"description": "What it said last when it failed."})
    task_id = fields.Integer(required=True, allow_none=True)


class RenderingAskedSchema(Schema):
    """A document that readers are to see."""

    document = fields.String(required=True, validate=Length(min=1, max=300), metadata=PATH)


class RunAskedSchema(RenderingAskedSchema):
    """A document that is to be run."""

    parameters = fields.Dict(
        keys=fields.String(),
        load_default=dict,
        metadata={"description": "They take the place of those in the cell that is tagged “parameters”."},
    )
