"""Editors make forms, people answer what was written in them, and old messages stay as they were."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.rooms.forms.makers import contact_form, filled, make_form
from tests.rooms.forms.test_visitors import address, latest, send, stamped
from webapp.blueprints.consents.models import Consent
from webapp.blueprints.forms.models import FieldKind, Form, FormField, State, Submission
from webapp.blueprints.forms.services.answering import forget_old
from webapp.blueprints.forms.services.building import MOST_FIELDS
from webapp.blueprints.mail.models import OutgoingMail
from webapp.core.clock import utc_now
from webapp.core.site import block_kinds, public_pages

SignIn = Callable[[str], FlaskClient]
FORMS, MESSAGES = "/backoffice/site/forms/", "/backoffice/site/messages/"
NEW = {
    "name": "Contact", "state": "open", "keep_months": "12", "notify": "", "title_it": "Scrivici", "slug_it": "",
    "intro_it": "", "button_it": "", "thanks_it": "", "answer_subject_it": "", "answer_it": "", "title_en": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def tokenless_tests(app: object) -> None:
    """The suite's browsers send no token."""


def test_strangers_and_viewers_stay_outside(session: Session, client: FlaskClient, sign_in: SignIn) -> None:
    form = contact_form(session)
    send(client, form)
    number = latest(session).id
    doors = (FORMS, f"{FORMS}{form.id}/", f"{FORMS}new", MESSAGES, f"{MESSAGES}{number}/", f"{MESSAGES}held/")
    viewer = sign_in("viewer")
    for door in doors:
        assert client.get(door).status_code in {302, 401}, door
        assert viewer.get(door).status_code == 403, door


def test_a_form_is_made_with_an_address_of_its_title(session: Session, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    answer = post(staff, f"{FORMS}new", NEW)
    assert answer.status_code == 303, answer.text
    form = session.scalars(select(Form)).one()
    assert (form.slug_it, form.slug_en, form.keep_months) == ("scrivici", None, 12)
    again = post(staff, f"{FORMS}new", NEW | {"name": "Other"})
    assert again.status_code == 422
    assert 'id="slug_it-problem"' in again.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"title_it": "", "title_en": ""}, "title_it"),
        ({"notify": "shop@people.example.com nonsense"}, "notify"),
        ({"keep_months": "0"}, "keep_months"),
        ({"keep_months": "a"}, "keep_months"),
    ],
)
def test_a_form_that_is_not_right_is_told_where(sign_in: SignIn, changes: dict[str, str], field: str) -> None:
    answer = post(sign_in("staff"), f"{FORMS}new", NEW | changes)
    assert answer.status_code == 422
    assert f'id="{field}-problem"' in answer.text


def test_the_second_of_two_editors_is_told(session: Session, sign_in: SignIn) -> None:
    form = contact_form(session)
    staff, path = sign_in("staff"), f"{FORMS}{form.id}/edit"
    mine = NEW | {"version": str(form.version), "name": "Mine"}
    assert post(staff, path, mine | {"name": "Theirs"}).status_code == 303
    late = post(staff, path, mine)
    assert late.status_code == 409
    assert "Theirs" in late.text
    assert 'value="Mine"' in late.text


def test_fields_of_all_kinds_are_added_changed_and_sorted(session: Session, sign_in: SignIn) -> None:
    form, staff = make_form(session), sign_in("staff")
    for kind in FieldKind:
        path = f"{FORMS}{form.id}/fields/new/{kind.value}"
        assert staff.get(path).status_code == 200
        given = {"label_it": f"Campo {kind.value}", "label_en": f"Field {kind.value}"}
        choices = {"choices_it": "uno\ndue", "choices_en": "one\ntwo"} if kind in ("select", "radio", "several") else {}
        assert post(staff, path, given | choices).status_code == 303
    fields = list(session.scalars(select(FormField).order_by(FormField.position)))
    assert [field.kind for field in fields] == [kind.value for kind in FieldKind]
    last = fields[-1]
    order = [str(field.id) for field in fields]
    post(staff, f"{FORMS}{form.id}/fields/order", {"order": order, "move": f"{last.id}:up"})
    session.expire_all()
    assert [field.id for field in form.fields][-2:] == [last.id, fields[-2].id]
    post(staff, f"{FORMS}{form.id}/fields/order", {"order": [str(last.id), "9999999", "nonsense", "²"]})
    session.expire_all()
    assert form.fields[0].id == last.id
    assert len(form.fields) == len(FieldKind)


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        ("line", {"label_it": ""}, "label_it"),
        ("select", {"label_it": "A", "choices_it": "only one"}, "choices_it"),
        ("radio", {"label_it": "A", "choices_it": "twice\ntwice"}, "choices_it"),
        ("number", {"label_it": "A", "least": "5", "most": "1"}, "most"),
        ("text", {"label_it": "A", "most": "99999999"}, "most"),
    ],
)
def test_a_field_that_is_not_right_is_told_where(
    session: Session, sign_in: SignIn, kind: str, given: dict[str, str], field: str
) -> None:
    form = make_form(session)
    answer = post(sign_in("staff"), f"{FORMS}{form.id}/fields/new/{kind}", given)
    assert answer.status_code == 422, answer.text
    assert f'id="{field}-problem"' in answer.text


