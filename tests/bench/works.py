"""The pieces of work that the scenarios are made of. Each gets a stage and a kind of system, and returns figures."""

import time

from processes import BenchError, counted, settle
from systems import Setup


def checked(result):
    """A result in which no line was lost, repeated or out of order; anything else is no figure."""
    faults = {key: result[key] for key in ("gaps", "late", "lost_clients") if result.get(key)}
    if faults or not result.get("complete", True):
        raise BenchError(f"lines went wrong: complete={result.get('complete')} {faults} "
                         f"fewest_lines={result.get('fewest_lines')}")
    return result


def latency(kind, stage, clients=1, rate=1000, seconds=5, protocol="irc", tls=False):
    """Lines at a steady rate from the network to k clients."""
    network = stage.network()
    system = kind(stage, network, Setup(tls=tls, clients=clients)).start_joined()
    readers = system.clients(clients, protocol)
    readers.event("attached")
    network.command(f"rate {rate} 1")  # warm caches, connections and the clock frequency
    network.event("done")
    settle(lambda: counted(readers), 0, pause=0.2)
    readers.command("lap")
    readers.event("lap")
    cpu = system.program.cpu_seconds()
    network.command(f"rate {rate} {seconds}")
    if network.event("done", seconds + 30).get("saturated"):
        raise BenchError("saturated: the network could not get rid of its lines")
    cpu = system.program.cpu_seconds() - cpu
    settle(lambda: counted(readers), 0, pause=0.2)
    readers.command("stop")
    result = checked(readers.event("result"))
    if result["delivered"] != rate * seconds * clients:
        raise BenchError(f"{result['delivered']} lines arrived of {rate * seconds * clients}")
    return {"p50_us": result["latency"]["p50_us"], "p99_us": result["latency"]["p99_us"],
            "cpu_percent": 100 * cpu / seconds}


def upstream_latency(kind, stage, rate=1000, seconds=5):
    """Lines at a steady rate from a client to the network."""
    network = stage.network()
    system = kind(stage, network, Setup()).start_joined()
    said = _said(system, network, system.clients(1), "", rate, seconds)
    return {"p50_us": said["p50_us"], "p99_us": said["p99_us"]}


def said_otherwise(kind, stage, manner, caps, rate=1000, seconds=5):
    """What `labels` or `multiline` costs who says something: the same lines by a client without and by one with it, in turn."""
    network = stage.network()
    system = kind(stage, network, Setup(clients=2)).start_joined()
    plain, other = system.clients(1), system.clients(1, caps=caps)
    _said(system, network, plain, "", rate, 1)  # warm caches and the clock frequency
    bare = _said(system, network, plain, "", rate, seconds)
    mannered = _said(system, network, other, manner, rate, seconds)
    return {"p50_us": mannered["p50_us"], "cpu_us_per_line": mannered["cpu_us_per_line"],
            "times_plain": mannered["p50_us"] / bare["p50_us"],
            "cpu_times_plain": mannered["cpu_us_per_line"] / bare["cpu_us_per_line"]}


def _said(system, network, speaker, manner, rate, seconds):
    if not getattr(speaker, "has_attached", False):
        speaker.event("attached")
        speaker.has_attached = True
    def received():
        network.command("stats")
        return network.event("stats")["received"]
    network.command("reset")
    before = received()
    cpu = system.program.cpu_seconds()
    speaker.command(f"send {rate} {seconds} #c0 {before} {manner}".strip())
    speaker.event("sent", seconds + 30)
    settle(received, 0)
    cpu = system.program.cpu_seconds() - cpu
    network.command("stats")
    stats = checked(network.event("stats"))
    if stats["received"] - before != rate * seconds:
        raise BenchError(f"{stats['received'] - before} lines arrived of {rate * seconds}")
    return {"p50_us": stats["latency"]["p50_us"], "p99_us": stats["latency"]["p99_us"],
            "cpu_us_per_line": 1e6 * cpu / (rate * seconds)}


def flood(kind, stage, clients=1, lines=100_000, protocol="irc"):
    """Lines at full speed to k clients, every one checked by each."""
    network = stage.network()
    system = kind(stage, network, Setup(clients=clients)).start_joined()
    readers = system.clients(clients, protocol, expect=lines)
    readers.event("attached")
    cpu = system.program.cpu_seconds()
    network.command(f"flood {lines}")
    network.event("done", 120)
    result = checked(readers.event("result", 120))
    cpu = system.program.cpu_seconds() - cpu
    return {"delivered_per_second": result["per_second"], "lines_per_second": result["per_second"] / clients,
            "cpu_us_per_line": 1e6 * cpu / lines}


def user_memory(kind, stage, users, clients_each=1, channels=5, members=50):
    """PSS with that many users, each on one network, once all is quiet: in all, and of no file; in KB. Quiet is when
    nothing has changed for some seconds: what a burst of joins needed is given back by then."""
    network = stage.network(members=members)
    system = kind(stage, network, Setup(users=users, channels=channels)).start_joined()
    if clients_each:
        readers = system.clients(users * clients_each, ramp=64)
        readers.event("attached", 120)
    anonymous = settle(system.program.anonymous_kb, 16, timeout=60, pause=7)
    return system.program.pss_kb(), anonymous


