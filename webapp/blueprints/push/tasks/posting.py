"""The way to push services: encrypted for one browser (RFC 8291), signed with the house's key (RFC 8292), sent (RFC 8030)."""

from __future__ import annotations

import email.utils
import re
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import requests
from py_vapid import Vapid02
from pywebpush import WebPusher, WebPushException
from urllib3.exceptions import HTTPError

from webapp.blueprints.push.ports import Answer, Outcome, Outgoing
from webapp.blueprints.push.services.subscribing import ServiceUnknown, SubscriptionWrong, check_endpoint
from webapp.blueprints.push.tasks.reaching import WorldAdapter
from webapp.core.clock import utc_now
from webapp.core.settings import Settings

SIGNED_FOR = 12 * 3600  # seconds; RFC 8292 allows a day
GONE = (404, 410)
LATER = (408, 425, 429)
UNREACHED = re.compile("NewConnectionError|NameResolutionError")
LARGEST_ANSWER = 4096


class PushServices:
    """Posts pushes, from several threads at once. Close it, or use it in a `with`."""

    def __init__(self, private_key: str, contact: str, settings: Settings) -> None:
        self._vapid = Vapid02.from_raw(private_key.encode())
        self._contact = contact
        self._settings = settings
        self._own = threading.local()
        self._sessions: list[requests.Session] = []
        self._signed: dict[str, tuple[float, dict[str, str]]] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for session in self._sessions:
            session.close()

    def post(self, push: Outgoing, *, timeout: float) -> Answer:
        """Hand a push over; what the service said. Raises nothing for what a service or the network may do."""
        try:
            check_endpoint(push.endpoint, self._settings)
        except (SubscriptionWrong, ServiceUnknown) as problem:
            return _answer(push, "refused", words=str(problem.sentence))
        try:
            response = self._send(push, timeout)
        except (requests.ConnectTimeout, requests.exceptions.SSLError) as problem:
            return _answer(push, "later", words=f"the push service cannot be reached ({type(problem).__name__})")
        except requests.ReadTimeout:
            return _answer(push, "unclear", words="the push service did not say whether it took it")
        except requests.ConnectionError as problem:  # refused, or dropped: only the former surely took nothing
            outcome: Outcome = "later" if UNREACHED.search(repr(problem)) else "unclear"
            return _answer(push, outcome, words="the push service does not answer")
        except (requests.RequestException, WebPushException, ValueError) as problem:
            return _answer(push, "refused", words=str(problem)[:200] or type(problem).__name__)
        with response:
            return _heard(push, response)

    def _send(self, push: Outgoing, timeout: float) -> requests.Response:
        """Post it, to that address alone: no redirect is followed, and no body read that has no end."""
        info = {"endpoint": push.endpoint, "keys": {"p256dh": push.p256dh, "auth": push.auth}}
        headers = {
            **self._signature(push.endpoint),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(push.seconds),
            "Urgency": push.urgency,
        }
        body = WebPusher(info).encode(push.content.encode())["body"]
        return self._session().post(
            push.endpoint, data=body, headers=headers, timeout=timeout, allow_redirects=False, stream=True
        )

    def _session(self) -> requests.Session:
        if not hasattr(self._own, "session"):
            self._own.session = requests.Session()
            self._own.session.trust_env = False  # no proxy or password of the environment
            self._own.session.mount("https://", WorldAdapter())
            if not self._settings.push_local:
                del self._own.session.adapters["http://"]
            with self._lock:
                self._sessions.append(self._own.session)
        session: requests.Session = self._own.session
        return session

    def _signature(self, endpoint: str) -> dict[str, str]:
        """The header that says who we are, made once an hour for each service."""
        parts = urlsplit(endpoint)
        origin = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            made, headers = self._signed.get(origin, (0.0, {}))
            if not headers or time.monotonic() - made > 3600:
                claims = {"aud": origin, "exp": int(time.time()) + SIGNED_FOR, "sub": self._contact}
                headers = dict(self._vapid.sign(claims))
                self._signed[origin] = (time.monotonic(), headers)
        return dict(headers)


def _heard(push: Outgoing, response: requests.Response) -> Answer:
    status = response.status_code
    with suppress(
        OSError, HTTPError
    ):  # what it says beside the status matters to nobody, but the connection can serve again
        response.raw.read(LARGEST_ANSWER)
    if 200 <= status < 300:
        return _answer(push, "sent", status)
    if status in GONE:
        return _answer(push, "dead", status)
    words = f"{status} {response.reason or ''}".strip()
    if status in LATER or status >= 500:
        return _answer(push, "later", status, _seconds(response.headers.get("Retry-After")), words)
    return _answer(push, "refused", status, None, words)


def _seconds(text: str | None) -> float | None:
    """What Retry-After says (RFC 9110, 10.2.3): seconds or a date; None for nothing that can be read."""
    if not text:
        return None
    if text.strip().isdecimal():
        return float(text.strip()[:9])
    try:
        moment = email.utils.parsedate_to_datetime(text)
        return (moment - utc_now()).total_seconds()
    except (TypeError, ValueError):
        return None


def _answer(
    push: Outgoing, outcome: Outcome, status: int = 0, retry_after: float | None = None, words: str = ""
) -> Answer:
    return Answer(push.delivery_id, outcome, status, retry_after, words)
