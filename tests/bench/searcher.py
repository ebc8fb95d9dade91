"""Searches again and again, one question at a time, until it is ended: searcher.py PORT TOKEN WORD. After each answer it
writes how many there have been; any answer but 200 ends it."""

import http.client
import sys


def main():
    port, token, word = sys.argv[1:]
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    times = 0
    while True:
        connection.request("GET", f"/api/search?q={word}&limit=50", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            sys.exit(f"search: {answer.status} {body[:200]!r}")
        times += 1
        print(times, flush=True)


main()
