"""A quiet user beside a flood: two users of one bouncer, each on a network of its own. What the one's network floods must
not reach the other's latency.

Quiet and loud windows take turns, so that what the host does to this machine falls on both alike; the flood has a reader,
and goes on through the whole of a loud window. For the relay the second network floods a relay of its own: what such a
flood costs whoever shares two processors with it."""

import statistics
import time

from halley import Halley
from processes import BenchError, counted, settle
from systems import Relay, Setup
from works import checked

RATE = 200        # lines a second that the quiet user hears
FLOOD = 100_000   # lines that the other network sends at a time, one such piece right after the other


class TwoUsers(Halley):
    """The second user, bench1, is on `loud`."""

    def __init__(self, stage, network, setup, loud):
        super().__init__(stage, network, setup)
        self.loud = loud

    def network_of(self, user):
        return self.loud if user == 1 else self.network


def _start(kind, stage, quiet, loud):
    """Clients of both: the quiet user's, and the flooded one's, which only reads."""
    if kind is Halley:
        system = TwoUsers(stage, quiet, Setup(users=2, channels=1), loud)
        system.start()
        both = system.logins("irc")
        return system.clients(passes=both[:1]), system.clients(passes=both[1:], caps=system.client_caps)
    systems = [Relay(stage, network, Setup()) for network in (quiet, loud)]
    for system in systems:
        system.start_joined()
    return tuple(system.clients() for system in systems)


def _window(client, quiet, loud, seconds, flood):
    client.command("lap")
    client.event("lap")
    quiet.command(f"rate {RATE} {seconds}")
    ends = time.monotonic() + seconds
    while flood and time.monotonic() < ends:
        loud.command(f"flood {FLOOD}")
        loud.event("done", 60)
    if quiet.event("done", seconds + 60).get("saturated"):
        raise BenchError("saturated: the quiet network could not get rid of its lines")
    settle(lambda: counted(client), 0, pause=0.2)
    client.command("lap")
    return client.event("lap")["latency"]


def beside_a_flood(kind, stage, windows=5, seconds=2):
    quiet, loud = stage.network(), stage.network()
    client, reader = _start(kind, stage, quiet, loud)
    client.event("attached", 60)
    reader.event("attached", 60)
    calm, beside = [], []
    for _ in range(windows):
        calm.append(_window(client, quiet, loud, seconds, False))
        beside.append(_window(client, quiet, loud, seconds, True))
        settle(lambda: counted(reader), 0, timeout=60)
    client.command("stop")
    checked(client.event("result"))

    def middle(of, what):
        return statistics.median(window[what] for window in of)
    return {"calm_p99_us": middle(calm, "p99_us"), "beside_p50_us": middle(beside, "p50_us"),
            "beside_p99_us": middle(beside, "p99_us"),
            "worst_p99_us": max(window["p99_us"] for window in beside)}
