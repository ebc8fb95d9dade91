"""The machine that a figure was measured on."""

import os
import platform
import subprocess
from pathlib import Path


def _first(file, key):
    for line in Path(file).read_text().splitlines():
        if line.startswith(key):
            return line.partition(":")[2].strip()
    return "unknown"


def describe(root):
    commit = subprocess.run(["git", "-C", str(root), "rev-parse", "--short", "HEAD"], capture_output=True, text=True,
                            check=False).stdout.strip()
    return {"processor": _first("/proc/cpuinfo", "model name"), "cores": os.cpu_count(),
            "memory_gb": round(int(_first("/proc/meminfo", "MemTotal").split()[0]) / 2**20),
            "kernel": platform.release(), "load_before": os.getloadavg()[0], "commit": commit}
