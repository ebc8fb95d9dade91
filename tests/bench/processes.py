"""Child processes of a measurement: started, spoken to, measured, and always ended."""

import ctypes
import json
import os
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from pathlib import Path


class BenchError(Exception):
    """A measurement that gave no figure, and why."""


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _die_with_parent_and_give_way():
    _die_with_parent()
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


class Program:
    """One child. Bench programs answer with one JSON object a line; others only run, and what they say goes to the
    log: nobody would read a pipe, and a full one stops its writer."""

    def __init__(self, argv, log, user=None, gives_way=False):
        self.name = Path(str(argv[0])).name
        self._log = log
        self._pending = b""
        with open(log, "ab") as errors:
            self._child = subprocess.Popen(
                [str(word) for word in argv], stdin=subprocess.PIPE, stderr=errors,
                stdout=subprocess.PIPE if self.name.startswith("bench_") else errors,
                preexec_fn=_die_with_parent_and_give_way if gives_way else _die_with_parent, user=user)

    @property
    def pid(self):
        return self._child.pid

    def running(self):
        return self._child.poll() is None

    def signal(self, number):
        self._child.send_signal(number)

    def command(self, line):
        try:
            self._child.stdin.write(line.encode() + b"\n")
            self._child.stdin.flush()
        except BrokenPipeError:
            raise BenchError(f"{self.name} ended early: {self.last_words()}") from None

    def event(self, wanted, timeout=60.0):
        """The next answer of that kind; others before it are passed over."""
        deadline = time.monotonic() + timeout
        while True:
            line, separator, rest = self._pending.partition(b"\n")
            if separator:
                self._pending = rest
                answer = json.loads(line)
                if answer.get("event") == wanted:
                    return answer
                continue
            left = deadline - time.monotonic()
            if left <= 0:
                raise BenchError(f"{self.name} gave no '{wanted}' in {timeout:.0f} s. {self.last_words()}")
            if select.select([self._child.stdout], [], [], left)[0]:
                part = os.read(self._child.stdout.fileno(), 65536)
                if not part:
                    raise BenchError(f"{self.name} ended before '{wanted}'. {self.last_words()}")
                self._pending += part

    def stop(self, patience=10.0):
        """Ends it as its user would; harder when that takes too long."""
        if self._child.stdin and not self._child.stdin.closed:
            try:
                self._child.stdin.close()
            except BrokenPipeError:
                pass
        if not self.name.startswith("bench_") and self.running():
            self._child.terminate()
        try:
            self._child.wait(patience)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        if self._child.stdout:
            self._child.stdout.close()

    def last_words(self):
        try:
            return " | ".join(Path(self._log).read_text(errors="replace").strip().splitlines()[-3:])
        except OSError:
            return ""

    def pss_kb(self, kind="Pss:"):
        """Proportional set size: what this process really costs."""
        for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith(kind):
                return int(line.split()[1])
        raise BenchError(f"no {kind} in smaps_rollup")

    def anonymous_kb(self):
        """The part of it that is no file's. Differences are taken of this: the kernel takes pages of files away and
        brings them back as it likes."""
        return self.pss_kb("Pss_Anon:")

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _processors_awake():
    """While this file is open, a processor with nothing to do waits for work (PM QoS) instead of going to sleep: a virtual
    machine gives it back to the host, which may take a millisecond to bring it back."""
    try:
        request = open("/dev/cpu_dma_latency", "wb", buffering=0)
        request.write(struct.pack("i", 0))
    except OSError as error:
        raise BenchError(f"processors cannot be kept awake: {error}; run this scenario as root") from error
    return request


class Stage:
    """The directory and the children of one measurement; `awake`: no processor falls asleep meanwhile. Use with `with`:
    nothing outlives it."""

    def __init__(self, tools, halley, awake=False):
        self.tools = Path(tools)
        self.halley = Path(halley)
        self.directory = None
        self._programs = []
        self._awake = _processors_awake() if awake else None

    def __enter__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="halley-bench-"))
        return self

    def __exit__(self, *_):
        for program in reversed(self._programs):
            program.stop(3.0)
        self._programs.clear()
        if self._awake:
            self._awake.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self, *argv, **how):
        log = self.directory / f"{len(self._programs)}-{Path(str(argv[0])).name}.log"
        program = Program(argv, log, **how)
        self._programs.append(program)
        return program

    def tool(self, name, gives_way=False, **options):
        """A bench program, its options given as keyword arguments; None leaves one out. `gives_way`: in the idle class."""
        argv = [self.tools / name]
        for option, value in options.items():
            if value is not None:
                argv += ["--" + option.replace("_", "-"), value]
        return self.start(*argv, gives_way=gives_way)

    def network(self, **options):
        program = self.tool("bench_net", **options)
        program.port = program.event("listening")["port"]
        return program


def counted(readers):
    readers.command("count")
    return readers.event("count")["delivered"]


def wait_for(condition, what, timeout=60.0, pause=0.02):
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise BenchError(f"{what} took more than {timeout:.0f} s")
        time.sleep(pause)


def joined(network):
    network.command("stats")
    return network.event("stats")["joined"]


def settle(measure, tolerance, timeout=20.0, pause=0.5):
    """Repeats a measure until two in a row agree; the last one is the result."""
    deadline = time.monotonic() + timeout
    before = measure()
    while True:
        time.sleep(pause)
        now = measure()
        if abs(now - before) <= tolerance or time.monotonic() > deadline:
            return now
        before = now
