"""Every C++ file is as clang-format 14 (Debian 12's) writes it by .clang-format: python3 tests/tidy --format [ROOT]."""

import re
import shutil
import subprocess
from pathlib import Path

from tree import Tree

VERSION = "14"


def program() -> str:
    """The clang-format of our version; empty: there is none."""
    for name in (f"clang-format-{VERSION}", "clang-format"):
        path = shutil.which(name)
        if path and re.search(rf"version {VERSION}\.", subprocess.run([path, "--version"], capture_output=True, text=True).stdout):
            return path
    return ""


def run(root: Path) -> int:
    formatter = program()
    if not formatter:
        print(f"clang-format {VERSION} is not here: script/bootstrap test installs it")
        return 1
    files = [source.path for source in Tree(root).files if source.language == "c++" and source.suffix != ".c"]
    told = subprocess.run([formatter, "--dry-run", "-Werror", "--ferror-limit=1", *files], cwd=root, capture_output=True, text=True)
    wrong = sorted(set(re.findall(r"^(.+?):\d+:\d+: error:", told.stderr, re.MULTILINE)))
    for path in wrong:
        print(f"{path}: not as .clang-format has it: run clang-format -i {path}")
    print(f"format: {len(files)} files, {len(wrong)} problems")
    return 1 if told.returncode else 0
