"""Halley as it is measured: the release build, its own command line, and its defaults; only limits that the size of
the work exceeds are raised, as an administrator would."""

import http.client
import json
import subprocess
import time
from urllib.parse import quote

from processes import BenchError, joined, wait_for
from systems import PASSWORD, System, channel_names, free_port, wait_until_listening

# argon2id of PASSWORD with the daemon's own cost, made once: a thousand accounts in a second.
PASSWORD_HASH = "$argon2id$v=19$m=9216,t=4,p=1$aGFsbGV5LWJlbmNoLXNsdA$+iehW4IMjxtTOSxPuA/LyV3f/fEg48Jpzz4vRHI6geg"


class Halley(System):
    name = "halley"
    client_caps = "server-time"  # what any client of today asks for; replayed lines then keep their text

    def start(self):
        self.port, self.http_port = free_port(), free_port()
        self.data = self.stage.directory / "halley-data"
        self.data.mkdir(exist_ok=True)
        self.config = self.stage.directory / "halley.toml"
        self.config.write_text(self._configuration())
        self._make_accounts()
        self._serve()

    def _serve(self):
        self.program = self.stage.start(self.stage.halley, "serve", "--config", self.config, "--data", self.data)
        wait_until_listening(self.program, self.port)

    def restart(self):
        """The daemon ends and starts; its network is joined again. All that was said is in SQLite alone then."""
        channels = self.setup.users * self.setup.channels
        self.program.stop()
        wait_for(lambda: joined(self.network) == 0, f"{self.name} to leave", 10)
        self._serve()
        wait_for(lambda: joined(self.network) >= channels, f"{self.name} to join again", 60)

    def _configuration(self):
        scheme = "ircs" if self.setup.tls else "irc"
        return (f'hostname = "h"\nlisten = ["{scheme}://127.0.0.1:{self.port}", "http://127.0.0.1:{self.http_port}"]\n'
                f'data_dir = "{self.data}"\n[upstream]\nallow_private_hosts = true\nconnect_pacing = 0\n'
                f'rate = 0\n[history]\nbacklog_lines = {max(self.setup.backlog, 100_000) + 1000}\n')

    def _make_accounts(self):
        channels = ",".join(channel_names(self.setup.channels))
        lines = []
        for user in range(self.setup.users):
            name = f"bench{user}"
            lines += [f"user add {name} password-hash={PASSWORD_HASH}",
                      f"network add {name} net irc://127.0.0.1:{self.network_of(user).port} --nick {name} --join '{channels}'",
                      f"device add {name} bench"]
        answer = self._cli("batch", text="\n".join(lines) + "\n")
        self.tokens = [entry["token"] for entry in answer if "token" in entry]
        if len(self.tokens) != self.setup.users:
            raise BenchError(f"batch gave {len(self.tokens)} tokens for {self.setup.users} users")

    def network_of(self, user):
        """The network that the user is on."""
        del user
        return self.network

    def _cli(self, *words, text=""):
        done = subprocess.run([self.stage.halley, "--config", self.config, "--data", self.data, "--json", *words],
                              input=text, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            raise BenchError(f"halley {words[0]}: {done.stderr.strip()[-300:]}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def logins(self, protocol):
        if protocol != "irc":
            return self.tokens
        return [f"bench{user}/net@bench:{token}" for user, token in enumerate(self.tokens)]

    def port_for(self, protocol):
        return self.port if protocol == "irc" else self.http_port

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=60)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self.tokens[0]}"})
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise BenchError(f"GET {path}: {answer.status} {body[:200]!r}")
        return json.loads(body)

    def leave_a_cursor(self, protocol):
        """Where a client that leaves now would come back to."""
        if protocol != "irc":
            return {"after": self.get("/api/me")["head"]}
        reader = self.clients(1)
        reader.event("attached")
        time.sleep(1.0)  # it has heard what there is: the position is its device's from now on
        reader.stop()
        return {}

    def wait_until_stored(self, lines):
        """SQLite holds every line, and the journal nothing else. Whoever reads has what is still gathered written at
        once; how far that is, the control socket says."""
        def stored():
            self.ask("latest page", lines)
            store = self._store()
            return store["events"] >= lines and store["journal_used"] == 0
        wait_for(stored, "storing every line", 120, 0.01)

    def wait_until_indexed(self, lines):
        self.wait_until_stored(lines)
        wait_for(lambda: self._store()["indexed_behind"] == 0, "indexing every line", 600, 0.2)

    def _store(self):
        return self._cli("status")[0]["store"]

    def resting_bytes(self, lines):
        """The size of the data directory once all indexes are built and the daemon has stopped; then it runs on."""
        self.wait_until_indexed(lines)
        self.program.stop()
        size = sum(path.stat().st_size for path in self.data.rglob("*") if path.is_file())
        self._serve()
        time.sleep(0.5)
        return size

    def ask(self, question, stored):
        """One request of a page or a program over HTTP."""
        channel = f"network=net&target={quote('#c0')}"
        if question == "latest page":
            found = self.get(f"/api/history?{channel}&limit=100")
        elif question == "old page":
            found = self.get(f"/api/history?{channel}&after=1&limit=100")
        else:
            word = str(stored // 2) if question == "rare word" else "ka"
            found = self.get(f"/api/search?q={word}&limit=50")
        return found
