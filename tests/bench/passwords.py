"""Logins by password, each with the default cost of a hash: what they leave in memory, and how long a community that comes
back after a restart waits for them."""

from halley import Halley
from processes import settle
from systems import PASSWORD, Setup


def _passes(users):
    return [f"bench{user}/net@bench:{PASSWORD}" for user in range(users)]


def memory(kind, stage, users=12):
    """PSS before and after that many users logged in by password, one after the other."""
    del kind
    system = Halley(stage, stage.network(), Setup(users=users)).start_joined()
    before = settle(system.program.pss_kb, 16)
    readers = system.clients(users, passes=_passes(users), ramp=1)
    readers.event("attached", 120)
    after = settle(system.program.pss_kb, 16, timeout=60, pause=7)
    return {"total_mb": after / 1024, "growth_mb": (after - before) / 1024}


def after_a_restart(kind, stage, users=1000):
    """As many users at once, the first time and right after a restart: until the last one has the end of its burst."""
    del kind
    system = Halley(stage, stage.network(), Setup(users=users)).start_joined()
    first = system.clients(users, passes=_passes(users), ramp=32)
    began = first.event("attached", 200)["seconds"]
    first.stop()
    system.restart()
    again = system.clients(users, passes=_passes(users), ramp=32)
    return {"first_seconds": began, "seconds": again.event("attached", 120)["seconds"]}
