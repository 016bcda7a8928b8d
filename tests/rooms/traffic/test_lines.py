"""Lines of every format, well-formed or not, are read, or rejected as they were; none breaks the reading, none is lost."""

from __future__ import annotations

import datetime as dt
import gzip
import lzma
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from backports import zstd
from flask import Flask

from tests.rooms.traffic.makers import AGENT, as_json, ask, book, combined, hits, ingest, write
from webapp.blueprints.traffic.services.files import family
from webapp.blueprints.traffic.services.lines import Format, NotUnderstood, guess_format, read_line
from webapp.blueprints.traffic.services.parsing import TEXTS, Parsed, parse

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
ZONE = dt.timezone(dt.timedelta(hours=1))


def read(*lines: bytes, form: Format = "combined", auto: bool = False) -> Parsed:
    return parse(b"".join(lines), form, ZONE, NOW, auto=auto)


def row(parsed: Parsed, number: int = 0) -> dict[str, object]:
    told: dict[str, object] = {name: parsed.texts[name][parsed.codes[name][number]] for name in TEXTS}
    return told | {name: int(getattr(parsed, name)[number]) for name in ("at", "status", "size")}


def test_a_combined_line() -> None:
    assert row(read(combined(at=NOW))) == {
        "address": "203.0.113.7", "host": "", "method": "GET", "path": "/shop", "query": "page=2", "protocol": "HTTP/1.1",
        "referrer": "https://example.com/", "agent": AGENT, "cache": "", "tls": "", "request_id": "",
        "at": int(NOW.timestamp()) * 1_000_000, "status": 200, "size": 1234,
    }  # fmt: skip


def test_a_common_and_a_vhost_line() -> None:
    moment = NOW.strftime("%d/%b/%Y:%H:%M:%S +0000")
    common = f'203.0.113.7 - frank [{moment}] "GET /a HTTP/1.0" 304 -\n'.encode()
    assert guess_format([common]) == "common"
    found = row(read(common, form="common"))
    assert (found["path"], found["status"], found["size"], found["agent"]) == ("/a", 304, 0, "")
    vhost = b"www.example.it:443 " + combined(at=NOW, address="2001:db8::7")
    assert guess_format([vhost]) == "vhost"
    found = row(read(vhost, form="vhost"))
    assert (found["host"], found["address"], found["path"]) == ("www.example.it", "2001:db8::7", "/shop")


def test_a_line_of_this_house_s_nginx() -> None:
    parsed = read(as_json(NOW), form="json")
    assert row(parsed)["request_id"] == "0" * 31 + "7"
    assert (row(parsed)["host"], row(parsed)["cache"], row(parsed)["tls"]) == ("suite.example.it", "MISS", "TLSv1.3")
    assert [parsed.request_time[0], parsed.upstream_time[0], parsed.database_time[0]] == pytest.approx(
        [0.125, 0.1, 0.04]
    )
    assert (parsed.request_size[0], parsed.upstream_status[0]) == (512, 200)


def test_a_line_from_before_the_application_told_the_seconds_of_the_databases_is_read_as_well() -> None:
    old = as_json(NOW, uri="/old").replace(b'"database_time":"0.040",', b"")
    parsed = read(old + as_json(NOW, uri="/new"), form="json")
    assert parsed.texts["path"][1:] == ["/new", "/old"]
    found = dict(zip((parsed.texts["path"][code] for code in parsed.codes["path"]), parsed.database_time, strict=True))
    assert found["/new"] == pytest.approx(0.04)
    assert found["/old"] != found["/old"]  # not told
    assert not parsed.rejected


@pytest.mark.parametrize("said", ["", "soon", "9" * 400, "-"])
def test_seconds_of_the_databases_that_make_no_sense_harm_nothing(said: str) -> None:
    parsed = read(as_json(NOW, database_time=said), form="json")
    assert row(parsed)["path"] == "/shop"
    assert not parsed.database_time[0] > 1e9


