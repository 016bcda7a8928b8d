"""Who acts and what they may do; an endpoint without a lock keeps the application from starting."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, g, request
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

View = TypeVar("View", bound=Callable[..., Any])
LOCK = "_bottega_lock"
TOKENLESS = "_bottega_tokenless"
KEY_ACTOR = "key_actor"  # in `g`: who stands behind the key that a request to the API came with


class CorePermission(StrEnum):
    """What the floor itself protects."""

    BACKOFFICE_ENTER = "core:backoffice:enter"
    ADMIN_USE = "core:admin:use"
    COMPANY_EDIT = "core:company:edit"


CORE_TITLES: Mapping[str, LazyString] = {
    CorePermission.BACKOFFICE_ENTER: _l("Enter the back office"),
    CorePermission.ADMIN_USE: _l("Use the administration of all records"),
    CorePermission.COMPANY_EDIT: _l("Change the company's profile and appearance"),
}
# whoever had one of these could give themselves all others
OWNER_ONLY: frozenset[str] = frozenset({CorePermission.ADMIN_USE})


class Reach(StrEnum):
    """Over which records a permission is granted: the actor's own, those of their groups and below too, or all."""

    OWN = "own"
    GROUP = "group"
    ALL = "all"

    @property
    def width(self) -> int:
        """The further it reaches, the greater."""
        return tuple(Reach).index(self)


@dataclass(frozen=True)
class Actor:
    """Who does something: a signed-in person, nobody in particular, or the house itself (a command, a task).

    `reaches` says which `permissions` hold for less than all records. `groups` are the actor's groups and all below
    them, `home_group` is the one that new records lie in. `rank` is the highest of the actor's roles.
    """

    name: str
    user_id: int | None = None
    permissions: frozenset[str] = field(default_factory=frozenset)
    everything: bool = False
    reaches: Mapping[str, Reach] = field(default_factory=dict, hash=False)
    groups: frozenset[int] = field(default_factory=frozenset)
    home_group: int | None = None
    rank: int = 0

    @property
    def signed_in(self) -> bool:
        """Whether a person stands behind it."""
        return self.user_id is not None

    def may(self, *permissions: str) -> bool:
        """Whether all of the `permissions` are granted, be it for a few records only."""
        return self.everything or self.permissions.issuperset(permissions)

    def reach(self, permission: str) -> Reach | None:
        """Over which records the permission is granted; None when it is not."""
        if self.everything:
            return Reach.ALL
        return self.reaches.get(permission, Reach.ALL) if permission in self.permissions else None

    def narrowed(self, permissions: Collection[str]) -> Actor:
        """The same actor with no more than these permissions, as far as they have them."""
        kept = frozenset(permissions) if self.everything else self.permissions.intersection(permissions)
        return replace(self, permissions=kept, everything=False)


ANONYMOUS = Actor("anonymous")
SYSTEM = Actor("system", everything=True)


def current_actor() -> Actor:
    """The actor of this request: the holder of its key, or as the accounts room tells it; without that room anonymous."""
    if KEY_ACTOR in g:
        return cast("Actor", g.get(KEY_ACTOR))
    load: Callable[[], Actor] | None = current_app.extensions.get("bottega_actor")
    return load() if load else ANONYMOUS


def actor_of(user_id: int | None) -> Actor | None:
    """The person with that number as they may act now, None when they may not (any more); the house itself for None."""
    if user_id is None:
        return SYSTEM
    load: Callable[[int], Actor | None] | None = current_app.extensions.get("bottega_actor_of")
    return load(user_id) if load else None


def current_session_id() -> int | None:
    """The number of the session in which somebody is signed in; None for nobody, and for the holder of a key."""
    load: Callable[[], int | None] | None = current_app.extensions.get("bottega_session")
    return load() if load and KEY_ACTOR not in g else None


def holder_of(session_id: int) -> int | None:
    """The number of the person whose rights hold in a session now, the acted one where the owner acts as somebody.

    None as soon as the session is over, however it ended.
    """
    load: Callable[[int], int | None] | None = current_app.extensions.get("bottega_holder_of")
    return load(session_id) if load else None


def requires(*permissions: str) -> Callable[[View], View]:
    """Lock a view: the actor needs all `permissions`. Nobody signed in: to the sign-in page; signed in without: 403.

    Without `permissions` any actor that is known may call it, and nobody else.
    """

    def lock(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            check_access(*permissions)
            return view(*args, **kwargs)

        setattr(guarded, LOCK, tuple(permissions))
        return cast("View", guarded)

    return lock


def check_access(*permissions: str) -> None:
    """Abort with 401 for nobody in particular, with 403 for an actor who lacks one of the `permissions`."""
    actor = current_actor()
    if actor == ANONYMOUS:
        abort(401)
    if not actor.may(*permissions):
        abort(403)


def proven(view: View) -> View:
    """Let a view wait until who is signed in has proved it lately, in the way that the room of accounts asks for it."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        ask: Callable[[], Any] | None = current_app.extensions.get("bottega_prove_again")
        answer = ask() if ask else None
        return view(*args, **kwargs) if answer is None else answer

    return cast("View", guarded)


def public(view: View) -> View:
    """Declare that anyone may call the view."""
    setattr(view, LOCK, ())
    return view


def has_mark(mark: str) -> bool:
    """Whether the view that this request asks for was given that mark."""
    return hasattr(current_app.view_functions.get(request.endpoint or ""), mark)


def tokenless(view: View) -> View:
    """Let strangers post to a public view without a token: the page with its form is kept for all of them.

    What another site lets a browser post is refused (`Sec-Fetch-Site`); the session cookie would not come with it either
    (SameSite=Lax).
    """
    setattr(view, TOKENLESS, True)
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
