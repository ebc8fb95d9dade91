"""The bill of materials of a built package, as CycloneDX 1.5: python3 packaging/sbom.py TREE, where dpkg-buildpackage ran.

What is linked is read from the program and asked of dpkg, what is compiled in stands in COMPILED_IN, what the page carries in
webui/build.mjs and its lock file. The same build gives the same bytes.
"""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import uuid
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import quote

# Debian packages of which the program has code without linking a library of theirs, and what of theirs it is. Where llhttp is a
# library it is linked.
COMPILED_IN = {"node-llhttp": "llhttp", "libqrcodegen-dev": "qrcodegen", "libtomlplusplus-dev": "toml++",
               "nlohmann-json3-dev": "JSON for Modern C++"}


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def version_of(package: str) -> str:
    return run("dpkg-query", "-W", "-f", "${Version}", package)


def debian(package: str, how: str, description: str) -> dict:
    name, _, arch = package.partition(":")
    version = version_of(package)
    purl = f"pkg:deb/debian/{quote(name)}@{quote(version)}" + (f"?arch={arch}" if arch else "")
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "description": description, "purl": purl,
            "properties": [{"name": "halley:how", "value": how}]}


def linked(program: Path) -> list[dict]:
    needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", run("readelf", "-d", str(program))))
    libraries = {}  # of each package: one may have several
    for name, path in re.findall(r"^\s*(\S+) => (\S+)", run("ldd", str(program)), re.MULTILINE):
        if name in needed:
            libraries.setdefault(owner_of(path), []).append(name)
    return [debian(package, "linked", ", ".join(sorted(names))) for package, names in libraries.items()]


def owner_of(path: str) -> str:
    """The Debian package of a library; merged /usr is known to dpkg by its old name on some releases."""
    for candidate in (path, os.path.realpath(path), path.removeprefix("/usr"), os.path.realpath(path).removeprefix("/usr")):
        asked = subprocess.run(("dpkg-query", "-S", candidate), capture_output=True, text=True, check=False)
        if asked.returncode == 0:
            return asked.stdout.split(": ")[0].split(", ")[0]
    sys.exit(f"sbom: no package has {path}")


def page(tree: Path) -> list[dict]:
    names = re.search(r"LICENCES = \[(.*?)\]", (tree / "webui/build.mjs").read_text(), re.DOTALL)
    lock = json.loads((tree / "webui/package-lock.json").read_text())["packages"]
    found = []
    for name in re.findall(r"'([^']+)'", names[1]):
        locked = lock[f"node_modules/{name}"]
        purl = f"pkg:npm/{name.replace('@', '%40')}@{locked['version']}"
        algorithm, digest = locked["integrity"].split("-", 1)
        found.append({"type": "library", "bom-ref": purl, "name": name, "version": locked["version"], "purl": purl,
                      "licenses": [{"license": {"id": locked["license"]}}],
                      "hashes": [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": base64.b64decode(digest).hex()}],
                      "properties": [{"name": "halley:how", "value": "in the page"}]})
    return found


def main(tree: Path) -> None:
    program = tree / "debian/halley/usr/bin/halley"
    digest = hashlib.sha256(program.read_bytes()).hexdigest()
    version = re.search(r"project\(halley VERSION ([\d.]+)", (tree / "CMakeLists.txt").read_text())[1]
    built = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), timezone.utc)
    parts = linked(program) + page(tree)
    names = " ".join(part["description"] for part in parts if "description" in part)
    parts += [debian(package, "compiled in", what) for package, what in COMPILED_IN.items() if f"lib{what}.so" not in names]
    parts.sort(key=lambda part: part["bom-ref"])
    halley = f"pkg:generic/halley@{version}"
    json.dump({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, halley + '#' + digest)}",
        "metadata": {"timestamp": built.strftime("%Y-%m-%dT%H:%M:%SZ"),
                     "component": {"type": "application", "bom-ref": halley, "name": "halley", "version": version, "purl": halley,
                                   "licenses": [{"license": {"id": "Apache-2.0"}}],
                                   "hashes": [{"alg": "SHA-256", "content": digest}]}},
        "components": parts,
        "dependencies": [{"ref": halley, "dependsOn": [part["bom-ref"] for part in parts]}],
    }, sys.stdout, indent=2)
    sys.stdout.write("\n")


main(Path(sys.argv[1]))
