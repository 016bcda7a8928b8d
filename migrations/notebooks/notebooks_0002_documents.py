"""Runs and renderings of documents are another room's: their table goes over with its rows."""

from alembic import op

revision = "notebooks_0002"
down_revision = "notebooks_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _rename("notebooks", "documents")


def downgrade() -> None:
    _rename("documents", "notebooks")  # nothing where the documents room was taken out with its table


def _rename(before: str, after: str) -> None:
    old, new = f"{before}_runs", f"{after}_runs"
    constraints = ("pk_{}", "ck_{}_kind", "ck_{}_state", "fk_{}_notebook_id_notebooks_notebooks")
    for name in constraints:
        op.execute(f"ALTER TABLE IF EXISTS {old} RENAME CONSTRAINT {name.format(old)} TO {name.format(new)}")
    op.execute(f"ALTER INDEX IF EXISTS ix_{old}_notebook_id_id RENAME TO ix_{new}_notebook_id_id")
    op.execute(f"ALTER SEQUENCE IF EXISTS {old}_id_seq RENAME TO {new}_id_seq")
    op.execute(f"ALTER TABLE IF EXISTS {old} RENAME TO {new}")