def test_the_log_format_of_our_nginx_names_what_is_read() -> None:
    import re

    from webapp.blueprints.traffic.services.parsing import JSON_NAMES
    from webapp.core.settings import PROJECT

    config = (PROJECT / "nginx/snippets/http.conf").read_text()
    form = config[config.index("log_format bottega") : config.index("';\n", config.index("log_format bottega"))]
    assert re.findall(r'"(\w+)":"', form) == [name.decode() for name in JSON_NAMES]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(as_json(NOW, upstream_time="0.010, 0.020 : 0.001", upstream_status="502, 200"), {"status": 200}, id="two servers"),
        pytest.param(as_json(NOW, user_agent='say "hi" \\ there'), {"agent": 'say "hi" \\ there'}, id="quotes"),
        pytest.param(as_json(NOW, uri="/caffè").replace(b"\\u00e8", "è".encode()), {"path": "/caffè"}, id="UTF-8"),
        pytest.param(as_json(NOW, uri="/caff@").replace(b"@", b"\xe8"), {"path": "/caff\\xe8"}, id="not UTF-8"),
        pytest.param(as_json(NOW, uri="/\u0001\u0000"), {"path": "/\\x01\\x00"}, id="control characters"),
        pytest.param(as_json(NOW, status="", bytes="").replace(b'"status":""', b'"status":404'), {"status": 404, "size": 0}, id="a number"),
        pytest.param(as_json(NOW, method="", uri="", status="400", protocol=""), {"method": "", "status": 400}, id="no request"),
        pytest.param(
            b'{"time_iso8601":"' + NOW.isoformat().encode() + b'","remote_addr":"::1","request":"GET /x?y HTTP/2.0","status":200,'
            b'"body_bytes_sent":5}', {"path": "/x", "query": "y", "address": "::1", "size": 5}, id="other names",
        ),
    ],
)  # fmt: skip
def test_json_lines_of_other_shapes(line: bytes, expected: dict[str, object]) -> None:
    parsed = read(line, form="json")
    assert not parsed.rejected
    assert {name: row(parsed)[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(combined(at=NOW, agent='say \\"hi\\"'), {"agent": 'say "hi"'}, id="Apache's quotes"),
        pytest.param(combined(at=NOW, agent="say \\x22hi\\x22"), {"agent": 'say "hi"'}, id="nginx's quotes"),
        pytest.param(combined(at=NOW, agent='say "hi"'), {"status": 200, "path": "/shop"}, id="quotes not escaped"),
        pytest.param(combined(at=NOW).rstrip(b'\n"') + b"\n", {"agent": AGENT}, id="no closing quote"),
        pytest.param(
            combined(at=NOW, request="\\x16\\x03\\x01", status=400),
            {"method": "", "path": "\\x16\\x03\\x01"},
            id="TLS, escaped",
        ),
        pytest.param(
            combined(at=NOW, request="@", status=400).replace(b"@", b"\x16\x03\x01\xff"),
            {"path": "\\x16\\x03\\x01\\xff"},
            id="TLS, raw",
        ),
        pytest.param(combined(at=NOW, request="GET /@ HTTP/1.1").replace(b"@", b"\x00"), {"path": "/\\x00"}, id="NUL"),
        pytest.param(
            combined(at=NOW, request="GET /@ HTTP/1.1").replace(b"@", b"\xe8"), {"path": "/\\xe8"}, id="not UTF-8"
        ),
        pytest.param(combined(at=NOW, request="-", status=400), {"method": "", "path": ""}, id="no request"),
        pytest.param(combined(at=NOW, request="", status=400), {"method": "", "path": ""}, id="an empty request"),
        pytest.param(combined(at=NOW, address="2001:db8::1"), {"address": "2001:db8::1"}, id="IPv6"),
        pytest.param(
            combined(at=NOW, address="::ffff:203.0.113.7"), {"address": "::ffff:203.0.113.7"}, id="IPv4 in IPv6"
        ),
        pytest.param(combined(at=NOW, size="-"), {"size": 0}, id="size missing"),
        pytest.param(combined(at=NOW, size=""), {"size": 0, "status": 200}, id="size empty"),
        pytest.param(combined(at=NOW, size="9" * 30), {"size": 2**63 - 1}, id="size too large"),
        pytest.param(combined(at=NOW, request=f"GET /{'a' * 4096} HTTP/1.1"), {"path": f"/{'a' * 4096}"}, id="4 kB"),
        pytest.param(
            combined(at=NOW, request=f"GET /{'a' * (1 << 20)} HTTP/1.1"), {"path": f"/{'a' * (1 << 20)}"}, id="1 MB"
        ),
        pytest.param(combined(at=NOW, request="GET /a b c HTTP/1.1"), {"path": "/a b c"}, id="spaces in the path"),
        pytest.param(combined(at=NOW).replace(b"\n", b"\r\n"), {"agent": AGENT}, id="line end of Windows"),
        pytest.param(combined(at=NOW).rstrip(b"\n") + b' "0.005" extra\n', {"agent": AGENT}, id="more behind"),
    ],
)
def test_nasty_lines_are_read(line: bytes, expected: dict[str, object]) -> None:
    parsed = read(line)
    assert not parsed.rejected
    assert {name: row(parsed)[name] for name in expected} == expected