def test_a_copy_has_the_same_fields_and_is_closed_at_an_address_of_its_own(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    form, staff = contact_form(session, notify="shop@people.example.com"), sign_in("staff")
    paths = [post(staff, f"{FORMS}{form.id}/copy", {}).location for _ in range(2)]
    first, second = (session.get_one(Form, int(path.strip("/").rpartition("/")[2])) for path in paths)
    assert (first.state, first.notify) == ("closed", form.notify)
    assert (first.slug_it, second.slug_it) == (f"{form.slug_it}-2", f"{form.slug_it}-3")
    assert len({form.name, first.name, second.name}) == 3
    told = [[(each.kind, each.required, each.check, each.words) for each in one.fields] for one in (form, first)]
    assert told[0] == told[1]
    assert not {field.id for field in form.fields} & {field.id for field in first.fields}
    assert client.get(address(first)).status_code == 404
    assert post(sign_in("viewer"), f"{FORMS}{form.id}/copy", {}).status_code == 403


def test_a_form_does_not_grow_without_end(session: Session, sign_in: SignIn) -> None:
    form = make_form(session, *((FieldKind.LINE, {}) for _ in range(MOST_FIELDS)))
    answer = post(sign_in("staff"), f"{FORMS}{form.id}/fields/new/line", {"label_it": "One more"})
    assert answer.status_code == 409


def test_old_messages_keep_their_labels_and_the_version_of_a_consent_rises(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    form, staff = contact_form(session), sign_in("staff")
    send(client, form)
    number = latest(session).id
    for field in list(form.fields):
        version = str(field.version)
        labels = {"label_it": "Rinominato", "label_en": "Renamed", "version": version, "required": "y"}
        assert post(staff, f"{FORMS}{form.id}/fields/{field.id}", labels).status_code == 303
    session.expire_all()
    assert form.fields[-1].text_version == 2
    post(staff, f"{FORMS}{form.id}/fields/{form.fields[0].id}/delete", {})
    page = staff.get(f"{MESSAGES}{number}/").text
    assert "Anna Bianchi" in page
    assert "Message" in page
    assert "Renamed" not in page
    session.expire_all()
    page = client.get(address(form)).text
    keys = [field.key for field in form.fields]
    values = dict(zip(keys, ("b@people.example.com", "Hello", "2"), strict=True)) | {"stamp": stamped(9)}
    client.post(address(form), data=values | {"mark": filled(form, page)["mark"]})
    given = list(session.scalars(select(Consent).order_by(Consent.id)))
    assert [(each.words, each.version) for each in given] == [("I agree", "1"), ("Rinominato", "2")]


def test_a_form_with_messages_is_closed_and_not_deleted(session: Session, client: FlaskClient, sign_in: SignIn) -> None:
    form, empty, staff = contact_form(session), contact_form(session), sign_in("staff")
    send(client, form)
    refused = post(staff, f"{FORMS}{form.id}/delete", {"version": str(form.version)})
    assert refused.status_code == 409
    assert post(staff, f"{FORMS}{empty.id}/delete", {"version": str(empty.version)}).status_code == 303


def test_an_answer_leaves_by_mail_and_stays_in_the_thread(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    form, staff = contact_form(session, notify="shop@people.example.com"), sign_in("staff")
    send(client, form)
    path = f"{MESSAGES}{latest(session).id}/"
    assert post(staff, f"{path}answer", {"subject": "Re: hours", "words": " "}).status_code == 422
    assert post(staff, f"{path}answer", {"subject": "Re:\nhours", "words": "Until seven."}).status_code == 303
    mail = session.scalars(select(OutgoingMail).where(OutgoingMail.template == "forms/answer")).one()
    assert (mail.address, mail.reply_to) == ("anna@people.example.com", "shop@people.example.com")
    assert mail.subject == "Re: hours"
    assert "Until seven." in str(mail.text)
    assert "are you open" in str(mail.text)
    assert latest(session).state == State.ANSWERED
    post(staff, f"{path}note", {"note": "She will come on Friday."})
    page = staff.get(path).text
    assert "Until seven." in page
    assert "She will come on Friday." in page


def test_a_viewer_of_nothing_cannot_answer(session: Session, client: FlaskClient, sign_in: SignIn) -> None:
    form = contact_form(session)
    send(client, form)
    path = f"{MESSAGES}{latest(session).id}/"
    for door in ("answer", "note", "state", "delete"):
        assert post(sign_in("viewer"), f"{path}{door}", {"words": "x", "note": "x", "state": "spam"}).status_code == 403
        assert client.post(f"{path}{door}", data={}).status_code in {302, 400, 401}


def test_what_is_let_out_is_treated_as_if_it_had_just_come(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    form = contact_form(session, notify="shop@people.example.com", makes_contact=True)
    data = filled(form, client.get(address(form)).text) | {"website": "x", "stamp": stamped(60)}
    client.post(address(form), data=data)
    staff, held = sign_in("staff"), latest(session)
    assert "Anna Bianchi" not in staff.get(MESSAGES).text
    assert "Anna Bianchi" in staff.get(f"{MESSAGES}held/").text
    given = {"state": "new", "version": str(held.version)}
    assert post(staff, f"{MESSAGES}{held.id}/state", given).status_code == 303
    session.expire_all()
    assert held.state == State.NEW
    assert held.customer_id is not None
    assert session.scalars(select(OutgoingMail.template)).all() == ["forms/notice"]
    assert session.scalars(select(func.count()).select_from(Consent)).one() == 1
    assert post(staff, f"{MESSAGES}{held.id}/state", given).status_code == 409


def test_messages_are_exported_with_the_fields_of_their_form(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    form, staff = contact_form(session), sign_in("staff")
    send(client, form, text="=HYPERLINK(1)")
    columns = "&".join(f"columns={field.key}" for field in form.fields)
    answer = staff.get(f"{MESSAGES}of/{form.id}/?format=csv&{columns}", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    header, line = answer.text.splitlines()
    assert header == "\ufeffName,E-mail,Message,I agree"
    assert line.startswith("Anna Bianchi,anna@people.example.com,'=HYPERLINK(1),")
    assert staff.get(f"{MESSAGES}?format=xlsx").status_code == 200
    assert "Anna" in staff.get(f"{MESSAGES}?form={form.name}&state=new&from=2020-01-01").text
    assert "Anna" not in staff.get(f"{MESSAGES}?state=answered").text


def test_messages_are_deleted_when_their_time_is_over(session: Session, client: FlaskClient) -> None:
    short, long = contact_form(session, keep_months=1), contact_form(session, keep_months=24)
    for form in (short, long):
        send(client, form)
        send(client, form, name="Anna B.")
        latest(session).received_at = utc_now() - dt.timedelta(days=40)
        session.commit()
    assert forget_old(session, utc_now()) == 1
    left = list(session.scalars(select(Submission.form_id).order_by(Submission.form_id)))
    assert sorted(left) == sorted([short.id, long.id, long.id])


def test_a_page_shows_a_form_as_a_block_and_the_site_knows_its_pages(
    session: Session, app: object, client: FlaskClient
) -> None:
    form = contact_form(session)
    kind = block_kinds()["form"]
    assert kind.context is not None
    choices = kind.fields[1].choices
    assert choices is not None
    with client.application.test_request_context("/it"):
        assert (str(form.id), form.name) in list(choices(session, "it"))
        shown = kind.context(session, {"form": str(form.id)}, "it")["form"]
        assert shown.address == address(form)
        assert kind.context(session, {"form": "0"}, "it") == {"form": None}
        assert kind.context(session, {"form": "no number"}, "it") == {"form": None}
    pages = [page for page in public_pages(session) if page.kind == "form"]
    assert {(page.language, page.path) for page in pages} == {("it", address(form)), ("en", address(form, "en"))}


def post(browser: FlaskClient, path: str, data: dict[str, object]) -> object:
    """Post with the token that the pages of the back office carry."""
    page = browser.get("/backoffice/").text
    token = page.partition('name="csrf-token" content="')[2].partition('"')[0]
    return browser.post(path, data={"csrf_token": token, **data})
