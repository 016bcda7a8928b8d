"""The mails that a developer's machine writes to a folder are shown to who sits at it, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp.app import create_app
from webapp.core.mail import Attachment, FolderMailer, Message, dressed
from webapp.core.settings import Settings

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
HTML = '<style>\n.mail-text {color: red;}\n</style><p class="mail-text">Hello</p><img src="cid:logo" alt="">'


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Iterator[Path]:
    """Two mails in the folder of this installation."""
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(before, instance=tmp_path, mail_url=None)
    mailer = FolderMailer(tmp_path / "mail")
    logo = Attachment("logo", PNG, "image/png")
    link = "https://suite.test/reset/s3cret"
    message = Message("anna@client.it", "Ciao <Anna>", f"Open {link}\n", dressed(HTML), images=(logo,))
    mailer.send(message, key="one", timeout=1)
    mailer.send(Message("bruno@client.it", "Plain", "Only text\n"), key="two", timeout=1)
    yield tmp_path / "mail"
    app.extensions["settings"] = before


@pytest.mark.usefixtures("folder")
def test_the_mails_are_shown_with_links_that_can_be_followed(client: FlaskClient) -> None:
    listed = client.get("/development/mail/")
    assert "Ciao &lt;Anna&gt;" in listed.text
    assert "bruno@client.it" in listed.text
    shown = client.get("/development/mail/one/")
    assert '<a href="https://suite.test/reset/s3cret"' in shown.text
    assert "<iframe" not in client.get("/development/mail/two/").text
    for answer in (listed, shown):
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


@pytest.mark.usefixtures("folder")
def test_the_html_is_shown_in_a_frame_under_a_policy_of_its_own(client: FlaskClient) -> None:
    answer = client.get("/development/mail/one/preview")
    assert "style=" not in answer.text
    assert 'src="data:image/png;base64,' in answer.text
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "style-src 'sha256-" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Security-Policy"].endswith("; sandbox")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({"Host": "suite.evil.test"}, "127.0.0.1"),
        ({"X-Forwarded-For": "10.0.0.7"}, "127.0.0.1"),
        ({"Forwarded": "for=10.0.0.7"}, "127.0.0.1"),
        ({}, "192.168.1.7"),
        ({"Host": "localhost"}, "192.168.1.7"),
    ],
)
def test_nobody_else_sees_them(client: FlaskClient, headers: dict[str, str], address: str) -> None:
    for path in ("", "one/", "one/preview"):
        answer = client.get(f"/development/mail/{path}", headers=headers, environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == 404


@pytest.mark.parametrize("name", ["three", "..", "%2e%2e%2fone", "one.eml", "a%00b"])
def test_a_name_leads_to_no_other_file(client: FlaskClient, folder: Path, name: str) -> None:
    (folder.parent / "one.eml").write_text("Subject: outside\n\n")
    assert client.get(f"/development/mail/{name}/").status_code == 404


def test_the_page_is_not_there_where_mail_is_sent(app: Flask, client: FlaskClient, folder: Path) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], mail_url="smtp://mail.client.it")
    assert client.get("/development/mail/").status_code == 404


def test_production_does_not_know_the_page(settings: Settings) -> None:
    production = replace(settings, environment="production", secret_key="x7" * 20)
    assert not [rule for rule in create_app(production).url_map.iter_rules() if rule.rule.startswith("/development")]


def test_an_empty_folder_says_so(client: FlaskClient, folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    assert "No mails yet" in client.get("/development/mail/", headers={"Accept-Language": "en"}).text
