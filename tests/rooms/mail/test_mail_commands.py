"""The settings of mail are tried from the command line."""

from __future__ import annotations

from flask import Flask

from tests.core.smtp_server import MailServer


def test_the_settings_can_be_tried_from_the_command_line(mail_server: MailServer, mail_app: Flask) -> None:
    command = mail_app.test_cli_runner()
    with mail_server.running():
        done = command.invoke(args=["mail", "test", "anna@client.it"])
        refused = command.invoke(args=["mail", "test", "anna"])
    assert (done.exit_code, done.output) == (0, "The mail server 127.0.0.1 has taken it.\n")
    assert [mail["to"] for mail in mail_server.mails] == ["anna@client.it"]
    assert refused.exit_code == 2
    assert "to: This is not an e-mail address." in refused.output
    down = command.invoke(args=["mail", "test", "anna@client.it"])
    assert down.exit_code == 2
    assert "does not answer" in down.output
