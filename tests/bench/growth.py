"""How cost grows: one figure at several sizes, for the plots. Also what history costs on disk."""

import time

import works
from processes import settle
from systems import Setup


def clients(kind, stage, count):
    """Delivered lines a second with `count` clients; fewer lines for more clients keeps a run short."""
    return works.flood(kind, stage, clients=count, lines=max(1_000, 300_000 // max(count, 3)))["delivered_per_second"]


def client_latency(kind, stage, count):
    return works.latency(kind, stage, clients=count, rate=100, seconds=4)["p50_us"]


def users(kind, stage, count):
    return works.user_memory(kind, stage, count)[0] / 1024


def members(kind, stage, count):
    network = stage.network(members=count, pool=10 * count)
    system = kind(stage, network, Setup(channels=100)).start_joined()
    return settle(system.program.pss_kb, 64) / 1024


def sweep(measure, kinds, sizes):
    """A work for each kind that measures at every size and returns {size: figure}."""
    def work_of(kind):
        def work(make_stage):
            figures = {}
            for size in sizes:
                with make_stage() as stage:
                    figures[str(size)] = measure(kind, stage, size)
            return figures
        return work
    return {kind.name: work_of(kind) for kind in kinds}


def disk(kind, stage, lines=200_000):
    """Bytes on disk for each line once all indexes are built and the daemon has stopped."""
    network = stage.network()
    system = kind(stage, network, Setup()).start_joined()
    network.command("flood 1000 ack")  # the fixed parts exist before the measured lines
    network.event("done", 60)
    before = system.resting_bytes(1000)
    network.command(f"flood {lines} ack")
    network.event("done", 180)
    return {"bytes_per_line": (system.resting_bytes(1000 + lines) - before) / lines}


QUESTIONS = ("latest page", "old page", "rare word", "common word")


def history(kind, sizes):
    """How long one answer takes over growing history, in ms: the latest page, an old page, a search for a rare and for
    a common word. Each is a curve of its own in the plot; one history serves them all."""
    measured = {}

    def measure(make_stage):
        found = {question: {} for question in QUESTIONS}  # all or nothing: a part would pass for the whole
        with make_stage() as stage:
            network = stage.network()
            system = kind(stage, network, Setup()).start_joined()
            stored = 0
            for size in sizes:
                network.command(f"flood {size - stored} ack")
                network.event("done", 900)
                stored = size
                system.wait_until_indexed(stored)
                for question in QUESTIONS:
                    found[question][str(size)] = median_ms(lambda asked=question: system.ask(asked, stored))
        measured.update(found)

    def work_of(question):
        def work(make_stage):
            if question not in measured:
                measure(make_stage)
            return measured.pop(question)
        return work
    return {question: work_of(question) for question in QUESTIONS}


def median_ms(action, times=9):
    spans = []
    for _ in range(times):
        began = time.monotonic()
        action()
        spans.append(time.monotonic() - began)
    return 1000 * sorted(spans)[len(spans) // 2]
