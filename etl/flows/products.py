"""The products of GOLD."""

from __future__ import annotations

from etl.audits.keys import repeated_keys
from etl.flows.work import Flow, Work
from etl.gold.tables import DIM_PRODUCT
from etl.sources.bottega import keys_of


def run(work: Work) -> None:
    """Keep dim_product: those that changed themselves or by their category, without those that are gone."""
    changes = work.changes(work.retried)
    products = work.source.products(changes)
    deleted = work.source.deleted("catalogue_products", changes)
    kept = work.sift(DIM_PRODUCT, products)
    work.gold.load(DIM_PRODUCT, kept)
    scope = None if work.whole else {"product_key": keys_of(products, "product_key", deleted)}
    work.audit(keys_unique=repeated_keys(work.keys))
    work.run.deleted = work.gold.settle(DIM_PRODUCT, scope)


FLOW = Flow("products", (DIM_PRODUCT,), run, sources=("catalogue_categories", "catalogue_products"))
