"""The suite with a bare Jinja page beside it, in one gunicorn: what a page from the cache is compared with."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flask import Flask, render_template
from jinja2 import DictLoader
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from webapp.app import create_app
from webapp.core.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BARE = "/_bare"
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8" /><title>{{ title }}</title></head>
<body><h1>{{ title }}</h1>
<ul>{% for number in range(20) %}<li>{{ number }}. {{ title }}</li>{% endfor %}</ul></body></html>
"""


def create() -> WSGIApplication:
    """What gunicorn serves."""
    bare = Flask("bare")
    bare.jinja_loader = DictLoader({"page.html": PAGE})
    bare.add_url_rule("/", "page", lambda: render_template("page.html", title="A bare page"))
    suite = create_app(Settings.from_environment(os.environ))
    return DispatcherMiddleware(suite.wsgi_app, {BARE: bare.wsgi_app})
