"""The table of the security standard names tests that are there, and leaves out no item."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from webapp.core.settings import PROJECT

PAGE = (PROJECT / "docs" / "asvs.md").read_text()
ROW = re.compile(
    r"^\| (\d+\.\d+\.\d+) \| [12] \| .+? \| (met|\*\*not met\*\*|does not apply) \| (.*) \|$", re.MULTILINE
)
PROOF = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
# how many items of levels 1 and 2 each section of ASVS 5.0.0 has
SECTIONS = {
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "14.1": 2, "14.2": 4, "14.3": 3,
}  # fmt: skip


def rows() -> Iterator[tuple[str, str, str]]:
    for found in ROW.finditer(PAGE):
        yield found[1], found[2], found[3]


@cache
def names_in(path: str) -> frozenset[str]:
    return frozenset(re.findall(r"^def (test_\w+)\(", (PROJECT / path).read_text(), re.MULTILINE))


def test_every_item_of_the_chapters_stands_in_the_table_once() -> None:
    expected = [f"{section}.{number}" for section, count in SECTIONS.items() for number in range(1, count + 1)]
    assert [item for item, _state, _proof in rows()] == expected


def test_what_is_met_is_proved_by_tests_that_are_there() -> None:
    for item, state, remark in rows():
        proofs = PROOF.findall(remark)
        assert bool(proofs) == (state == "met"), f"{item} is {state} with {len(proofs)} proofs"
        for path, name in proofs:
            assert name in names_in(path), f"{item}: {path} has no {name}"


def test_a_test_that_is_named_beside_what_is_not_met_is_there_too() -> None:
    known = frozenset().union(
        *(names_in(str(path.relative_to(PROJECT))) for path in (PROJECT / "tests").rglob("test_*.py"))
    )
    for item, _state, remark in rows():
        for name in re.findall(r"`(test_\w+)`", remark):
            assert name in known, f"{item} names {name}"


def test_the_sum_is_right() -> None:
    states = [state for _item, state, _remark in rows()]
    told = re.search(r"(\d+) are met, (\d+) are not, (\d+) do not apply", PAGE)
    assert told
    assert [int(number) for number in told.groups()] == [
        states.count(state) for state in ("met", "**not met**", "does not apply")
    ]
