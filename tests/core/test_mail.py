"""Mail is written as it should be, leaves by a server or into a folder, and says in words why it does not."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask

from tests.core.smtp_server import MailServer
from webapp.core.errors import FieldProblems
from webapp.core.mail import (
    Attachment,
    FolderMailer,
    MailDelayed,
    Mailer,
    MailNotSetUp,
    MailRefused,
    Message,
    SmtpMailer,
    mailer_for,
)
from webapp.core.settings import Settings

SENDER = "Bottega Manfredi <bottega@manfredi.it>"
HELLO = Message(to="anna@client.it", subject="Hello", text="Hello Anna.\n")
TIMEOUT = 20.0


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server in this process."""
    with MailServer().running() as mail_server:
        yield mail_server


@pytest.fixture(params=["smtp", "folder"])
def way(request: pytest.FixtureRequest, tmp_path: Path, app: Flask) -> tuple[Mailer, Callable[[], list[EmailMessage]]]:
    """Each way out, and what came out of it."""
    if request.param == "smtp":
        mail_server: MailServer = request.getfixturevalue("mail_server")
        return SmtpMailer(f"smtp://127.0.0.1:{mail_server.port}", SENDER), lambda: mail_server.mails
    return FolderMailer(tmp_path, SENDER), lambda: [
        message_from_bytes(path.read_bytes(), policy=default) for path in sorted(tmp_path.iterdir())
    ]


Way = tuple[Mailer, Callable[[], list[EmailMessage]]]


def smtp(mail_server: MailServer, *, user: str = "", scheme: str = "smtp") -> SmtpMailer:
    return SmtpMailer(f"{scheme}://{user}127.0.0.1:{mail_server.port}", SENDER)


def text_of(mail: EmailMessage, *kinds: str) -> str:
    body = mail.get_body(kinds)
    assert body is not None
    return str(body.get_content())


def test_a_message_arrives_as_it_was_written(way: Way) -> None:
    mailer, received = way
    mailer.send(
        Message(
            to="Niccolò Müller <niccolo@client.it>",
            subject="Perché? Così: 100 € ✓",
            text="Città\n.\n..due punti\n",
            html="<p>Città</p>",
            reply_to="Uffici “Nord” <uffici@manfredi.it>",
            attachments=(Attachment("però.pdf", b"%PDF\r\n\x00", "application/pdf"),),
        ),
        key="one",
        timeout=TIMEOUT,
    )
    (mail,) = received()
    assert mail["to"].addresses[0].display_name == "Niccolò Müller"
    assert mail["to"].addresses[0].addr_spec == "niccolo@client.it"
    assert mail["from"].addresses[0].addr_spec == "bottega@manfredi.it"
    assert mail["reply-to"].addresses[0].display_name == "Uffici “Nord”"
    assert mail["subject"] == "Perché? Così: 100 € ✓"
    assert mail["date"].datetime.utcoffset() is not None
    assert text_of(mail, "plain").replace("\r\n", "\n") == "Città\n.\n..due punti\n"
    assert text_of(mail, "html").strip() == "<p>Città</p>"
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "però.pdf"
    assert attached.get_content() == b"%PDF\r\n\x00"


def test_a_repeat_can_be_told_by_its_message_id(way: Way) -> None:
    mailer, received = way
    for key in ("first", "first", "second"):
        mailer.send(HELLO, key=key, timeout=TIMEOUT)
    assert {mail["message-id"] for mail in received()} == {"<first@manfredi.it>", "<second@manfredi.it>"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to": "anna@client.it\r\nBcc: all@client.it"}, "to"),
        ({"to": "anna@client.it, bruno@client.it"}, "to"),
        ({"to": "anna"}, "to"),
        ({"to": ""}, "to"),
        ({"subject": "Hello\nBcc: all@client.it"}, "subject"),
        ({"subject": "Hello\rBcc: all@client.it"}, "subject"),
        ({"subject": "x" * 10_000}, "subject"),
        ({"reply_to": "a@client.it\nBcc: all@client.it"}, "reply_to"),
        ({"attachments": (Attachment("a.pdf\nBcc: all@client.it", b""),)}, "attachments"),
    ],
)
def test_a_header_that_is_not_one_line_or_no_address_is_refused(
    way: Way, changes: dict[str, object], field: str
) -> None:
    mailer, received = way
    with pytest.raises(FieldProblems) as refusal:
        mailer.send(replace(HELLO, **changes), key="k", timeout=TIMEOUT)
    assert set(refusal.value.problems) == {field}
    assert received() == []


def test_only_the_person_it_is_for_gets_it(mail_server: MailServer, app: Flask) -> None:
    smtp(mail_server).send(replace(HELLO, to="Anna <anna@città.it>"), key="k", timeout=TIMEOUT)
    assert mail_server.recipients == ["anna@xn--citt-3na.it"]


