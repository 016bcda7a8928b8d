"""Of a push that left without an answer it is not known whether it arrived: a state of its own."""

from alembic import op

revision = "push_0002"
down_revision = "push_0001"
branch_labels = None
depends_on = None

STATES = ["waiting", "sending", "sent", "dead", "failed", "cancelled"]


def _allow(states: list[str]) -> None:
    op.drop_constraint(op.f("ck_push_deliveries_state"), "push_deliveries", type_="check")
    named = ", ".join(f"'{state}'" for state in states)
    op.create_check_constraint(op.f("ck_push_deliveries_state"), "push_deliveries", f"state IN ({named})")


def upgrade() -> None:
    _allow([*STATES, "unclear"])


def downgrade() -> None:
    op.execute("UPDATE push_deliveries SET state = 'failed' WHERE state = 'unclear'")
    op.execute(
        "UPDATE push_messages SET counts = counts - 'unclear' || jsonb_build_object("
        "'failed', coalesce((counts->>'failed')::int, 0) + (counts->>'unclear')::int) WHERE counts ? 'unclear'"
    )
    _allow(STATES)
