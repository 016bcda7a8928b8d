"""The questions to the records of the crm room: the list of customers, one of them, and what to suggest."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from webapp.blueprints.crm.models import Customer, CustomerKind
from webapp.blueprints.crm.permissions import CrmPermission as May
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, ListSpec, Search, Text, distinct_values, folded, matches
from webapp.core.policy import RecordRule, demand, may, visible
from webapp.core.security import Actor

KINDS = {CustomerKind.ORGANISATION.value: _l("Organisation"), CustomerKind.PERSON.value: _l("Person")}
SUGGESTIONS = 20
RULE = RecordRule(Customer, _l("Customer"), Customer.number, frozenset(May))


def list_countries(session: Session) -> tuple[str, ...]:
    """The countries that customers have, in order."""
    return distinct_values(session, Customer.country)


CUSTOMERS = ListSpec(
    name="customers",
    source=Customer,
    id=Customer.id,
    columns=(
        Column("number", _l("Number"), Customer.number, sort_by=Customer.number),
        Column("name", _l("Name"), Customer.name, sort_by=folded(Customer.name)),
        Column("kind", _l("Kind"), Customer.kind, kind="choice", choices=KINDS),
        Column("country", _l("Country"), Customer.country, sort_by=Customer.country),
        Column("email", _l("E-mail"), Customer.email),
        Column("vat_number", _l("VAT number"), Customer.vat_number),
        Column("created_at", _l("Created"), Customer.created_at, kind="date", shown=False),
        Column("updated_at", _l("Changed"), Customer.updated_at, kind="date", shown=False),
    ),
    sort="name",
    filters=(
        Text("country", _l("Country"), Customer.country, match="exact", suggestions=list_countries),
        Choice("kind", _l("Kind"), Customer.kind, KINDS),
    ),
    search=(
        Search(Customer.number, "prefix"),
        Search(Customer.name),
        Search(Customer.email, "prefix"),
        Search(Customer.vat_number, "prefix"),
    ),
    search_hint=_l("Number, name, e-mail or VAT number"),
)


def get_customer(
    session: Session, customer_id: int, *, by: Actor, to: str = May.CUSTOMERS_READ, lock: bool = False
) -> Customer:
    """The customer with this id, if the actor may see it, read again and kept from others until the end if to `lock`.

    Raises NotFound, also for one that the actor may not see, and NotAllowed when the permission `to` does not reach it.
    """
    customer = session.get(Customer, customer_id, with_for_update=lock or None)
    if customer is None or not may(by, May.CUSTOMERS_READ, customer):
        raise NotFound(_("This customer does not exist, or does not any more."))
    demand(by, to, customer)
    return customer


def find_by_email(session: Session, email: str) -> Customer | None:
    """The oldest customer with this address, whatever its letter case."""
    same = func.lower(Customer.email) == email.strip().lower()
    return session.scalars(select(Customer).where(same).order_by(Customer.id).limit(1)).one_or_none()


def suggest_customers(session: Session, text: str, *, by: Actor) -> list[tuple[str, str]]:
    """A few customers as (number, name) whose number begins with `text` or whose name contains it, by number."""
    found = or_(matches(Customer.number, text, "prefix"), matches(Customer.name, text, "contains"))
    customers = select(Customer.number, Customer.name).where(found).order_by(Customer.number).limit(SUGGESTIONS)
    return [(row.number, row.name) for row in session.execute(visible(by, customers, May.CUSTOMERS_READ))]


def tell_of_address(session: Session, address: str) -> dict[str, Any]:
    """The customers with that e-mail address, as JSON values."""
    named = ("number", "kind", "name", "email", "country", "vat_number")
    found = session.scalars(select(Customer).where(func.lower(Customer.email) == address).order_by(Customer.id))
    return {"customers": [{name: getattr(each, name) for name in named} for each in found]}