@pytest.mark.parametrize(
    ("verb", "answer", "expected"),
    [
        ("RCPT", "550 5.1.1 no such user here", MailRefused),
        ("RCPT", "450 4.2.1 greylisted, come back", MailDelayed),
        ("MAIL", "553 sender not allowed", MailRefused),
        ("MAIL", "452 too many mails", MailDelayed),
        ("content", "554 looks like spam", MailRefused),
        ("content", "451 disk full", MailDelayed),
        ("DATA", "421 going down", MailDelayed),
        ("connect", "554 we do not know you", MailRefused),
        ("connect", "421 too busy", MailDelayed),
    ],
)
def test_the_server_has_the_last_word_and_it_is_told(
    mail_server: MailServer, app: Flask, verb: str, answer: str, expected: type[Exception]
) -> None:
    mail_server.answers[verb] = answer
    with pytest.raises(expected) as told:
        smtp(mail_server).send(HELLO, key="k", timeout=TIMEOUT)
    assert type(told.value) is expected
    assert answer in str(told.value)
    assert mail_server.mails == []


def test_what_a_server_says_after_it_took_the_message_changes_nothing(mail_server: MailServer, app: Flask) -> None:
    mail_server.answers["QUIT"] = "421 too late"
    smtp(mail_server).send(HELLO, key="k", timeout=TIMEOUT)
    assert len(mail_server.mails) == 1


def test_a_server_that_is_down_is_told_as_a_delay(app: Flask) -> None:
    with MailServer().running() as server:
        pass
    with pytest.raises(MailDelayed, match=f"127.0.0.1:{server.port} does not answer: .*refused"):
        smtp(server).send(HELLO, key="k", timeout=TIMEOUT)


def test_a_wrong_password_is_told_and_refuses_no_message(mail_server: MailServer, app: Flask) -> None:
    mail_server.answers["AUTH"] = "535 5.7.8 authentication failed"
    with pytest.raises(MailDelayed, match=r"535 5\.7\.8 authentication failed"):
        smtp(mail_server, user="bottega:wrong@").send(HELLO, key="k", timeout=TIMEOUT)


def test_a_password_does_not_travel_in_clear(mail_server: MailServer, app: Flask) -> None:
    mailer = smtp(mail_server, user="bottega:s3cret@")
    mailer._here = lambda: False  # the test server is here, a real one is not
    with pytest.raises(MailRefused, match="offers no TLS"):
        mailer.send(HELLO, key="k", timeout=TIMEOUT)
    assert mail_server.sign_ins == []


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate that its maker signed, for 127.0.0.1."""
    path = tmp_path / "mail.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", str(tmp_path / "public.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    with path.open("a") as file:
        file.write((tmp_path / "public.pem").read_text())
    return path


@pytest.mark.needs("openssl")
@pytest.mark.parametrize(("scheme", "tls"), [("smtp", False), ("smtps", True)])
def test_mail_and_password_are_encrypted_where_the_server_can(
    certificate: Path, app: Flask, scheme: str, tls: bool
) -> None:
    with MailServer(certificate=certificate, tls=tls).running() as server:
        smtp(server, user="bottega%40manfredi.it:p%3Aw%2Fd@", scheme=scheme).send(HELLO, key="k", timeout=TIMEOUT)
    assert server.encrypted == [True]
    assert server.sign_ins == [("bottega@manfredi.it", "p:w/d")]


@pytest.mark.needs("openssl")
@pytest.mark.parametrize(("scheme", "tls"), [("smtp", False), ("smtps", True)])
def test_a_certificate_that_nobody_vouches_for_is_refused(
    certificate: Path, app: Flask, scheme: str, tls: bool
) -> None:
    with MailServer(certificate=certificate, tls=tls).running() as server:
        mailer = smtp(server, scheme=scheme)
        mailer._here = lambda: False
        with pytest.raises(MailRefused, match="CERTIFICATE_VERIFY_FAILED"):
            mailer.send(HELLO, key="k", timeout=TIMEOUT)
    assert server.mails == []
    assert ssl.create_default_context().verify_mode is ssl.CERT_REQUIRED


def test_the_settings_choose_the_way_out(settings: Settings, app: Flask, tmp_path: Path) -> None:
    bare = replace(settings, environment="development", instance=tmp_path, mail_url=None, mail_from="")
    assert str(tmp_path / "mail" / "k.eml") in mailer_for(bare).send(HELLO, key="k", timeout=TIMEOUT)
    with pytest.raises(MailNotSetUp, match="set MAIL_URL"):
        mailer_for(replace(bare, environment="production")).send(HELLO, key="k", timeout=TIMEOUT)
    with pytest.raises(MailNotSetUp, match="set MAIL_FROM"):
        mailer_for(replace(bare, mail_url="smtp://mail.client.it")).send(HELLO, key="k", timeout=TIMEOUT)
