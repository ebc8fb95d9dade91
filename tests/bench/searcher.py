"""Searches again and again, one question at a time, until it is ended: searcher.py PORT TOKEN WORD. After each answer it
writes how many there have been; any answer but 200 ends it.

It shares two processors with what is measured, so it does as little as can be: http.client took twice the time of the search."""

import os
import re
import socket
import sys

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


def answer(connection):
    """The head of the next answer, and its body. The connection carries one answer at a time."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += received(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = LENGTH.search(head + b"\r\n")
    if not length:
        sys.exit(f"search: no length in {head!r}")
    while len(body) < int(length[1]):
        body += received(connection)
    return head, body


def received(connection):
    data = connection.recv(65536)
    if not data:
        sys.exit("search: the connection was closed")
    return data


def main():
    port, token, word = sys.argv[1:]
    question = (f"GET /api/search?q={word}&limit=50 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Authorization: Bearer {token}\r\n\r\n").encode()
    connection = socket.create_connection(("127.0.0.1", int(port)), timeout=60)
    times = 0
    while True:
        connection.sendall(question)
        head, body = answer(connection)
        if not head.startswith(b"HTTP/1.1 200 "):
            sys.exit(f"search: {head!r} {body[:200]!r}")
        times += 1
        os.write(1, b"%d\n" % times)


main()
