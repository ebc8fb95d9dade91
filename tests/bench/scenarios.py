"""What is measured: one scenario a row (or a few rows that one run yields) of the table in docs/PERFORMANCE.md."""

from dataclasses import dataclass, field
from typing import Callable

import chathistory
import growth
import long_reads
import neighbours
import passwords
import stalled
import works
from halley import Halley
from systems import Relay, Znc, ZncReplay


@dataclass
class Row:
    """One figure of a scenario, and what is wanted of it."""
    key: str
    title: str
    unit: str
    target: str = ""
    # Whether Halley's figure meets the target, given Halley's figures and the floor's.
    met: Callable | None = None
    floor: str = ""      # the key of the floor's figure when it is another


@dataclass
class Scenario:
    name: str
    systems: dict        # name -> work(make_stage), which returns figures
    rows: list = field(default_factory=list)
    rounds: int | None = None
    limit_seconds: int = 240   # for one work
    awake: bool = False        # no processor falls asleep meanwhile
    axis: str = ""             # growth only: what grows; the figures' keys are its values
    title: str = ""
    unit: str = ""


def on_stage(work, kind, **options):
    """A work that needs one stage."""
    def run(make_stage):
        with make_stage() as stage:
            return work(kind, stage, **options)
    return run


def with_maker(work, kind, **options):
    return lambda make_stage: work(kind, make_stage, **options)


def for_all(work, kinds=(Relay, Halley, Znc), **options):
    return {kind.name: on_stage(work, kind, **options) for kind in kinds}


def at_most(key, times):
    return lambda halley, floor: halley[key] <= times * floor[key]


def below(key, bound):
    return lambda halley, floor: halley[key] <= bound


def above(key, bound):
    return lambda halley, floor: halley[key] >= bound


def sqlite_floor(make_stage):
    with make_stage() as stage:
        return works.sqlite_floor(stage)


def latency_scenarios():
    close = "at most 1.2 x relay"
    found = [
        Scenario("latency-1", for_all(works.latency), [
            Row("p50_us", "network to 1 client, 1,000 lines/s: median latency", "us", close, at_most("p50_us", 1.2)),
            Row("p99_us", "the same: p99", "us", "under 150 us on a quiet machine", below("p99_us", 150))]),
        Scenario("latency-awake", for_all(works.latency), awake=True, rows=[
            Row("p50_us", "network to 1 client, no processor falls asleep: median latency", "us", close,
                at_most("p50_us", 1.2)),
            Row("p99_us", "the same: p99", "us", "under 150 us on a quiet machine", below("p99_us", 150))]),
        Scenario("latency-10", for_all(works.latency, clients=10), [
            Row("p50_us", "the same to 10 clients: median latency", "us", close, at_most("p50_us", 1.2))]),
        Scenario("latency-10-awake", for_all(works.latency, (Relay, Halley), clients=10), awake=True, rows=[
            Row("p50_us", "to 10 clients, no processor falls asleep: median latency", "us", close, at_most("p50_us", 1.2))]),
        Scenario("upstream-latency", for_all(works.upstream_latency), [
            Row("p50_us", "client to network: median latency", "us", close, at_most("p50_us", 1.2))]),
        Scenario("labels", for_all(works.said_otherwise, (Halley,), manner="labels",
                                   caps="message-tags labeled-response batch echo-message"), [
            Row("p50_us", "the same with a label on each line, echoed with it: median latency", "us"),
            Row("times_plain", "the same against lines without labels", "x", "at most 1.1", below("times_plain", 1.1)),
            Row("cpu_times_plain", "the same: CPU a line, the echo included, against lines without labels and echo", "x")]),
        Scenario("multiline", for_all(works.said_otherwise, (Halley,), manner="multiline",
                                      caps="message-tags batch draft/multiline"), [
            Row("p50_us", "messages of eight lines (multiline) to a network without them: median latency of a line", "us"),
            Row("cpu_times_plain", "the same: CPU a line against lines said one by one", "x")]),
        Scenario("latency-tls", for_all(works.latency, (Halley, Znc), tls=True), [
            Row("p50_us", "network to 1 client over TLS: median latency", "us")]),
    ]
    for protocol in ("sse", "ndjson", "websocket", "iframe", "poll"):
        found.append(Scenario(f"latency-{protocol}", for_all(works.latency, (Halley,), protocol=protocol), [
            Row("p50_us", f"network to 1 browser over {protocol}: median latency", "us"),
            Row("p99_us", f"the same over {protocol}: p99", "us")]))
    return found


