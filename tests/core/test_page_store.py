"""Answers that are kept in memory are bounded, of one version, and not too late."""

from __future__ import annotations

from webapp.core.page_store import BESIDE, Kept, PageStore


def kept(size: int, version: int = 1, until: float = 100.0) -> Kept:
    return Kept(b"x" * size, [], "page", version, until, packed=b"")


def test_the_store_is_bounded_and_lets_the_longest_unused_go() -> None:
    store = PageStore(80 * (BESIDE + 100))
    for number in range(100):
        store.keep((str(number),), kept(100))
        store.find(("0",), version=1, now=0.0)
    assert store.size <= 80 * (BESIDE + 100)
    assert store.find(("0",), version=1, now=0.0)
    assert store.find(("1",), version=1, now=0.0) is None
    assert store.find(("99",), version=1, now=0.0)
    store.keep(("huge",), kept(20 * BESIDE))
    assert store.find(("huge",), version=1, now=0.0) is None


def test_the_store_serves_no_other_version_and_nothing_too_late() -> None:
    store = PageStore(10**6)
    store.keep(("a",), kept(10))
    assert store.find(("a",), version=1, now=99.0)
    assert store.find(("a",), version=1, now=100.0) is None
    store.keep(("a",), kept(10))
    assert store.find(("a",), version=2, now=0.0) is None
    store.keep(("a",), kept(10, version=1))
    assert len(store) == 0
    assert store.size == 0


def test_the_same_words_have_the_same_tag() -> None:
    assert kept(10).etag == kept(10, version=7).etag != kept(11).etag
