"""What a Docker Engine says, in the words of the ports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import docker
import requests

from webapp.blueprints.notebooks.ports import Cause, EngineDown, EngineRefused

HOUSE_LABEL = "bottega.house"  # on everything that an installation has on the engine
CAUSES = (
    ("no such image", Cause.IMAGE_MISSING),
    ("pull access denied", Cause.IMAGE_MISSING),
    ("manifest unknown", Cause.IMAGE_MISSING),
    ("repository name not known", Cause.IMAGE_MISSING),
    ("unauthorized", Cause.IMAGE_MISSING),  # registries say so of what is not there, too
    ("no basic auth credentials", Cause.IMAGE_MISSING),
    ("dial tcp", Cause.NO_REGISTRY),  # nothing but a registry is asked over the network
    ("x509:", Cause.NO_REGISTRY),
    ("handshake timeout", Cause.NO_REGISTRY),
    ("request canceled while waiting", Cause.NO_REGISTRY),
    ("could not find an available", Cause.NO_NETWORK),
    ("no space left", Cause.NO_DISK),
    ("disk quota exceeded", Cause.NO_DISK),
    ("cannot allocate memory", Cause.NO_MEMORY),
    ("is already in use by container", Cause.NAME_TAKEN),
    ("already exists", Cause.NAME_TAKEN),
)


@contextmanager
def speaking() -> Iterator[None]:
    """Tell what the SDK raises as EngineDown or EngineRefused. It lets the errors of `requests` through unwrapped."""
    try:
        yield
    except docker.errors.ImageNotFound as error:
        raise EngineRefused(Cause.IMAGE_MISSING, said(error)) from error
    except docker.errors.APIError as error:
        raise EngineRefused(cause_of(said(error)), said(error)) from error
    except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
        raise EngineDown(str(error)) from error


def said(error: docker.errors.APIError) -> str:
    """The engine's own sentence."""
    return str(error.explanation or error)


def cause_of(words: str) -> Cause:
    """The cause that a sentence of the engine tells of, as far as the house knows a remedy."""
    lower = words.lower()
    return next((cause for sign, cause in CAUSES if sign in lower), Cause.OTHER)
