"""Flask-Admin for the owner."""

from flask import Flask


def set_up_admin(app: Flask) -> None:
    """Open /admin."""
