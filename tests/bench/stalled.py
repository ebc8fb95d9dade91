"""Readers that take nothing: what they cost, and whether anybody else notices. Their process is stopped, as a laptop is whose
lid was closed: the kernel's buffers fill, then Halley's queue for each of them, and from then on each is a cursor."""

import signal
import statistics

from processes import BenchError, counted, settle, wait_for
from systems import Setup
from works import checked

PROTOCOLS = ("sse", "ndjson", "iframe", "websocket", "poll")
RATE = 500  # lines a second that the one who reads hears


def _p99(reader, network, seconds):
    reader.command("lap")
    reader.event("lap")
    network.command(f"rate {RATE} {seconds}")
    if network.event("done", seconds + 60).get("saturated"):
        raise BenchError("saturated: the network could not get rid of its lines")
    settle(lambda: counted(reader), 0, pause=0.2)
    reader.command("lap")
    return reader.event("lap")["latency"]["p99_us"]


def beside_stalled(kind, stage, clients=500, seconds=3, lines=20_000):
    """One IRC client's p99 beside such readers, each transport's in turn, against its p99 alone."""
    network = stage.network()
    system = kind(stage, network, Setup(clients=2 * clients)).start_joined()
    reader = system.clients(1)
    reader.event("attached")
    quiet, beside, grown = [], [], []
    for protocol in PROTOCOLS:
        quiet.append(_p99(reader, network, seconds))
        crowd = system.clients(clients, protocol, ramp=64)
        crowd.event("attached", 120)
        before = settle(system.program.anonymous_kb, 64)
        crowd.signal(signal.SIGSTOP)
        network.command(f"flood {lines}")
        network.event("done", 120)
        wait_for(lambda: counted(reader) >= lines, "the flood", 120)
        beside.append(_p99(reader, network, seconds))
        grown.append(settle(system.program.anonymous_kb, 64) - before)
        crowd.signal(signal.SIGKILL)
        settle(system.program.anonymous_kb, 64)
    reader.command("stop")
    checked(reader.event("result"))
    alone = statistics.median(quiet)
    return {"quiet_p99_us": alone, "beside_p99_us": max(beside), "times_quiet": statistics.median(beside) / alone,
            "kb_per_stalled": max(grown) / clients} | dict(zip((f"{name}_p99_us" for name in PROTOCOLS), beside))
