"""Long reads must not disturb the live path: a third client's latency, quiet and while others read much. Those others run
in the idle class: people's clients are on other machines, and here they would take the processors from the third."""

import sys
import threading
from pathlib import Path

from processes import BenchError, counted, settle
from systems import Setup
from works import checked


def _window(network, reader, seconds):
    reader.command("lap")
    reader.event("lap")
    network.command(f"rate 1000 {seconds}")
    network.event("done", seconds + 30)
    settle(lambda: counted(reader), 0, pause=0.2)
    reader.command("lap")
    return reader.event("lap")["latency"]


class _Repeated(threading.Thread):
    """Does one thing again and again until told to stop; what goes wrong is raised there."""

    def __init__(self, action):
        super().__init__(daemon=True)
        self._action = action
        self._ending = threading.Event()
        self._error = None
        self.times = 0
        self.start()

    def run(self):
        try:
            while not self._ending.is_set():
                self._action()
                self.times += 1
        except (BenchError, OSError) as error:
            self._error = error

    def finish(self):
        self._ending.set()
        self.join(250)
        if self._error or self.is_alive():
            raise BenchError(f"a long read failed: {self._error or 'it never ended'}")
        return self.times


def disturbance(kind, stage, stored=1_000_000, seconds=6):
    network = stage.network()
    system = kind(stage, network, Setup(clients=3, backlog=stored)).start_joined()
    cursor = system.leave_a_cursor("ndjson")
    network.command(f"flood {stored} ack")
    network.event("done", 300)
    system.wait_until_indexed(stored)
    third = system.clients(1)
    third.event("attached")
    network.command("rate 1000 1")  # warm; and what the attach itself handed out is over before the count begins
    network.event("done", 30)
    settle(lambda: counted(third), 0)
    quiet = _window(network, third, seconds)

    def replay():
        reader = system.clients(1, "ndjson", expect=stored, first=0, gives_way=True, **cursor)
        checked(reader.event("result", 240))
        reader.stop()

    replays = _Repeated(replay)
    searcher = stage.start(sys.executable, Path(__file__).with_name("searcher.py"), system.http_port, system.tokens[0],
                           "ka", gives_way=True)
    busy = _window(network, third, seconds)
    if not searcher.running():
        raise BenchError(f"the search failed: {searcher.last_words()}")
    searches = int(searcher.last_words().rpartition("| ")[2])
    searcher.stop()
    figures = {"quiet_p50_us": quiet["p50_us"], "quiet_p99_us": quiet["p99_us"], "busy_p50_us": busy["p50_us"],
               "busy_p99_us": busy["p99_us"], "searches": searches, "replays": replays.finish()}
    third.command("stop")
    checked(third.event("result"))
    return figures
