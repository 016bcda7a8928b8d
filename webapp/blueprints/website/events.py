"""What the website announces to rooms above it; all of it in the transaction in which it happened."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PagePublished:
    """Strangers see another text at `path` than before."""

    page_id: int
    language: str
    path: str
    title: str
    by_name: str


@dataclass(frozen=True)
class PageTakenOff:
    """Strangers see nothing at `path` any more: unpublished, expired or `deleted`."""

    page_id: int
    language: str
    path: str
    title: str
    by_name: str
    deleted: bool = False
