"""People, roles, the company and rows put aside: what even the owner cannot do by hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.core.admin.conftest import Owner
from webapp.blueprints.accounts.models import Role, User
from webapp.blueprints.sales.models import QuarantinedRow, SalesImport
from webapp.core.company import get_company

SignIn = Callable[[str], FlaskClient]


def test_the_hash_of_a_password_is_neither_shown_nor_taken(owner: Owner, session: Session, sign_in: SignIn) -> None:
    sign_in("staff")
    user = session.scalars(select(User).where(User.email.startswith("staff"))).one()
    before = user.password
    for path in ("", f"edit/?id={user.id}", f"details/?id={user.id}", "export/csv/"):
        text = owner.get(f"accounts_users/{path}").text
        assert "argon2" not in text
        assert user.fs_uniquifier not in text
    fields = {
        "email": user.email,
        "name": "New name",
        "active": "y",
        "opened_version": user.version,
        "roles": "",
        "theme": "",
    }
    fields |= {"language": ""}
    assert owner.post(f"accounts_users/edit/?id={user.id}", **fields, password="").status_code in (302, 303)
    session.expire_all()
    assert (user.name, user.password) == ("New name", before)
    fields["opened_version"] = user.version
    assert owner.post(f"accounts_users/edit/?id={user.id}", **fields, password="short").status_code == 422
    sessions = user.fs_uniquifier
    assert owner.post(f"accounts_users/edit/?id={user.id}", **fields, password="long-enough-words").status_code in (
        302,
        303,
    )
    session.expire_all()
    assert user.password not in (before, "long-enough-words")
    assert user.password.startswith("$argon2id$")
    assert user.fs_uniquifier != sessions


def test_a_person_is_made_with_roles(owner: Owner, session: Session) -> None:
    role = session.scalars(select(Role).where(Role.name == "owner")).one()
    fields = {
        "email": "New@People.Bottega.it",
        "name": "N",
        "active": "y",
        "roles": role.id,
        "language": "it",
        "theme": "",
    }
    assert owner.post("accounts_users/new/", **fields, password="long-enough-words").status_code in (302, 303)
    user = session.scalars(select(User).where(User.email == "new@people.bottega.it")).one()
    assert [each.name for each in user.roles] == ["owner"]


def test_the_owner_cannot_lock_themselves_out(owner: Owner, session: Session) -> None:
    me = session.scalars(select(User)).one()
    fields = {
        "email": me.email,
        "name": me.name,
        "password": "",
        "language": "",
        "theme": "",
        "opened_version": me.version,
    }
    answer = owner.post(f"accounts_users/edit/?id={me.id}", **fields, active="y")
    assert answer.status_code == 422
    assert "You cannot take the owner" in answer.text
    answer = owner.post("accounts_users/delete/", id=me.id, confirmed="yes")
    assert "You cannot delete yourself" in owner.browser.get(answer.location).text
    assert session.scalars(select(User)).one().active


def test_the_roles_of_the_house_keep_their_names(owner: Owner, session: Session) -> None:
    role = session.scalars(select(Role).where(Role.name == "owner")).one()
    assert owner.post(f"accounts_roles/edit/?id={role.id}", name="king", description="").status_code == 422
    owner.post("accounts_roles/delete/", id=role.id, confirmed="yes")
    session.expire_all()
    assert session.get(Role, role.id).name == "owner"


def test_a_company_profile_that_would_break_the_pages_is_refused_here_too(owner: Owner, session: Session) -> None:
    page = owner.get("core_company/edit/?id=1").text
    fields = dict(re.findall(r'<input[^>]*\bname="(\w+)"[^>]*\bvalue="([^"]*)"', page)) | {"about": ""}
    fields.pop("csrf_token", None)
    answer = owner.post("core_company/edit/?id=1", **fields | {"time_zone": "Mars/Olympus", "opened_version": "1"})
    assert answer.status_code == 422
    assert "There is no such time zone" in answer.text
    session.expire_all()
    assert get_company(session).time_zone == "Europe/Rome"


def test_a_quarantined_row_can_be_corrected_but_not_forged(owner: Owner, session: Session) -> None:
    imported = SalesImport(filename="a.csv", file_sha256="0" * 64, mapping={}, actor="test")
    session.add(imported)
    session.flush()
    row = QuarantinedRow(
        import_id=imported.id,
        line_number=7,
        raw="a;b;c",
        raw_hash=UUID(int=1),
        raw_occurrence=1,
        reason="The date is none",
        reason_code="date",
        reason_values={},
    )
    session.add(row)
    session.commit()
    answer = owner.post(f"sales_quarantined_rows/edit/?id={row.id}", corrected="a;b;d", state="open", raw="forged")
    assert answer.status_code in (302, 303)
    session.expire_all()
    assert (row.raw, row.corrected) == ("a;b;c", "a;b;d")
