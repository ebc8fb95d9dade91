"""The files of a tree: what git tracks or would track, else all but what builds leave behind."""

import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

LEFT_BY_BUILDS = ("build", "build-", "node_modules", "dist", "__pycache__", ".git")
CPP = {".cpp", ".h", ".c"}
SCRIPT = {".ts", ".tsx", ".js", ".mjs"}


@dataclass(frozen=True)
class Source:
    path: str  # relative to the root, with slashes
    text: str

    @property
    def suffix(self) -> str:
        return Path(self.path).suffix

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def language(self) -> str:
        if self.suffix in CPP:
            return "c++"
        if self.suffix in SCRIPT:
            return "script"
        first = self.text.split("\n", 1)[0]
        if self.suffix == ".py" or (first.startswith("#!") and "python" in first):
            return "python"
        if self.suffix == ".sh" or (first.startswith("#!") and first.endswith("sh")):
            return "shell"
        return ""


class Tree:
    def __init__(self, root: Path):
        self.root = root

    def _paths(self) -> list[str]:
        try:
            told = subprocess.run(
                ["git", "-C", str(self.root), "ls-files", "-z", "--cached", "--others", "--exclude-standard", "."],
                check=True, capture_output=True).stdout.decode()
            return [path for path in told.split("\0") if path]
        except (OSError, subprocess.CalledProcessError):
            walked = (p.relative_to(self.root) for p in self.root.rglob("*"))
            return [p.as_posix() for p in walked
                    if not any(part == left or (left.endswith("-") and part.startswith(left))
                               for part in p.parts for left in LEFT_BY_BUILDS)]

    @cached_property
    def files(self) -> list[Source]:
        """Every text file; a file that went away meanwhile or is not UTF-8 is no source."""
        found = []
        for path in sorted(self._paths()):
            try:
                found.append(Source(path, (self.root / path).read_bytes().decode()))
            except (OSError, UnicodeDecodeError):
                continue
        return found

    def under(self, *folders: str) -> list[Source]:
        return [f for f in self.files if any(f.path.startswith(folder + "/") for folder in folders)]

    def get(self, path: str) -> Source | None:
        return next((f for f in self.files if f.path == path), None)