def users_memory(kind, stage_maker, few=100, many=1000):
    """Memory per user as the slope between two sizes, and the whole of the smaller one."""
    with stage_maker() as stage:
        total, small = user_memory(kind, stage, few)
    with stage_maker() as stage:
        _, large = user_memory(kind, stage, many)
    figures = {"kb_per_user": (large - small) / (many - few), "users": many}
    return figures | ({"total_mb": total / 1024} if few == 100 else {})


def users_cpu(kind, stage, users=1000, seconds=20):
    """Every user hears one line a second: CPU and latency."""
    network = stage.network()
    system = kind(stage, network, Setup(users=users, channels=5)).start_joined()
    readers = system.clients(users, ramp=64)
    readers.event("attached", 120)
    time.sleep(1.0)
    cpu, began = system.program.cpu_seconds(), time.monotonic()
    network.command(f"rate 1 {seconds}")
    network.event("done", seconds + 60)
    cpu = (system.program.cpu_seconds() - cpu) / (time.monotonic() - began)
    settle(lambda: counted(readers), 0, pause=0.2)
    readers.command("stop")
    result = checked(readers.event("result"))
    return {"cpu_percent": 100 * cpu, "p50_us": result["latency"]["p50_us"],
            "p99_us": result["latency"]["p99_us"], "users": users}


def channel_memory(kind, stage_maker, channels=100, members=1000):
    """Memory per membership: the same channels with and without their members. Nicks come from a pool of ten times
    the channel's size, so that each person is in ten of a hundred channels."""
    def measure(count):
        with stage_maker() as stage:
            network = stage.network(members=count, pool=10 * members)
            system = kind(stage, network, Setup(channels=channels)).start_joined()
            return settle(system.program.anonymous_kb, 64)
    return {"bytes_per_membership": 1024 * (measure(members) - measure(0)) / (channels * members)}


def attach(kind, stage, channels=100, members=1000, times=9):
    """A client attaches to many large channels: time to the last name of the last one."""
    network = stage.network(members=members, pool=10 * members)
    setup = Setup(channels=channels, greeting_bytes=channels * members * 11)
    system = kind(stage, network, setup).start_joined()
    readers = system.clients(times, ramp=1)
    readers.event("attached", 120)
    readers.command("stop")
    result = readers.event("result")
    return {"attach_ms": result["attach"]["p50_us"] / 1000, "bytes": result["bytes"] / times}


def ingest(kind, stage, lines=200_000):
    """Full speed while nobody is attached, until the bouncer has taken (and where it can say so, stored) the last."""
    network = stage.network()
    system = kind(stage, network, Setup()).start_joined()
    began = time.monotonic()
    network.command(f"flood {lines} ack")
    taken = network.event("done", 180)["seconds"]
    figures = {"taken_per_second": lines / taken, "lines_per_second": lines / taken}
    if hasattr(system, "wait_until_stored"):
        system.wait_until_stored(lines)
        figures["lines_per_second"] = lines / (time.monotonic() - began)
    return figures


def replay(kind, stage, lines=100_000, protocol="irc", restarted=False):
    """A client returns to lines it missed: from its connect to the last line. What was said lately may still be in
    memory, after a restart it is not (the full-text index has long had it then)."""
    network = stage.network()
    system = kind(stage, network, Setup(backlog=lines)).start_joined()
    options = system.leave_a_cursor(protocol) if hasattr(system, "leave_a_cursor") else {}
    network.command(f"flood {lines} ack")
    network.event("done", 180)
    if hasattr(system, "wait_until_stored"):
        system.wait_until_stored(lines)
    if restarted:
        system.wait_until_indexed(lines)
        system.restart()
    reader = system.clients(1, protocol, expect=lines, first=0, **options)
    result = checked(reader.event("result", 180))
    return {"lines_per_second": lines / result["until_last_line_seconds"]}


def reconnect(kind, stage, users=20, clients=1000):
    """All clients come back at once: until the last one has the end of its welcome burst. They were there before."""
    network = stage.network()
    users = 1 if kind.name == "relay" else users
    system = kind(stage, network, Setup(users=users, clients=clients)).start_joined()
    first = system.clients(clients, ramp=32)
    first.event("attached", 300)
    first.stop()
    time.sleep(1.0)
    again = system.clients(clients)
    return {"seconds": again.event("attached", 120)["seconds"]}


def streams(kind, stage, clients=500, lines=5_000, protocol="sse"):
    """Many browser streams on one channel: what an idle one costs, and how fast all get lines."""
    network = stage.network()
    protocol = "irc" if kind.name == "relay" else protocol
    system = kind(stage, network, Setup(clients=clients)).start_joined()
    warm = system.clients(1, protocol)
    warm.event("attached")
    empty = settle(system.program.anonymous_kb, 16)
    readers = system.clients(clients, protocol, expect=lines, ramp=64)
    readers.event("attached", 120)
    idle = settle(system.program.anonymous_kb, 64)
    network.command(f"flood {lines}")
    network.event("done", 120)
    result = checked(readers.event("result", 120))
    return {"delivered_per_second": result["per_second"], "kb_per_stream": (idle - empty) / clients}


def sqlite_floor(stage, rows=300_000):
    """What SQLite itself does with such rows on one thread."""
    tool = stage.tool("bench_sqlite", file=stage.directory / "floor.db", rows=rows)
    result = tool.event("result", 120)
    return {"insert_per_second": result["insert_per_second"], "select_per_second": result["select_per_second"],
            "lines_per_second": result["insert_per_second"], "bytes_per_line": result["bytes_per_row"]}
