"""A quiet user beside one flood, or several: users of one bouncer, each on a network of its own. What the others' networks
flood must not reach the one's latency.

Quiet and loud windows take turns, so that what the host does to this machine falls on both alike; the flood has a reader,
and goes on through the whole of a loud window. For the relay each other network floods a relay of its own: what such
floods cost whoever shares two processors with them."""

import statistics
import time

from halley import Halley
from processes import BenchError, counted, settle
from systems import Relay, Setup
from works import checked

RATE = 200        # lines a second that the quiet user hears
FLOOD = 100_000   # lines that the other networks send at a time, one such piece right after the other


class Users(Halley):
    """The first one is on the quiet network, each further one on one of `loud`."""

    def __init__(self, stage, network, setup, loud):
        super().__init__(stage, network, setup)
        self.loud = loud

    def network_of(self, user):
        return self.loud[user - 1] if user > 0 else self.network


def _start(kind, stage, quiet, loud):
    """Clients of all: the quiet user's, and the flooded ones', which only read."""
    if kind is Halley:
        system = Users(stage, quiet, Setup(users=1 + len(loud), channels=1), loud)
        system.start()
        logins = system.logins("irc")
        return [system.clients(passes=[login], caps=system.client_caps) for login in logins]
    systems = [Relay(stage, network, Setup()) for network in (quiet, *loud)]
    for system in systems:
        system.start_joined()
    return [system.clients() for system in systems]


def _window(client, quiet, loud, seconds, flood):
    client.command("lap")
    client.event("lap")
    quiet.command(f"rate {RATE} {seconds}")
    ends = time.monotonic() + seconds
    while flood and time.monotonic() < ends:
        for network in loud:
            network.command(f"flood {FLOOD // len(loud)}")
        for network in loud:
            network.event("done", 60)
    if quiet.event("done", seconds + 60).get("saturated"):
        raise BenchError("saturated: the quiet network could not get rid of its lines")
    settle(lambda: counted(client), 0, pause=0.2)
    client.command("lap")
    return client.event("lap")["latency"]


def beside_a_flood(kind, stage, windows=5, seconds=2, floods=1):
    quiet, loud = stage.network(), [stage.network() for _ in range(floods)]
    client, *readers = _start(kind, stage, quiet, loud)
    for one in (client, *readers):
        one.event("attached", 60)
    calm, beside = [], []
    for _ in range(windows):
        calm.append(_window(client, quiet, loud, seconds, False))
        beside.append(_window(client, quiet, loud, seconds, True))
        for reader in readers:
            settle(lambda: counted(reader), 0, timeout=60)
    client.command("stop")
    checked(client.event("result"))

    def middle(of, what):
        return statistics.median(window[what] for window in of)
    return {"calm_p99_us": middle(calm, "p99_us"), "beside_p50_us": middle(beside, "p50_us"),
            "beside_p99_us": middle(beside, "p99_us"),
            "worst_p99_us": max(window["p99_us"] for window in beside)}
