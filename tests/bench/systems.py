"""What is measured: the relay floor and ZNC. Halley has a file of its own."""

import hashlib
import os
import secrets
import shutil
import socket
import subprocess
from dataclasses import dataclass

from processes import BenchError, joined, wait_for

PASSWORD = "bench-password"


@dataclass
class Setup:
    """The work asked of a bouncer."""
    users: int = 1
    channels: int = 1
    backlog: int = 1000  # lines a client may find waiting
    tls: bool = False
    clients: int = 1     # how many attach at most
    greeting_bytes: int = 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_listening(program, port, timeout=30.0):
    def answers():
        if not program.running():
            raise BenchError(f"{program.name} did not start: {program.last_words()}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0
    wait_for(answers, f"{program.name} to listen", timeout)


def channel_names(count):
    return [f"#c{number}" for number in range(count)]


class System:
    """A bouncer between a bench network and bench clients."""
    name = ""
    client_caps = None

    def __init__(self, stage, network, setup):
        self.stage = stage
        self.network = network
        self.setup = setup
        self.program = None
        self.port = 0
        self._processes = 0  # of clients, started so far

    def start(self):
        raise NotImplementedError

    def start_joined(self):
        self.start()
        wanted = self.setup.users * self.setup.channels
        wait_for(lambda: joined(self.network) >= wanted, f"{self.name} to join {wanted} channels",
                 60 + 1.5 * self.setup.users)
        return self

    def passes(self):
        """The logins of the clients, one a line."""
        return ["none"]

    def clients(self, count=1, protocol="irc", passes=None, **options):
        """Starts `count` clients in one process; they attach at once. `passes`: other logins than each user's own."""
        self._processes += 1
        file = self.stage.directory / f"passes-{protocol}-{self._processes}"
        file.write_text("\n".join(passes or self.logins(protocol)) + "\n")
        options.setdefault("channels", self.setup.channels)
        options.setdefault("caps", self.client_caps if protocol == "irc" else None)
        return self.stage.tool("bench_client", port=self.port_for(protocol), passes=file, clients=count,
                               protocol=protocol, tls=1 if self.setup.tls else None, **options)

    def logins(self, protocol):
        del protocol
        return self.passes()

    def port_for(self, protocol):
        if protocol != "irc":
            raise BenchError(f"{self.name} speaks no {protocol}")
        return self.port


class Relay(System):
    name = "relay"

    def start(self):
        if self.setup.tls:
            raise BenchError("the relay serves in plain text")
        self.program = self.stage.tool("bench_relay", network=self.network.port, users=self.setup.users,
                                       channels=self.setup.channels, greeting_bytes=self.setup.greeting_bytes)
        self.port = self.program.event("listening")["port"]

    def passes(self):
        return ["none"] * self.setup.users


class Znc(System):
    name = "znc"
    connects_one_user_a_second = True

    def start(self):
        self.port = free_port()
        home = self.stage.directory / "znc"
        (home / "configs").mkdir(parents=True)
        (home / "configs" / "znc.conf").write_text(self._configuration())
        if self.setup.tls:
            subprocess.run(["znc", "--allow-root", "--datadir", str(home), "--makepem"], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        user = self._unprivileged(home)
        self.program = self.stage.start("znc", "--foreground", "--datadir", home, user=user)
        wait_until_listening(self.program, self.port)

    def _unprivileged(self, home):
        """As root ZNC waits half a minute before it starts: it runs as nobody then."""
        if os.getuid() != 0:
            return None
        self.stage.directory.chmod(0o755)
        for path in (home, *home.rglob("*")):
            shutil.chown(path, "nobody")
        return "nobody"

    def passes(self):
        return [f"bench{user}/net:{PASSWORD}" for user in range(self.setup.users)]

    def _configuration(self):
        salt = secrets.token_hex(8)
        digest = hashlib.sha256((PASSWORD + salt).encode()).hexdigest()
        listener = (f"<Listener bench>\n Host = 127.0.0.1\n Port = {self.port}\n IPv4 = true\n IPv6 = false\n"
                    f" SSL = {'true' if self.setup.tls else 'false'}\n AllowIRC = true\n AllowWeb = false\n"
                    "</Listener>\n")
        channels = "".join(f"  <Chan {name}>\n  </Chan>\n" for name in channel_names(self.setup.channels))
        users = "".join(
            f"<User bench{user}>\n Nick = bench{user}\n Ident = bench\n Buffer = {self.setup.backlog}\n"
            f" ChanBufferSize = {self.setup.backlog}\n AutoClearChanBuffer = true\n MaxJoins = 0\n"
            " <Network net>\n  FloodRate = 0.00\n  FloodBurst = 4\n  IRCConnectEnabled = true\n"
            f"  JoinDelay = 0\n  Server = 127.0.0.1 {self.network.port}\n{channels} </Network>\n"
            f" <Pass password>\n  Method = sha256\n  Hash = {digest}\n  Salt = {salt}\n </Pass>\n</User>\n"
            for user in range(self.setup.users))
        return ("Version = 1.8.2\nAnonIPLimit = 100000\nConnectDelay = 1\nServerThrottle = 1\n"
                f"MaxBufferSize = {max(self.setup.backlog, 500)}\nProtectWebSessions = true\n" + listener + users)


class ZncReplay(Znc):
    """ZNC towards a client that asks for times in tags, so that replayed lines keep their text."""
    client_caps = "server-time"
