"""Who acts and what they may do; an endpoint without a lock keeps the application from starting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app

View = TypeVar("View", bound=Callable[..., Any])
LOCK = "_bottega_lock"


class CorePermission(StrEnum):
    """What the floor itself protects."""

    BACKOFFICE_ENTER = "core:backoffice:enter"
    ADMIN_USE = "core:admin:use"
    COMPANY_EDIT = "core:company:edit"


@dataclass(frozen=True)
class Actor:
    """Who does something: a signed-in person, nobody in particular, or the house itself (a command, a task)."""

    name: str
    user_id: int | None = None
    permissions: frozenset[str] = field(default_factory=frozenset)
    everything: bool = False

    @property
    def signed_in(self) -> bool:
        """Whether a person stands behind it."""
        return self.user_id is not None

    def may(self, *permissions: str) -> bool:
        """Whether all of the `permissions` are granted."""
        return self.everything or self.permissions.issuperset(permissions)


ANONYMOUS = Actor("anonymous")
SYSTEM = Actor("system", everything=True)


def current_actor() -> Actor:
    """The actor of this request, as the accounts room tells it; without that room everybody is anonymous."""
    load: Callable[[], Actor] | None = current_app.extensions.get("bottega_actor")
    return load() if load else ANONYMOUS


def actor_of(user_id: int | None) -> Actor | None:
    """The person with that number as they may act now, None when they may not (any more); the house itself for None."""
    if user_id is None:
        return SYSTEM
    load: Callable[[int], Actor | None] | None = current_app.extensions.get("bottega_actor_of")
    return load(user_id) if load else None


def requires(*permissions: str) -> Callable[[View], View]:
    """Lock a view: the actor needs all `permissions`. Nobody signed in: to the sign-in page; signed in without: 403."""

    def lock(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            check_access(*permissions)
            return view(*args, **kwargs)

        setattr(guarded, LOCK, tuple(permissions))
        return cast("View", guarded)

    return lock


def check_access(*permissions: str) -> None:
    """Abort with 401 or 403 unless the current actor has all `permissions`."""
    actor = current_actor()
    if not actor.may(*permissions):
        abort(403 if actor.signed_in else 401)


def public(view: View) -> View:
    """Declare that anyone may call the view."""
    setattr(view, LOCK, ())
    return view


def lock_endpoints(app: Flask, prefix: str, *permissions: str) -> None:
    """Declare the lock of endpoints that a library registered and guards itself."""
    for endpoint, view in list(app.view_functions.items()):
        if endpoint == prefix or endpoint.startswith(f"{prefix}."):

            @wraps(view)
            def declared(*args: Any, _view: Callable[..., Any] = view, **kwargs: Any) -> Any:
                return _view(*args, **kwargs)

            setattr(declared, LOCK, permissions)
            app.view_functions[endpoint] = declared


def refuse_unlocked_doors(app: Flask) -> None:
    """Raise RuntimeError naming every endpoint that carries neither `@requires` nor `@public`."""
    unlocked = sorted(name for name, view in app.view_functions.items() if not hasattr(view, LOCK))
    if unlocked:
        raise RuntimeError(f"endpoints without @requires(...) or @public: {', '.join(unlocked)}")
