"""People who were there before second factors, sessions and rights keep their accounts: the branch goes down and up again around them."""

from __future__ import annotations

from alembic import command
from flask import Flask
from sqlalchemy import text

from tests.rooms.accounts.makers import PASSWORD, make_user
from tests.rooms.accounts.pages import is_signed_in, sign_in_as
from webapp.core import migrations
from webapp.core.db import db


def test_who_was_there_before_signs_in_after_it(fresh_app: Flask) -> None:
    make_user(db.session(), email="prima@shop.bottega.it", roles=["owner"])
    db.session.remove()
    config = migrations.migrate.get_config(str(migrations.FOLDER))
    command.downgrade(config, "accounts@accounts_0001")
    with db.engines[None].connect() as connection:
        columns = connection.execute(
            text("SELECT column_name FROM information_schema.columns WHERE table_name = 'accounts_users'")
        )
        assert {"username", "tf_totp_secret"}.isdisjoint(columns.scalars())
    migrations.upgrade()
    migrations.check()
    client = fresh_app.test_client()
    assert sign_in_as(client, "prima@shop.bottega.it", PASSWORD).location == "/enter"
    assert is_signed_in(client)
