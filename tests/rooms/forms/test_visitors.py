"""A visitor fills in a form: without cookies, without JavaScript, and nothing that was typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.rooms.forms.makers import contact_form, filled, make_field, make_form
from webapp.blueprints.consents.models import Consent
from webapp.blueprints.crm.models import Customer
from webapp.blueprints.forms.models import FieldKind, Form, Knock, State, Submission
from webapp.blueprints.forms.services.building import delete_field, update_field, update_form
from webapp.blueprints.forms.services.reading import is_italian_tax_code
from webapp.blueprints.mail.models import OutgoingMail
from webapp.core.company import get_company
from webapp.core.security import SYSTEM

SignIn = Callable[[str], FlaskClient]


def address(form: Form, language: str = "it") -> str:
    return f"/{language}/{'moduli' if language == 'it' else 'forms'}/{form.slug(language)}"


def latest(session: Session) -> Submission:
    return session.scalars(select(Submission).order_by(Submission.id.desc()).limit(1)).one()


def send(client: FlaskClient, form: Form, **changes: str) -> Submission | None:
    """Send a contact form as a browser with a script does, ten seconds after it came into sight."""
    page = client.get(address(form)).text
    answer = client.post(address(form), data=filled(form, page, **changes) | {"stamp": stamped(10)})
    assert answer.status_code == 303, answer.text
    return None


def stamped(seconds: float) -> str:
    from webapp.blueprints.forms.forms import stamps

    return str(stamps._signer("stamp").dumps(__import__("time").time() - seconds))


def test_a_form_is_the_same_for_all_strangers_and_leaves_no_cookie(
    session: Session, app: object, client: FlaskClient
) -> None:
    form = contact_form(session)
    first, second = client.get(address(form)), client.get(address(form), headers={"User-Agent": "other"})
    assert first.status_code == 200
    assert "Set-Cookie" not in first.headers
    assert "csrf" not in first.text
    assert first.text == second.text


def test_a_message_is_stored_and_thanked_for_without_script_and_cookies(session: Session, client: FlaskClient) -> None:
    form = contact_form(session)
    page = client.get(address(form, "en")).text
    answer = client.post(address(form, "en"), data=filled(form, page))
    assert answer.status_code == 303
    assert answer.location == f"{address(form, 'en')}/thanks"
    assert "Set-Cookie" not in answer.headers
    assert "Many thanks" in client.get(answer.location).text
    stored = latest(session)
    assert (stored.state, stored.sender_name, stored.sender_email) == ("new", "Anna Bianchi", "anna@people.example.com")
    assert [each["label"] for each in stored.answers] == ["Name", "E-mail", "Message", "I agree"]
    assert stored.suspicion == "untimed"


def test_problems_stand_at_their_fields_and_all_that_was_typed_stays(session: Session, client: FlaskClient) -> None:
    form = contact_form(session)
    text = "Two lines\n<script>alert(1)</script> & “quotes”"
    data = filled(form, client.get(address(form, "en")).text, email="not an address", text=text, agree="")
    answer = client.post(address(form, "en"), data=data)
    assert answer.status_code == 422
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script>alert(1)" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; “quotes”" in answer.text
    assert 'value="not an address"' in answer.text
    email = form.fields[1].key
    assert f'href="#form-{email}"' in answer.text
    assert re.search(
        rf'id="form-{email}"[^>]*aria-invalid="true"[^>]*aria-describedby="form-{email}-problem"', answer.text
    )
    assert answer.text.count("is-invalid") == 2
    assert session.scalars(select(func.count()).select_from(Submission)).one() == 0
    # corrected at once: whoever was shown the problems need not wait again
    again = client.post(address(form, "en"), data=filled(form, answer.text))
    assert again.status_code == 303
    assert latest(session).state == State.NEW
    assert latest(session).suspicion == ""


@pytest.mark.parametrize(
    ("kind", "changes", "good", "bad"),
    [
        (FieldKind.LINE, {"most": 5}, "12345", "123456"),
        (FieldKind.LINE, {"least": 3}, "123", "12"),
        (FieldKind.LINE, {"check": "postcode"}, "48018", "4801"),
        (FieldKind.LINE, {"check": "digits"}, "0546", "05 46"),
        (FieldKind.LINE, {"check": "vat"}, "IT 07643520567", "07643520568"),
        (FieldKind.LINE, {"check": "tax_code"}, "rssmra85t10a562s", "RSSMRA85T10A562T"),
        (FieldKind.LINE, {"check": "web"}, "example.com/a", "javascript:alert(1)"),
        (FieldKind.LINE, {"check": "name"}, "Ada", "buy at http://spam.example"),
        (FieldKind.EMAIL, {}, "a@people.example.com", "a@b@c"),
        (FieldKind.EMAIL, {}, "a@people.example.com", "a@people.example.com\r\nBcc: b@people.example.com"),
        (FieldKind.PHONE, {}, "+39 (0546) 12.34-56", "call me"),
        (FieldKind.NUMBER, {"least": 1, "most": 10}, "1,5", "11"),
        (FieldKind.NUMBER, {}, "-2", "NaN"),
        (FieldKind.NUMBER, {}, "12", "9" * 400),
        (FieldKind.DATE, {}, "24/12/2026", "31/02/2026"),
        (FieldKind.DATE, {"check": "future"}, "2199-01-01", "2001-01-01"),
        (FieldKind.DATE, {"check": "past"}, "2001-01-01", "2199-01-01"),
        (FieldKind.SELECT, {}, "red", "black"),
        (FieldKind.RADIO, {}, "blue", "Blue"),
        (FieldKind.SEVERAL, {"most": 1}, "red", "black"),
        (FieldKind.CHECKBOX, {}, "1", ""),
        (FieldKind.CONSENT, {}, "1", ""),
        (FieldKind.TEXT, {}, "x" * 5000, "x" * 5001),
        (FieldKind.LINE, {}, "x", " \u0000\u202e "),
    ],
)
def test_a_value_is_checked(
    session: Session, client: FlaskClient, kind: FieldKind, changes: dict[str, object], *, good: str, bad: str
) -> None:
    form = make_form(session, (kind, {"required": True, **changes}))
    key = form.fields[0].key
    refused = client.post(address(form), data={key: bad})
    assert refused.status_code == 422, refused.text
    assert f'id="form-{key}-problem"' in refused.text
    assert client.post(address(form), data={key: good}).status_code == 303


def test_a_tax_code_with_letters_for_digits_is_one() -> None:
    assert is_italian_tax_code("RSSMRA85T10A562S")
    assert is_italian_tax_code("RSSMRA85T10A56NH")
    assert not is_italian_tax_code("RSSMRA85T10A5625")


def test_what_nobody_must_fill_in_may_stay_empty(session: Session, client: FlaskClient) -> None:
    form = make_form(session, *((kind, {}) for kind in FieldKind))
    assert client.post(address(form), data={}).status_code == 303
    assert {each["shown"] for each in latest(session).answers} == {"", "No"}


def test_too_many_choices_are_told(session: Session, client: FlaskClient) -> None:
    form = make_form(session, (FieldKind.SEVERAL, {"least": 1, "most": 2}))
    key = form.fields[0].key
    assert client.post(address(form), data={key: ["red", "green", "blue"]}).status_code == 422
    assert client.post(address(form), data={key: ["red", "blue"]}).status_code == 303
    assert latest(session).answers[0]["shown"] == "red, blue"


def test_a_filled_trap_holds_a_message_back_and_tells_its_sender_nothing(session: Session, client: FlaskClient) -> None:
    form = contact_form(session, notify="shop@people.example.com", makes_contact=True)
    data = filled(form, client.get(address(form)).text) | {"website": "https://spam.example", "stamp": stamped(9)}
    assert client.post(address(form), data=data).status_code == 303
    stored = latest(session)
    assert (stored.state, stored.suspicion) == (State.HELD, "trap")
    assert stored.customer_id is None
    assert session.scalars(select(func.count()).select_from(OutgoingMail)).one() == 0
    assert session.scalars(select(func.count()).select_from(Consent)).one() == 0


@pytest.mark.parametrize(
    ("seconds", "state"), [(0.5, "held"), (2.9, "held"), (3.2, "new"), (23.9 * 3600, "new"), (25 * 3600, "new")]
)
def test_what_is_sent_faster_than_a_person_reads_is_held(
    session: Session, client: FlaskClient, seconds: float, state: str
) -> None:
    form = contact_form(session)
    data = filled(form, client.get(address(form)).text) | {"stamp": stamped(seconds)}
    client.post(address(form), data=data)
    assert latest(session).state == state


def test_a_program_that_never_saw_the_page_is_held(session: Session, client: FlaskClient) -> None:
    form, other = contact_form(session), contact_form(session)
    data = filled(form, client.get(address(form)).text)
    for marks in ({"mark": "", "stamp": ""}, {"mark": "forged.mark", "stamp": "1"}):
        client.post(address(form), data=data | marks)
        assert (latest(session).state, latest(session).suspicion) == (State.HELD, "unmarked untimed")
    theirs = dict(re.findall(r'name="(mark)" value="([^"]*)"', client.get(address(other)).text))
    client.post(address(form), data=data | theirs)
    assert latest(session).state == State.HELD


def test_links_and_an_unknown_time_together_are_suspicious(session: Session, client: FlaskClient) -> None:
    form = contact_form(session)
    data = filled(form, client.get(address(form)).text, text="https://a.example https://b.example www.c.example")
    client.post(address(form), data=data)
    assert latest(session).suspicion == "links untimed"
    assert latest(session).state == State.HELD
    client.post(address(form), data=data | {"stamp": stamped(60)})
    assert latest(session).state == State.NEW


def test_much_from_one_address_is_held_then_refused_and_the_address_is_not_stored(
    session: Session, client: FlaskClient
) -> None:
    form = contact_form(session)
    data = filled(form, client.get(address(form)).text) | {"stamp": stamped(60)}
    name = form.fields[0].key
    for number in range(30):
        assert client.post(address(form), data=data | {name: f"Anna {number}"}).status_code == 303
    states = list(session.scalars(select(Submission.state).order_by(Submission.id)))
    assert states == ["new"] * 5 + ["held"] * 25
    refused = client.post(address(form), data=data)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "3600"
    assert "Hello, are you open?" in refused.text
    elsewhere = client.post(address(form), data=data, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 303
    assert latest(session).state == "new"
    hashes = set(session.scalars(select(Knock.address)))
    assert len(hashes) == 2
    assert all(re.fullmatch(r"[0-9a-f]{64}", each) for each in hashes)


def test_one_household_of_ipv6_is_one_address(session: Session, client: FlaskClient) -> None:
    form = contact_form(session)
    data = filled(form, client.get(address(form)).text) | {"stamp": stamped(60)}
    name = form.fields[0].key
    for number in range(6):
        of_one_house = {"REMOTE_ADDR": f"2001:db8::{number}:b:c:d"}  # a network with zeros, which are written short
        client.post(address(form), data=data | {name: f"Anna {number}"}, environ_base=of_one_house)
    assert latest(session).state == State.HELD
    client.post(address(form), data=data, environ_base={"REMOTE_ADDR": "2001:db8:1:3::1"})
    assert latest(session).state == State.NEW


def test_notice_and_automatic_answer_leave_once_and_answers_find_their_way(
    session: Session, client: FlaskClient
) -> None:
    form = contact_form(session, notify="shop@people.example.com\nboss@people.example.com", answers_itself=True)
    words = {"it": {"title": "Scrivici", "slug": form.slug_it, "answer": "Grazie!", "answer_subject": "Arrivato"}}
    update_form(session, by=SYSTEM, form_id=form.id, version=form.version, values={}, words=words)
    session.commit()
    send(client, form)
    send(client, form, name="Anna B.")
    mails = list(session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)))
    told = [(mail.template, mail.address, mail.reply_to) for mail in mails]
    assert told.count(("forms/notice", "shop@people.example.com", "anna@people.example.com")) == 2
    assert told.count(("forms/notice", "boss@people.example.com", "anna@people.example.com")) == 2
    assert told.count(("forms/receipt", "anna@people.example.com", "shop@people.example.com")) == 1
    receipt = next(mail for mail in mails if mail.template == "forms/receipt")
    assert receipt.subject == "Arrivato"
    assert "are you open" not in str(receipt.text)
    assert [entry.kind for entry in latest(session).entries] == ["automatic"]


def test_a_writer_becomes_one_contact_whatever_the_letter_case(session: Session, client: FlaskClient) -> None:
    form = contact_form(session, makes_contact=True)
    known = Customer(number="K1", name="Anna B.", email="ANNA@people.example.com", kind="person")
    session.add(known)
    session.commit()
    send(client, form)
    assert latest(session).customer_id == known.id
    send(client, form, email="new.one@people.example.com", name="New One")
    send(client, form, email="New.One@people.example.com", name="New One")
    made = list(session.scalars(select(Customer).where(Customer.name == "New One")))
    assert len(made) == 1
    assert made[0].number == f"W{made[0].id:05d}"
    assert latest(session).customer_id == made[0].id


def test_a_consent_is_registered_with_the_words_that_were_shown(session: Session, client: FlaskClient) -> None:
    form = contact_form(session)
    make_field(session, form, FieldKind.CONSENT, label="News too", purpose="News")
    session.commit()
    send(client, form)
    consents = list(session.scalars(select(Consent)))
    assert [(each.subject, each.purpose, each.words, each.version) for each in consents] == [
        ("anna@people.example.com", "Answers", "I agree", "1")
    ]
    assert consents[0].source == address(form)


def test_nobody_agrees_to_words_that_changed_after_they_ticked(session: Session, client: FlaskClient) -> None:
    form = contact_form(session)
    old = filled(form, client.get(address(form)).text) | {"stamp": stamped(10)}
    line = form.fields[-1]
    words = {language: {"label": "I agree to everything"} for language in ("it", "en")}
    update_field(session, by=SYSTEM, form_id=form.id, field_id=line.id, version=line.version, values={}, words=words)
    session.commit()
    answer = client.post(address(form), data=old)
    assert answer.status_code == 422
    assert "Hello, are you open?" in answer.text
    box = re.search(rf'<input[^>]*name="{line.key}"[^>]*>', answer.text)
    assert box
    assert 'value="2"' in box[0]
    assert " checked" not in box[0]
    assert client.post(address(form), data=old | {line.key: "2"}).status_code == 303
    given = session.scalars(select(Consent)).one()
    assert (given.words, given.version) == ("I agree to everything", "2")


def test_a_second_click_is_not_a_second_message(session: Session, client: FlaskClient) -> None:
    form = contact_form(session, notify="shop@people.example.com")
    data = filled(form, client.get(address(form)).text) | {"stamp": stamped(10)}
    for _ in range(2):
        assert client.post(address(form), data=data).status_code == 303
    client.post(address(form), data=data | {form.fields[2].key: "One more thing"})
    assert session.scalars(select(func.count()).select_from(Submission)).one() == 2
    assert session.scalars(select(func.count()).select_from(OutgoingMail)).one() == 2


def test_what_was_typed_survives_that_the_form_moves_and_loses_a_field(session: Session, client: FlaskClient) -> None:
    form = contact_form(session)
    old, data = address(form), filled(form, client.get(address(form)).text) | {"stamp": stamped(10)}
    text = form.fields[2]
    form.slug_it = f"{form.slug_it}-new"
    delete_field(session, by=SYSTEM, form_id=form.id, field_id=text.id)
    session.commit()
    answer = client.post(old, data=data)
    assert answer.status_code == 422
    assert "Hello, are you open?" in answer.text
    assert "anna@people.example.com" in answer.text
    again = client.post(old, data=data | {text.key: ""})
    assert again.headers["Location"] == f"{address(form)}/grazie"
    assert latest(session).state == State.NEW
    assert client.post(old, data=data | {"mark": ""}).status_code == 410


def test_a_language_without_words_or_not_offered_has_no_page(session: Session, client: FlaskClient) -> None:
    form = make_form(session, (FieldKind.LINE, {}), words={"it": {"title": "Solo qui"}})
    assert client.get(address(form)).status_code == 200
    assert client.get(f"/en/forms/{form.slug_it}").status_code == 404
    both = contact_form(session)
    get_company(session).languages = "it"
    session.commit()
    assert client.get(address(both, "en")).status_code == 404
    assert client.post(address(both, "en"), data={}).status_code == 404
    assert client.get(address(both)).status_code == 200


def test_a_form_that_was_deleted_meanwhile_gives_back_what_was_typed(client: FlaskClient) -> None:
    answer = client.post("/en/forms/deleted", data={"f1": "Do you <b>ship</b>?", "f2": "1", "mark": "x"})
    assert answer.status_code == 410
    assert "Do you &lt;b&gt;ship&lt;/b&gt;?" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.post("/en/forms/deleted", data={"f1": " "}).status_code == 404


def test_a_closed_form_has_no_page_and_gives_back_what_was_typed(session: Session, client: FlaskClient) -> None:
    form = contact_form(session)
    data = filled(form, client.get(address(form)).text)
    form.state = "closed"
    session.commit()
    assert client.get(address(form)).status_code == 404
    answer = client.post(address(form), data=data)
    assert answer.status_code == 409
    assert "Hello, are you open?" in answer.text
    assert session.scalars(select(func.count()).select_from(Submission)).one() == 0


def test_the_stamp_is_kept_by_nobody(client: FlaskClient) -> None:
    answer = client.get("/forms/stamp")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
