"""The customers of GOLD."""

from __future__ import annotations

from etl.audits.keys import repeated_keys
from etl.flows.work import Flow, Work
from etl.gold.tables import DIM_CUSTOMER
from etl.sources.bottega import keys_of
from etl.transforms.customers import with_anonymous


def run(work: Work) -> None:
    """Keep dim_customer: those that changed, without those that are gone."""
    changes = work.changes(work.retried)
    customers = work.source.customers(changes)
    deleted = work.source.deleted("crm_customers", changes)
    kept = work.sift(DIM_CUSTOMER, customers)
    work.gold.load(DIM_CUSTOMER, with_anonymous(kept) if work.whole else kept)
    scope = None if work.whole else {"customer_key": keys_of(customers, "customer_key", deleted)}
    work.audit(keys_unique=repeated_keys(work.keys))
    work.run.deleted = work.gold.settle(DIM_CUSTOMER, scope)


FLOW = Flow("customers", (DIM_CUSTOMER,), run, sources=("crm_customers",))
