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
    op.execute(
        f"""
        DO $$
        DECLARE named text;
        BEGIN
            FOR named IN SELECT conname FROM pg_constraint WHERE conrelid = to_regclass('{old}') LOOP
                EXECUTE format('ALTER TABLE {old} RENAME CONSTRAINT %I TO %I', named, replace(named, '{old}', '{new}'));
            END LOOP;
        END $$;
        ALTER INDEX IF EXISTS ix_{old}_notebook_id_id RENAME TO ix_{new}_notebook_id_id;
        ALTER SEQUENCE IF EXISTS {old}_id_seq RENAME TO {new}_id_seq;
        ALTER TABLE IF EXISTS {old} RENAME TO {new};
        """
    )