@pytest.mark.parametrize("offset", ["+0000", "+0530", "-1130", "+1400"])
def test_times_of_every_zone_are_one_moment(offset: str) -> None:
    sign = -1 if offset[0] == "-" else 1
    zone = dt.timezone(sign * dt.timedelta(hours=int(offset[1:3]), minutes=int(offset[3:])))
    assert row(read(combined(at=NOW.astimezone(zone))))["at"] == int(NOW.timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"hello\n", "format"),
        (b"\x00\x01\x02\xff\n", "format"),
        (b'{"a": \n', "format"),
        (b"[]\n", "format"),
        (combined(at=NOW).replace(b"2", b"x", 1).replace(NOW.strftime("%b").encode(), b"Foo"), "time"),
        (combined(at=dt.datetime(1970, 1, 1, tzinfo=dt.UTC)), "time"),
        (combined(at=NOW + dt.timedelta(days=3)), "time"),
        (
            combined(at=NOW.replace(day=1)).replace(b"[01/", b"[31/").replace(NOW.strftime("%b").encode(), b"Feb"),
            "time",
        ),
    ],
)
def test_what_no_format_knows_is_rejected_as_it_was(line: bytes, reason: str) -> None:
    parsed = read(combined(at=NOW), line, combined(at=NOW), auto=True)
    assert [(each.place, each.reason, each.line) for each in parsed.rejected] == [(1, reason, line.rstrip(b"\n"))]
    assert list(parsed.place) == [0, 2]


def test_blank_lines_and_empty_blocks_are_counted() -> None:
    parsed = read(b"\n", combined(at=NOW), b"   \n", b"\r\n")
    assert (parsed.lines, len(parsed.at), parsed.blank) == (4, 1, 3)
    assert read(b"").lines == 0


def test_the_quick_way_and_the_line_by_line_way_say_the_same(fresh_app: Flask) -> None:
    chance = random.Random(3)
    pieces = ["/", "a", "?", "=", " ", '"', "\\", "\\x22", '\\"', "-", "%", "[", "]", "é", "\t", "1"]
    lines = []
    for _ in range(3000):
        said = ["".join(chance.choices(pieces, k=chance.randrange(12))) for _ in range(3)]
        lines.append(
            combined(
                at=NOW,
                request=f"GET /{said[0]} HTTP/1.1",
                referrer=said[1],
                agent=said[2],
                size=chance.choice(["1", "-", "99999999999"]),
            )
        )
    parsed = read(*lines)
    place = {int(number): at for at, number in enumerate(parsed.place)}
    for number, line in enumerate(lines):
        try:
            alone = read_line(line.rstrip(b"\n"), "combined", ZONE)
        except NotUnderstood:
            assert number not in place
        else:
            found = row(parsed, place[number])
            assert found == {name: getattr(alone, name) for name in found}


