"""Long reads must not disturb the live path: a third client's latency, quiet and while others read much."""

import threading

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


def disturbance(kind, stage, stored=1_000_000, seconds=6):
    network = stage.network()
    system = kind(stage, network, Setup(clients=3, backlog=stored)).start_joined()
    cursor = system.leave_a_cursor("ndjson")
    network.command(f"flood {stored} ack")
    network.event("done", 300)
    system.wait_until_indexed(stored)
    third = system.clients(1)
    third.event("attached")
    quiet = _window(network, third, seconds)

    searching = threading.Event()
    searching.set()
    searches = []

    def search():
        while searching.is_set():
            system.ask("common word", stored)
            searches.append(1)

    thread = threading.Thread(target=search)
    replayer = system.clients(1, "ndjson", expect=stored, first=0, **cursor)
    thread.start()
    try:
        busy = _window(network, third, seconds)
    finally:
        searching.clear()
        thread.join(30)
    checked(replayer.event("result", 120))
    third.command("stop")
    checked(third.event("result"))
    if not searches:
        raise BenchError("no search was answered meanwhile")
    return {"quiet_p50_us": quiet["p50_us"], "quiet_p99_us": quiet["p99_us"], "busy_p50_us": busy["p50_us"],
            "busy_p99_us": busy["p99_us"], "searches": len(searches)}
