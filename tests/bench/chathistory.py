"""Pages of CHATHISTORY from a burst: 100,000 lines that came as fast as the bouncer took them, so that thousands share a
millisecond and all of them a few seconds. Asked by time and by msgid, at places all over it. And from ten million rows."""

import random
import re
import socket
import statistics
import time
from datetime import datetime, timezone

from halley import Halley
from processes import BenchError
from systems import Setup

LIMIT = 100
TIME = re.compile(rb"@[^ ]*time=([^; ]+)")
MSGID = re.compile(rb"@[^ ]*msgid=([^; ]+)")


class _Reader:
    """An IRC client that asks for a page at a time."""

    def __init__(self, port, login):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._send(f"CAP REQ :batch server-time message-tags draft/chathistory\r\nPASS {login}\r\n"
                   "NICK reader\r\nUSER reader 0 * :reader\r\nCAP END")
        self._until(b" 366 ")

    def page(self, question):
        """The lines of the answer, and how long it took."""
        began = time.monotonic()
        self._send(f"CHATHISTORY {question}")
        data = self._until(b"BATCH -")
        spent = time.monotonic() - began
        return [line for line in data.split(b"\r\n") if b" PRIVMSG " in line], spent

    def close(self):
        self._socket.close()

    def _send(self, line):
        self._socket.sendall(line.encode() + b"\r\n")

    def _until(self, mark):
        """All up to a line with the mark, which is the last. Looks at ends alone: what is timed is the bouncer."""
        data = bytearray()
        while True:
            part = self._socket.recv(1 << 20)
            if not part:
                raise BenchError(f"the bouncer closed: {data[-200:]!r}")
            data += part
            if not data.endswith(b"\r\n"):
                continue
            last = bytes(data[data.rfind(b"\r\n", 0, -2) + 2:])
            if mark in last:
                return bytes(data)
            if b"FAIL " in last:
                raise BenchError(f"refused: {last!r}")


def _ask(reader, questions):
    """Microseconds a line, and the median page."""
    spans, lines = [], 0
    for question in questions:
        found, spent = reader.page(question)
        if len(found) != LIMIT:
            raise BenchError(f"{question}: {len(found)} lines")
        spans.append(spent)
        lines += len(found)
    return {"us_per_line": 1e6 * sum(spans) / lines, "page_ms": 1e3 * statistics.median(spans)}


def pages(kind, stage, lines=100_000, places=200):
    del kind
    network = stage.network()
    system = Halley(stage, network, Setup(backlog=10)).start_joined()
    network.command(f"flood {lines} ack")
    network.event("done", 180)
    system.wait_until_indexed(lines)
    reader = _Reader(system.port, system.logins("irc")[0])
    bound, marks = "*", []  # walked through once, for the places to ask at
    while len(marks) < lines // 1000 - 2:
        found, _ = reader.page(f"{'LATEST' if bound == '*' else 'BEFORE'} #c0 {bound} 1000")
        line = found[0]
        marks.append((TIME.match(line)[1].decode(), MSGID.match(line)[1].decode()))
        bound = f"msgid={marks[-1][1]}"
    marks = marks[1:-2]
    places_at = random.Random(1)
    chosen = [places_at.choice(marks) for _ in range(places)]
    by_time = _ask(reader, [f"BEFORE #c0 timestamp={when} {LIMIT}" for when, _ in chosen])
    by_msgid = _ask(reader, [f"BEFORE #c0 msgid={msgid} {LIMIT}" for _, msgid in chosen])
    reader.close()
    return {"time_us_per_line": by_time["us_per_line"], "time_page_ms": by_time["page_ms"],
            "msgid_us_per_line": by_msgid["us_per_line"], "msgid_page_ms": by_msgid["page_ms"],
            "times_msgid": by_time["us_per_line"] / by_msgid["us_per_line"]}


def of_ten_million(kind, stage, lines=10_000_000, places=200, paged=1_000_000):
    """Single pages at places all over the history, then a client that pages on from one of them."""
    del kind
    network = stage.network()
    system = Halley(stage, network, Setup(backlog=10)).start_joined()
    network.command(f"flood {lines} ack")
    network.event("done", 900)
    system.wait_until_indexed(lines)
    reader = _Reader(system.port, system.logins("irc")[0])
    first, last = (_time_of(reader.page(question)[0][0]) for question in
                   (f"AFTER #c0 timestamp=2000-01-01T00:00:00.000Z {LIMIT}", f"LATEST #c0 * {LIMIT}"))
    places_at = random.Random(1)
    times = [first + (last - first) * (0.05 + 0.9 * places_at.random()) for _ in range(places)]
    by_time = _ask(reader, [f"BEFORE #c0 timestamp={_stamp(when)} {LIMIT}" for when in times])
    marks = [_msgid_of(reader.page(f"BEFORE #c0 timestamp={_stamp(when)} {LIMIT}")[0][0])
             for when in (first + (last - first) * (0.05 + 0.9 * places_at.random()) for _ in range(places))]
    by_msgid = _ask(reader, [f"BEFORE #c0 msgid={msgid} {LIMIT}" for msgid in marks])
    bound, found, spent = f"timestamp={_stamp(first + (last - first) / 2)}", 0, 0.0
    while found < paged:
        page, took = reader.page(f"BEFORE #c0 {bound} 1000")
        if len(page) != 1000:
            raise BenchError(f"BEFORE {bound}: {len(page)} lines")
        bound, found, spent = f"msgid={_msgid_of(page[0])}", found + len(page), spent + took
    reader.close()
    return {"time_page_ms": by_time["page_ms"], "msgid_page_ms": by_msgid["page_ms"],
            "paging_per_second": found / spent}


def _msgid_of(line):
    return MSGID.match(line)[1].decode()


def _time_of(line):
    return datetime.fromisoformat(TIME.match(line)[1].decode().replace("Z", "+00:00")).timestamp()


def _stamp(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
