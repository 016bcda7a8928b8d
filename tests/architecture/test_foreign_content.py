"""What people bring in is shown and never run, and nothing of a page comes from elsewhere."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.rooms.accounts.pages import token_of
from tests.rooms.catalogue.makers import make_product
from tests.rooms.crm.makers import make_customer
from tests.rooms.sales.makers import make_order
from webapp.core.settings import PROJECT

SignIn = Callable[[str], FlaskClient]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<html><script>alert(1)</script></html>", "logo.png"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "logo.svg"),
        (b"GIF89a<script>alert(1)</script>", "logo.html"),
    ],
)
def test_what_somebody_uploads_is_never_served_as_a_page(
    sign_in: SignIn, app: Flask, content: bytes, name: str
) -> None:
    owner = sign_in("owner")
    page = owner.get("/backoffice/company/")
    fields = dict(re.findall(r'name="(\w+)"[^>]*value="([^"]*)"', page.text))
    form = fields | {"csrf_token": token_of(page), "logo": (io.BytesIO(content), name, "text/html")}
    owner.post("/backoffice/company/", data=form, content_type="multipart/form-data")
    answer = app.test_client().get("/branding/logo")
    assert answer.status_code == 404 or answer.mimetype.startswith("image/")
    assert answer.mimetype not in ("image/svg+xml", "text/html") or answer.status_code == 404
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_text_out_of_an_uploaded_file_is_shown_as_text(session: Session, sign_in: SignIn) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    customer = make_customer(session, name=attack, country=attack[:50])
    product = make_product(session, name=attack)
    order = make_order(session, product, customer_id=customer.id, country=attack[:50])
    session.commit()
    owner = sign_in("owner")
    for path in (
        "/backoffice/customers/",
        f"/backoffice/customers/{customer.id}/",
        f"/backoffice/customers/{customer.id}/edit",
        f"/backoffice/orders/{order.id}/",
        f"/backoffice/products/{product.id}/",
        f"/admin/crm_customers/details/?id={customer.id}",
    ):
        page = owner.get(path).text
        assert "&lt;script&gt;" in page, path
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path


def test_nothing_of_a_page_comes_from_another_site() -> None:
    reference = re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", re.IGNORECASE)
    addresses = re.compile(r"""(?:fetch|import|url)\(\s*["']?(?:https?:)?//""", re.IGNORECASE)
    for pattern, rule in (("*.html", reference), ("static/src/**/*.js", addresses), ("static/src/**/*.css", addresses)):
        for path in (PROJECT / "webapp").rglob(pattern):
            if not Path(path).is_relative_to(PROJECT / "webapp" / "static" / "dist"):
                assert not rule.search(re.sub(r"{#.*?#}", "", path.read_text(), flags=re.DOTALL)), path