def test_garbage_never_breaks_the_reading() -> None:
    chance = random.Random(5)
    good = combined(at=NOW)
    for form in ("combined", "common", "json", "vhost", "error"):
        block = bytearray((good + as_json(NOW)) * 200)
        for _ in range(2000):
            block[chance.randrange(len(block))] = chance.randrange(256)
        parsed = read(bytes(block), form=form, auto=True)
        lines = bytes(block).count(b"\n") + (not bytes(block).endswith(b"\n"))
        assert parsed.lines == lines == len(parsed.at) + len(parsed.rejected) + parsed.blank + len(parsed.problems)


def test_time_may_run_backwards_within_a_file(fresh_app: Flask, tmp_path: Path) -> None:
    lines = [combined(at=NOW - dt.timedelta(hours=hours)) for hours in (1, 30, 2, 50)]
    ingest(write(tmp_path, "access.log", *lines))
    assert [hit["at"] for hit in hits()] == [NOW - dt.timedelta(hours=hours) for hours in (1, 30, 2, 50)]
    assert ask("SELECT first_at, last_at FROM traffic_files") == [
        (NOW - dt.timedelta(hours=50), NOW - dt.timedelta(hours=1))
    ]


def test_empty_files_and_a_last_line_without_end(fresh_app: Flask, tmp_path: Path) -> None:
    told = ingest(write(tmp_path, "a.log"), write(tmp_path, "b.log", combined(at=NOW).rstrip(b"\n")))
    assert (told.lines, told.parsed, told.problems) == (1, 1, [])


def test_an_empty_file_has_its_book(fresh_app: Flask, tmp_path: Path) -> None:
    path = write(tmp_path, "a.log")
    assert ingest(path, write(tmp_path, "b.log")).files == 2
    book_of = "SELECT lines, parsed, rejected, ignored, hits FROM traffic_files ORDER BY path"
    assert ask(book_of) == [(0, 0, 0, 0, 0), (0, 0, 0, 0, 0)]
    Path(path).write_bytes(combined(at=NOW) + b"\n")
    ingest(path)
    assert ask(book_of) == [(2, 1, 0, 1, 1), (0, 0, 0, 0, 0)]


@pytest.mark.parametrize("end", [b"", b"\n", b"\n" + combined(at=NOW)])
def test_a_line_beyond_64_megabytes_stops_no_file(fresh_app: Flask, tmp_path: Path, end: bytes) -> None:
    long = b"203.0.113.7 " + b"x" * (73 << 20)
    path = Path(write(tmp_path, "a.log", combined(at=NOW), long, end))
    more = 1 if len(end) > 1 else 0
    told = ingest(str(path))
    assert (told.lines, told.parsed, told.rejected, told.problems) == (2 + more, 1 + more, 1, [])
    [(place, reason, line)] = ask("SELECT place, reason, line FROM traffic_rejects")
    assert (place, reason, bytes(line)) == (2, "long", long[: 64 << 10])
    assert ask("SELECT read_to FROM traffic_files") == [(path.stat().st_size,)]
    assert ingest(str(path)).lines == 0


def test_compressed_files_are_read_whatever_their_name(fresh_app: Flask, tmp_path: Path) -> None:
    paths = []
    packers: tuple[Callable[[bytes], bytes], ...] = (gzip.compress, lzma.compress, zstd.compress)
    for number, pack in enumerate(packers):
        content = b"".join(combined(at=NOW, request=f"GET /{number}/{each} HTTP/1.1") for each in range(1000))
        (tmp_path / f"{number}.packed").write_bytes(pack(content))
        paths.append(str(tmp_path / f"{number}.packed"))
    assert ingest(*paths).parsed == 3000
    assert ask("SELECT count(DISTINCT path_id) FROM traffic_hits") == [(3000,)]


