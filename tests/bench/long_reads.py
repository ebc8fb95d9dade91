"""Long reads must not disturb the live path: a third client's latency, quiet and while others read much. Those others run
in the idle class: people's clients are on other machines, and here they would take the processors from the third.

Quiet and busy windows take turns, the readers stopped (SIGSTOP) in the quiet ones: what the host does to this machine from
one second to the next falls on both alike. The figures are the medians of the windows.

For the relay the same reads are made of a Halley beside it: what they cost whoever shares two processors with them."""

import signal
import statistics
import sys
import threading
from pathlib import Path

from halley import Halley
from processes import BenchError, counted, settle
from systems import Setup
from works import checked

BESIDE = 20  # lines a second that the Halley beside a relay has for a listener of its own


class _Replays(threading.Thread):
    """One client after the other that replays everything, until told to finish; what goes wrong is raised there."""

    def __init__(self, start):
        super().__init__(daemon=True)
        self._start_client = start
        self._ending = threading.Event()
        self._client = None
        self._signal = signal.SIGCONT
        self._error = None
        self._times = 0

    def run(self):
        try:
            while not self._ending.is_set():
                self._client = self._start_client()
                self._client.signal(self._signal)  # it may begin in a quiet window
                checked(self._client.event("result", 240))
                self._client.stop()
                self._times += 1
        except (BenchError, OSError) as error:
            self._error = error

    def signal(self, number):
        self._signal = number
        if self._client and self._client.running():
            self._client.signal(number)

    def finish(self):
        self._ending.set()
        self.join(250)
        if self._error or self.is_alive():
            raise BenchError(f"a long read failed: {self._error or 'it never ended'}")
        return self._times


class _Readers:
    """One client that replays a million lines, again and again, and one that searches without pause."""

    def __init__(self, stage, system, cursor, stored):
        self._replays = _Replays(lambda: system.clients(1, "ndjson", expect=stored, first=0, gives_way=True, **cursor))
        self._searcher = stage.start(sys.executable, Path(__file__).with_name("searcher.py"), system.http_port,
                                     system.tokens[0], "ka", gives_way=True)
        self._replays.start()

    def signal(self, number):
        self._replays.signal(number)
        self._searcher.signal(number)

    def finish(self):
        if not self._searcher.running():
            raise BenchError(f"the search failed: {self._searcher.last_words()}")
        searches = int(self._searcher.last_words().rpartition("| ")[2])
        self._searcher.stop()
        return {"searches": searches, "replays": self._replays.finish()}


def _heard_by(client, network, seconds, beside):
    client.command("lap")
    client.event("lap")
    if beside:
        beside.command(f"rate {BESIDE} {seconds}")
    network.command(f"rate 1000 {seconds}")
    network.event("done", seconds + 30)
    settle(lambda: counted(client), 0, pause=0.2)
    client.command("lap")
    return client.event("lap")["latency"]


def _listen(system, network):
    """A client that is there, warm, and past what the attach itself handed out."""
    client = system.clients(1)
    client.event("attached")
    network.command("rate 1000 1")
    network.event("done", 30)
    settle(lambda: counted(client), 0)
    return client


def disturbance(kind, stage, stored=1_000_000, windows=20, seconds=1):
    network = stage.network()
    halley = Halley(stage, network, Setup(clients=3, backlog=stored)).start_joined()
    cursor = halley.leave_a_cursor("ndjson")
    network.command(f"flood {stored} ack")
    network.event("done", 300)
    halley.wait_until_indexed(stored)
    third, beside = _listen(halley, network), None
    if kind is not Halley:
        network, beside = stage.network(), network
        third = _listen(kind(stage, network, Setup()).start_joined(), network)

    readers = _Readers(stage, halley, cursor, stored)
    quiet, busy = [], []
    for _ in range(windows):
        for taken, number in ((quiet, signal.SIGSTOP), (busy, signal.SIGCONT)):
            readers.signal(number)
            taken.append(_heard_by(third, network, seconds, beside))

    def middle(of, what):
        return statistics.median(window[what] for window in of)
    figures = {f"{name}_{what}": middle(of, what) for name, of in (("quiet", quiet), ("busy", busy))
               for what in ("p50_us", "p99_us")}
    figures["times_quiet"] = figures["busy_p99_us"] / figures["quiet_p99_us"]
    third.command("stop")
    checked(third.event("result"))
    return figures | readers.finish()
