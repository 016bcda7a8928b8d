"""Runs that were the notebooks room's come over with their rows, and the room may be taken out and put back."""

from __future__ import annotations

from alembic import command
from flask import Flask
from sqlalchemy import inspect, text

from webapp.core import migrations
from webapp.core.db import db

BEFORE = """
    INSERT INTO notebooks_images (name, reference) VALUES ('Image', 'image:1');
    INSERT INTO notebooks_notebooks (slug, project_id, name, image_id, cpus, memory_mb, pids, disk_mb)
    SELECT 'sales', 1, 'Sales', id, cpus, memory_mb, pids, disk_mb FROM notebooks_images;
    INSERT INTO notebooks_runs (notebook_id, kind, path) SELECT id, 'run', 'a.ipynb' FROM notebooks_notebooks;
"""


def test_runs_keep_their_rows_and_numbers_go_on(fresh_app: Flask) -> None:
    config = migrations.migrate.get_config(str(migrations.FOLDER))
    migrations.take_down("documents")
    migrations.take_down("notebooks")
    command.upgrade(config, "notebooks@notebooks_0001")
    with db.engines[None].begin() as connection:
        connection.execute(text(BEFORE))
    migrations.upgrade()
    migrations.check()
    with db.engines[None].begin() as connection:
        added = text(
            "INSERT INTO documents_runs (notebook_id, kind, path) SELECT notebook_id, kind, 'b' FROM documents_runs"
        )
        connection.execute(added)
        assert connection.execute(text("SELECT id, path FROM documents_runs ORDER BY id")).all() == [
            (1, "a.ipynb"),
            (2, "b"),
        ]
        left = text("SELECT relname FROM pg_class WHERE relname LIKE '%notebooks_runs%'")
        assert connection.scalars(left).all() == []
        constraints = text("SELECT conname FROM pg_constraint WHERE conname LIKE '%notebooks_runs%'")
        assert connection.scalars(constraints).all() == []


def test_the_room_is_taken_out_with_its_table_and_put_back(fresh_app: Flask) -> None:
    assert migrations.take_down("documents")
    assert "documents_runs" not in inspect(db.engines[None]).get_table_names()
    migrations.upgrade()
    migrations.check()