def test_a_broken_archive_is_told_and_the_others_are_read(fresh_app: Flask, tmp_path: Path) -> None:
    content = gzip.compress(b"".join(combined(at=NOW, agent=str(random.Random(n).random())) for n in range(5000)))
    (tmp_path / "a.log.1.gz").write_bytes(content[: len(content) // 2])
    told = ingest(str(tmp_path / "a.log.1.gz"), write(tmp_path, "b.log", combined(at=NOW)))
    assert len(told.problems) == 1
    assert told.lines >= 1
    assert book()[0] == told.lines


def test_mixed_formats_in_one_file_are_read(fresh_app: Flask, tmp_path: Path) -> None:
    problem = f'{NOW:%Y/%m/%d %H:%M:%S} [error] 12#12: *7 open() "/srv/x" failed (2: No such file), client: 203.0.113.7, server: s, request: "GET /x HTTP/1.1", host: "h"\n'
    told = ingest(write(tmp_path, "a.log", combined(at=NOW), as_json(NOW), problem.encode(), b"nothing\n", b"\n"))
    assert (told.lines, told.parsed, told.rejected, told.ignored, told.hits) == (5, 3, 1, 1, 2)
    assert ask("SELECT level, message, request FROM traffic_problems") == [
        ("error", 'open() "/srv/x" failed (2: No such file)', "GET /x HTTP/1.1")
    ]


def test_problems_are_grouped_by_their_shape_and_joined_by_request_id(fresh_app: Flask, tmp_path: Path) -> None:
    lines = [
        f'{NOW:%Y/%m/%d %H:%M:%S} [error] {pid}#1: *{pid} upstream timed out (110: x) while reading "/a{pid}", client: ::1, '
        f'server: s, request: "GET /{pid} HTTP/1.1", upstream: "http://127.0.0.1:8000/{pid}", request_id: {pid:032x}\n'.encode()
        for pid in (10, 20, 30)
    ]
    ingest(write(tmp_path, "error.log", *lines), write(tmp_path, "access.log", as_json(NOW, request_id=f"{20:032x}")))
    assert ask("SELECT count(*), count(DISTINCT shape_id) FROM traffic_problems") == [(3, 1)]
    assert ask("SELECT count(*) FROM traffic_problems JOIN traffic_hits USING (request_id)") == [(1,)]


@pytest.mark.parametrize(
    "name",
    [
        "access.log",
        "access.log.1",
        "access.log.12.gz",
        "access.log-20261121",
        "access.log-20261121.xz",
        "access.log.2026-11-21.zst",
    ],
)
def test_rotated_names_are_of_one_family(name: str) -> None:
    assert family(f"/var/log/nginx/{name}") == "access.log"


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "figures", "statuses"),
    [
        (
            "elastic_apache_logs.log",
            (10_000, 1753),
            {200: 9126, 304: 445, 404: 213, 301: 164, 206: 45, 500: 3, 403: 2, 416: 2},
        ),
        ("elastic_nginx_logs_excerpt.log", (1505, 106), {404: 1004, 304: 373, 200: 118, 403: 8, 206: 2}),
        ("basjes_hackers-access.log", (3456, 520), {200: 2846, 302: 585, 403: 13, 404: 12}),
    ],
)
def test_real_files_have_the_figures_that_are_known_of_them(
    fresh_app: Flask, real_data: Path, name: str, figures: tuple[int, int], statuses: dict[int, int]
) -> None:
    lines, clients = figures
    told = ingest(str(real_data / "logs" / name))
    assert (told.lines, told.parsed, told.rejected, told.ignored) == (lines, lines, 0, 0)
    assert dict(ask("SELECT status, count(*) FROM traffic_hits GROUP BY 1")) == statuses
    parsed = read((real_data / "logs" / name).read_bytes())
    assert len(parsed.texts["address"]) - 1 == clients


@pytest.mark.real_data
def test_real_lines_of_attacks_are_read(fresh_app: Flask, real_data: Path) -> None:
    told = ingest(*(str(path) for path in sorted((real_data / "logs/crowdsec").glob("*.log"))))
    assert (told.lines, told.rejected) == (89, 0)
