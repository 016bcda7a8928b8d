"""Notebooks in the API: what they are, and the actions that steer them. A wish is answered at once; the keeper fulfils it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from webapp.blueprints.notebooks.api.doors import blueprint
from webapp.blueprints.notebooks.models import Notebook
from webapp.blueprints.notebooks.queries.notebooks import (
    ADMINISTER,
    NOTEBOOKS,
    SEE,
    WORK,
    find_lock,
    get_notebook,
    list_steps,
    may_do,
    name_of,
    visible_notebooks,
)
from webapp.blueprints.notebooks.schemas.notebooks import (
    NewNotebookSchema,
    NotebookChangeSchema,
    NotebookLineSchema,
    NotebookSchema,
    NotebookSeenSchema,
    TakenLockSchema,
)
from webapp.blueprints.notebooks.services.door import base_address
from webapp.blueprints.notebooks.services.keeping import extend_notebook
from webapp.blueprints.notebooks.services.locks import lock_notebook, take_lock_over, unlock_notebook
from webapp.blueprints.notebooks.services.notebooks import create_notebook, delete_notebook, update_notebook
from webapp.blueprints.notebooks.services.wishes import (
    ask_keeper,
    restart_notebook,
    start_notebook,
    stop_notebook,
)
from webapp.core.api import answer_list, arguments_of, page_of
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction
from webapp.core.security import current_actor, requires


@blueprint.route("")
@requires(SEE)
@blueprint.arguments(arguments_of(NOTEBOOKS), location="query")
@blueprint.response(200, page_of(NotebookLineSchema, "Notebooks"))
def notebooks(_asked: dict[str, Any]) -> dict[str, Any]:
    """List notebooks.

    Those that the key may see, with the filters, the search and the order of the list on screen.
    """
    return answer_list(db.session(), visible_notebooks(current_actor()))


@blueprint.route("", methods=["POST"])
@requires(WORK)
@blueprint.arguments(NewNotebookSchema)
@blueprint.response(201, NotebookSchema)
def create(asked: dict[str, Any]) -> dict[str, Any]:
    """Create a notebook in a project of one's own group."""
    with transaction() as session:
        slug = create_notebook(session, by=current_actor(), **asked).slug
    return _told(slug)


@blueprint.route("/<slug>")
@requires(SEE)
@blueprint.response(200, NotebookSchema)
def notebook(slug: str) -> dict[str, Any]:
    """Read a notebook, with the steps of its last start or stop."""
    return _told(slug)


@blueprint.route("/<slug>", methods=["PATCH"])
@requires(WORK)
@blueprint.arguments(NotebookChangeSchema)
@blueprint.response(200, NotebookSchema)
def change(asked: dict[str, Any], slug: str) -> dict[str, Any]:
    """Change a notebook."""
    by = current_actor()
    with transaction() as session:
        stored = get_notebook(session, slug, by=by, to=WORK)
        values = {"name": stored.name, "description": stored.description} | asked
        update_notebook(session, by=by, slug=slug, **values)
    return _told(slug)


@blueprint.route("/<slug>", methods=["DELETE"])
@requires(ADMINISTER)
@blueprint.arguments(NotebookSeenSchema, location="query")
@blueprint.response(204)
def remove(asked: dict[str, Any], slug: str) -> None:
    """Delete a notebook with its container, its home and its backups."""
    with transaction() as session:
        delete_notebook(session, by=current_actor(), slug=slug, version=asked["version"])


@blueprint.route("/<slug>/start", methods=["POST"])
@requires(WORK)
@blueprint.response(202, NotebookSchema)
def start(slug: str) -> dict[str, Any]:
    """Start a notebook."""
    return _wished(start_notebook, slug)


@blueprint.route("/<slug>/stop", methods=["POST"])
@requires(WORK)
@blueprint.response(202, NotebookSchema)
def stop(slug: str) -> dict[str, Any]:
    """Stop a notebook."""
    return _wished(stop_notebook, slug)


@blueprint.route("/<slug>/restart", methods=["POST"])
@requires(WORK)
@blueprint.response(202, NotebookSchema)
def restart(slug: str) -> dict[str, Any]:
    """Start a notebook anew."""
    return _wished(restart_notebook, slug)


@blueprint.route("/<slug>/sync", methods=["POST"])
@requires(WORK)
@blueprint.response(202, NotebookSchema)
def sync(slug: str) -> dict[str, Any]:
    """Let the keeper compare a notebook with its container now, and repair it."""
    by = current_actor()
    with transaction() as session:
        ask_keeper(session, get_notebook(session, slug, by=by, to=WORK), by=by)
    return _told(slug)


@blueprint.route("/<slug>/extend", methods=["POST"])
@requires(WORK)
@blueprint.response(200, NotebookSchema)
def extend(slug: str) -> dict[str, Any]:
    """Put off the moment at which a notebook stops by itself."""
    return _wished(extend_notebook, slug)


@blueprint.route("/<slug>/lock", methods=["POST"])
@requires(WORK)
@blueprint.arguments(TakenLockSchema)
@blueprint.response(200, NotebookSchema)
def lock(asked: dict[str, Any], slug: str) -> dict[str, Any]:
    """Keep others out of a notebook, or take their lock over."""
    take_over = asked.pop("take_over")
    with transaction() as session:
        (take_lock_over if take_over else lock_notebook)(session, by=current_actor(), slug=slug, **asked)
    return _told(slug)


@blueprint.route("/<slug>/unlock", methods=["POST"])
@requires(WORK)
@blueprint.response(200, NotebookSchema)
def unlock(slug: str) -> dict[str, Any]:
    """Let others into a notebook again."""
    return _wished(unlock_notebook, slug)


def _wished(wish: Callable[..., object], slug: str) -> dict[str, Any]:
    """The notebook after something was wished of it."""
    with transaction() as session:
        wish(session, by=current_actor(), slug=slug)
    return _told(slug)


def _told(slug: str) -> dict[str, Any]:
    """A notebook as its schema writes it."""
    session, by = db.session(), current_actor()
    found: Notebook = get_notebook(session, slug, by=by)
    held = find_lock(session, found.id, now=utc_now())
    columns = {column.key: getattr(found, column.key) for column in found.__table__.columns if column.key != "log"}
    return {
        **columns,
        "image": found.image.name,
        "url": base_address(slug),
        "steps": list_steps(session, found) if may_do(session, found, by, WORK) else [],
        "lock": held
        and {
            "user_id": held.user_id,
            "name": name_of(held.user_id),
            "reason": held.reason,
            "taken_at": held.taken_at,
            "until": held.until,
        },
    }
