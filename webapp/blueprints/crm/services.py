"""What people do with customers: create, change and delete them; and the law of the Italian VAT number."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.crm.models import Customer, CustomerKind
from webapp.blueprints.crm.permissions import CrmPermission as May
from webapp.blueprints.crm.queries import find_by_email, get_customer
from webapp.core.errors import DomainError, EditConflict
from webapp.core.policy import hand_over
from webapp.core.security import Actor
from webapp.core.storing import store

log = logging.getLogger(__name__)
ITALY = frozenset({"it", "ita", "italia", "italy"})


class NumberTaken(DomainError):
    """Another customer has this number."""

    field = "number"

    def __init__(self) -> None:
        super().__init__(_("Another customer has this number."))


class VatNumberWrong(DomainError):
    """This cannot be an Italian VAT number."""

    status = 422
    field = "vat_number"

    def __init__(self) -> None:
        super().__init__(_("This is not an Italian VAT number: it has 11 digits, the last of which checks the others."))


PROBLEMS = {"uq_crm_customers_number": NumberTaken}


def is_italian_vat_number(text: str) -> bool:
    """Whether `text` is formed like a partita IVA: eleven digits, of which the last is the check digit.

    Seven digits number the taxpayer, three the office, the last one checks: the digits in odd places are added as they
    are, those in even places doubled (less nine where that exceeds nine); the check digit fills the sum up to a
    multiple of ten. A sum over zeros only is no number. Source: D.M. 23 December 1976 no. 13813 (numbers of subjects
    other than natural persons), the algorithm that the Agenzia delle Entrate uses. It says nothing of whether the
    number is in use.
    """
    if not re.fullmatch(r"[0-9]{11}", text) or text[:7] == "0000000":
        return False
    odd = sum(int(digit) for digit in text[0:10:2])
    even = sum(int(digit) * 2 - (9 if digit > "4" else 0) for digit in text[1:10:2])
    return (odd + even + int(text[10])) % 10 == 0


def clean_vat_number(text: str | None, country: str) -> str | None:
    """The VAT number as it is stored: capitals, no blanks or dots, without IT for Italy; None when there is none.

    Raises VatNumberWrong when the country is Italy and the number cannot be an Italian one.
    """
    plain = re.sub(r"[\s.\-/]", "", text or "").upper()
    if not plain:
        return None
    if country.strip().lower() in ITALY:
        plain = plain.removeprefix("IT")
        if not is_italian_vat_number(plain):
            raise VatNumberWrong
    return plain


def create_customer(session: Session, *, by: Actor, values: Mapping[str, Any]) -> Customer:
    """A new customer of the actor with these column values. Raises NumberTaken, VatNumberWrong."""
    customer = Customer(**_checked(values))
    customer.give_to(by)
    session.add(customer)
    store(session, PROBLEMS)
    log.info("customer %s created by %s", customer.id, by.name)
    return customer


def find_or_create_contact(session: Session, *, by: Actor, email: str, name: str, country: str = "") -> Customer:
    """The customer with this e-mail address, whatever its letter case; a new person where there is none.

    Of several the oldest. Two at once are one: whoever comes second waits for the first one's transaction. A new one gets the
    number W and its id, and belongs to the actor.
    """
    address = email.strip().lower()
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"crm contact {address}", 0))))
    if found := find_by_email(session, address):
        return found
    number = session.scalars(select(func.nextval(func.pg_get_serial_sequence("crm_customers", "id")))).one()
    person = CustomerKind.PERSON.value
    customer = Customer(
        id=number, number=f"W{number:05d}", kind=person, name=name.strip() or address, email=address, country=country
    )
    customer.give_to(by)
    session.add(customer)
    store(session, PROBLEMS)
    log.info("customer %s created by %s, who wrote", customer.id, by.name)
    return customer


def update_customer(
    session: Session, *, by: Actor, customer_id: int, version: int, values: Mapping[str, Any]
) -> Customer:
    """Change the customer that the actor saw as `version`.

    Raises NotFound, NotAllowed, EditConflict, NumberTaken, VatNumberWrong.
    """
    customer = get_customer(session, customer_id, by=by, to=May.CUSTOMERS_WRITE, lock=True)
    if customer.version != version:
        raise EditConflict
    for name, value in _checked(values).items():
        setattr(customer, name, value)
    store(session, PROBLEMS)
    log.info("customer %s changed by %s", customer.id, by.name)
    return customer


def delete_customer(session: Session, *, by: Actor, customer_id: int, version: int) -> None:
    """Delete the customer that the actor saw as `version`. Raises NotFound, NotAllowed, EditConflict, InUse (it has orders)."""
    customer = get_customer(session, customer_id, by=by, to=May.CUSTOMERS_WRITE, lock=True)
    if customer.version != version:
        raise EditConflict
    session.delete(customer)
    store(session)
    log.info("customer %s deleted by %s", customer_id, by.name)


def hand_customer_over(
    session: Session, *, by: Actor, customer_id: int, version: int, owner_id: int | None, group_id: int | None
) -> Customer:
    """Give the customer that the actor saw as `version` to another person and group. Raises NotFound, NotAllowed, EditConflict."""
    customer = get_customer(session, customer_id, by=by, to=May.CUSTOMERS_ASSIGN, lock=True)
    if customer.version != version:
        raise EditConflict
    hand_over(by, May.CUSTOMERS_ASSIGN, customer, owner_id=owner_id, group_id=group_id)
    store(session)
    log.info("customer %s handed over to %s in group %s by %s", customer.id, owner_id, group_id, by.name)
    return customer


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    return dict(values) | {
        "email": values.get("email") or None,
        "vat_number": clean_vat_number(values.get("vat_number"), values.get("country") or ""),
    }