def flood_scenarios():
    return [
        Scenario("flood-1", for_all(works.flood), [
            Row("lines_per_second", "100,000 lines at full speed to 1 client", "lines/s", "250 k",
                above("lines_per_second", 250e3)),
            Row("cpu_us_per_line", "the same: CPU of the bouncer", "us/line")]),
        Scenario("flood-10", for_all(works.flood, clients=10), [
            Row("delivered_per_second", "the same to 10 clients", "delivered/s", "1.5 M",
                above("delivered_per_second", 1.5e6))]),
        Scenario("flood-100", for_all(works.flood, clients=100, lines=20_000), [
            Row("delivered_per_second", "20,000 lines to 100 clients", "delivered/s", "3.5 M",
                above("delivered_per_second", 3.5e6))]),
        Scenario("sse-500", for_all(works.streams, (Relay, Halley)), [
            Row("delivered_per_second", "500 browser streams (SSE) on one channel", "delivered/s", "1 M",
                above("delivered_per_second", 1e6)),
            Row("kb_per_stream", "memory of an idle stream", "KB", "8 KB", below("kb_per_stream", 8))]),
        Scenario("websocket-500", for_all(works.streams, (Halley,), protocol="websocket"), [
            Row("delivered_per_second", "500 WebSockets on one channel", "delivered/s", "3 M",
                above("delivered_per_second", 3e6)),
            Row("kb_per_stream", "memory of an idle WebSocket", "KB", "2 KB", below("kb_per_stream", 2))]),
    ]


def user_scenarios(full):
    few = {"few": 100, "many": 1000} if full else {"few": 10, "many": 60}
    memory = {"halley": with_maker(works.users_memory, Halley), "znc": with_maker(works.users_memory, Znc, **few)}
    cpu = for_all(works.users_cpu, (Relay, Halley)) | {"znc": on_stage(works.users_cpu, Znc, users=few["many"])}
    members = {kind.name: with_maker(works.channel_memory, kind) for kind in (Halley, Znc)}
    patience = 3600 if full else 400
    return [
        Scenario("users-1000-memory", memory, [
            Row("kb_per_user", "1,000 users, 1 network, 5 channels x 50 members, 1 client each: PSS per user", "KB",
                "20 KB", below("kb_per_user", 20)),
            Row("total_mb", "100 such users in all", "MB", "12 MB", below("total_mb", 12))],
            rounds=1, limit_seconds=patience),
        Scenario("users-1000-cpu", cpu, [
            Row("cpu_percent", "those users, 1 line/s each: CPU", "%", "6 %", below("cpu_percent", 6)),
            Row("p50_us", "the same: median latency", "us", "0.3 ms", below("p50_us", 300))],
            rounds=1, limit_seconds=patience),
        Scenario("users-1000-awake", for_all(works.users_cpu, (Relay, Halley)), awake=True, rows=[
            Row("cpu_percent", "the same, no processor falls asleep: CPU", "%", "6 %", below("cpu_percent", 6))]),
        Scenario("members-memory", members, [
            Row("bytes_per_membership", "100 channels x 1,000 members: memory per membership", "B", "40 B",
                below("bytes_per_membership", 40))]),
        Scenario("attach", for_all(works.attach), [
            Row("attach_ms", "a client attaches to those 100 channels: time to the last name", "ms", "10 ms",
                below("attach_ms", 10))]),
        Scenario("reconnect", for_all(works.reconnect), [
            Row("seconds", "1,000 clients reconnect at once: all attached", "s", "0.5 s", below("seconds", 0.5))]),
    ]


def manners_scenarios():
    """What one user's doings cost another, and what a community costs that comes back."""
    return [
        Scenario("neighbours", for_all(neighbours.beside_a_flood, (Relay, Halley)), [
            Row("calm_p99_us", "a quiet user, 200 lines/s: p99", "us"),
            Row("beside_p99_us", "the same while another user's network floods: p99", "us", "under 5 ms",
                below("beside_p99_us", 5000)),
            Row("beside_p50_us", "the same: median", "us")], limit_seconds=400),
        Scenario("neighbours-many", for_all(neighbours.beside_a_flood, (Relay, Halley), floods=3), [
            Row("beside_p99_us", "a quiet user while three others' networks flood: p99", "us", "under 5 ms",
                below("beside_p99_us", 5000)),
            Row("beside_p50_us", "the same: median", "us")], limit_seconds=400),
        Scenario("stalled-500", for_all(stalled.beside_stalled, (Halley,)), [
            Row("quiet_p99_us", "a reader alone, 500 lines/s: p99", "us"),
            Row("beside_p99_us", "the same beside 500 that take nothing, over the worst transport", "us"),
            Row("times_quiet", "the same: beside (the median transport) against alone", "x", "at most 1.5",
                below("times_quiet", 1.5)),
            Row("kb_per_stalled", "what such a reader costs more than one that reads", "KB")],
            limit_seconds=400),
        Scenario("password-memory", for_all(passwords.memory, (Halley,)), [
            Row("total_mb", "12 users have logged in by password (default cost): PSS", "MB", "15 MB",
                below("total_mb", 15)),
            Row("growth_mb", "the same: more than before the logins", "MB")], rounds=1),
        Scenario("password-restart", for_all(passwords.after_a_restart, (Halley,)), [
            Row("seconds", "1,000 users log in by password right after a restart: all attached", "s", "2 s",
                below("seconds", 2)),
            Row("first_seconds", "the same users, each for the first time", "s")], rounds=1, limit_seconds=400),
        Scenario("chathistory", for_all(chathistory.pages, (Halley,)), [
            Row("time_us_per_line", "pages of CHATHISTORY by time within a burst of 100,000 lines", "us/line"),
            Row("msgid_us_per_line", "the same by msgid", "us/line"),
            Row("times_msgid", "by time against by msgid", "x", "at most 1.5", below("times_msgid", 1.5)),
            Row("time_page_ms", "the same: a page of 100 lines by time, median", "ms", "2 ms",
                below("time_page_ms", 2))]),
        Scenario("chathistory-10m", for_all(chathistory.of_ten_million, (Halley,)), [
            Row("time_page_ms", "a page of 100 lines by time from 10 million rows, median", "ms", "2 ms",
                below("time_page_ms", 2)),
            Row("msgid_page_ms", "the same by msgid", "ms", "2 ms", below("msgid_page_ms", 2)),
            Row("paging_per_second", "paging on from there by msgid, 1,000 lines a page", "lines/s", "600 k",
                above("paging_per_second", 600e3))], rounds=1, limit_seconds=1800),
    ]


def storage_scenarios():
    ingest = for_all(works.ingest, (Halley, Znc)) | {"sqlite": sqlite_floor}
    replay = for_all(works.replay, (Halley, ZncReplay)) | {"sqlite": sqlite_floor}
    stored = for_all(works.replay, (Halley,), restarted=True) | {"sqlite": sqlite_floor}
    web = for_all(works.replay, (Halley,), protocol="ndjson") | {"sqlite": sqlite_floor}
    disk = {"halley": on_stage(growth.disk, Halley), "sqlite": sqlite_floor}
    return [
        Scenario("ingest", ingest, [
            Row("lines_per_second", "ingest while nobody is attached (Halley: to SQLite; ZNC: to memory)", "lines/s",
                "120 k", above("lines_per_second", 120e3), floor="insert_per_second"),
            Row("taken_per_second", "the same: until all are in the journal", "lines/s")]),
        Scenario("replay", replay, [
            Row("lines_per_second", "replay of 100,000 missed lines to an IRC client", "lines/s", "600 k",
                above("lines_per_second", 600e3), floor="select_per_second")]),
        Scenario("replay-stored", stored, [
            Row("lines_per_second", "the same after a restart, from SQLite", "lines/s", "600 k",
                above("lines_per_second", 600e3), floor="select_per_second")]),
        Scenario("replay-ndjson", web, [
            Row("lines_per_second", "the same to a browser (ndjson)", "lines/s", floor="select_per_second")]),
        Scenario("disk", disk, [
            Row("bytes_per_line", "disk per line of 60 characters, all indexes included", "B", "220 B",
                below("bytes_per_line", 220))], rounds=1),
        Scenario("long-reads", for_all(long_reads.disturbance, (Relay, Halley)), [
            Row("quiet_p99_us", "a third client's p99, quiet", "us"),
            Row("busy_p99_us", "the same while one replays a million lines and another searches", "us"),
            Row("times_quiet", "busy against quiet (the relay: with those reads beside it)", "x", "at most 2",
                below("times_quiet", 2))], limit_seconds=400),
        Scenario("long-reads-awake", for_all(long_reads.disturbance, (Relay, Halley)), awake=True, rows=[
            Row("quiet_p99_us", "no processor falls asleep: a third client's p99, quiet", "us"),
            Row("busy_p99_us", "the same while one replays a million lines and another searches", "us"),
            Row("times_quiet", "the same: busy against quiet", "x", "at most 2",
                below("times_quiet", 2))], limit_seconds=400),
    ]


def growth_scenarios(full):
    clients = (1, 3, 10, 30, 100, 300, 1000)
    members = (10, 30, 100, 300, 1000, 3000)
    users = (1, 10, 100, 300, 1000, 2000)
    rows = (10_000, 100_000, 1_000_000, 10_000_000)
    return [
        Scenario("growth-clients", growth.sweep(growth.clients, (Relay, Halley, Znc), clients), rounds=1,
                 limit_seconds=600, axis="clients on one channel", title="Lines delivered by number of clients",
                 unit="delivered/s"),
        Scenario("growth-latency", growth.sweep(growth.client_latency, (Relay, Halley, Znc), clients), rounds=1,
                 limit_seconds=600, axis="clients on one channel", title="Median latency at 100 lines/s",
                 unit="us"),
        Scenario("growth-users", growth.sweep(growth.users, (Halley,), users)
                 | growth.sweep(growth.users, (Znc,), users if full else (1, 10, 60)), rounds=1,
                 limit_seconds=9000 if full else 600, axis="users with one client each", title="PSS by users",
                 unit="MB"),
        Scenario("growth-members", growth.sweep(growth.members, (Halley, Znc), members), rounds=1,
                 limit_seconds=600, axis="members in each of 100 channels", title="PSS by members", unit="MB"),
        Scenario("growth-history", growth.history(Halley, rows), rounds=1, limit_seconds=1800,
                 axis="lines of history", title="Time of one answer by history", unit="ms"),
    ]


def all_scenarios(full=False):
    found = latency_scenarios() + flood_scenarios() + user_scenarios(full) + manners_scenarios() + storage_scenarios()
    return found + growth_scenarios(full)
