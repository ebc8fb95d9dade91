"""CMakeLists.txt says which version this is; the man pages and the Debian changelog repeat it. And the Debian package is built
with what script/bootstrap installs for a build."""

import re

ROOT = "CMakeLists.txt"
VERSION = re.compile(r"^project\(halley VERSION (\S+) ", re.MULTILINE)
TITLE = re.compile(r'\.TH \S+ \d "\d{4}-\d\d-\d\d" "Halley (\S+)" "Halley manual"')
ENTRY = re.compile(r"halley \((\S+)\)")
# Not needed to build a package, or brought by what every such build has.
TOOLS = {"ca-certificates", "ccache", "g++", "make"}


def check(tree):
    root = tree.get(ROOT)
    version = root and VERSION.search(root.text)
    if not version:
        return
    for page in tree.under("man"):
        yield from same(page, TITLE, version[1], f'.TH NAME SECTION "DATE" "Halley {version[1]}" "Halley manual"')
    if changelog := tree.get("packaging/debian/changelog"):
        yield from same(changelog, ENTRY, version[1], f"halley ({version[1]}); script/release --set-version does that")
    if (control := tree.get("packaging/debian/control")) and (bootstrap := tree.get("script/bootstrap")):
        listed = re.search(r"^build_packages=\((.*?)\)", bootstrap.text, re.DOTALL | re.MULTILINE)[1].split()
        for package in listed:
            if package not in TOOLS and not re.search(rf"(?<![\w-]){re.escape(package)}(?![\w-])", control.text):
                yield control.path, 1, f"{package} is missing in Build-Depends: script/bootstrap installs it for a build"


def same(source, pattern, version, wanted):
    match = pattern.match(source.text)
    if not match or match[1] != version:
        yield source.path, 1, f"the first line is not: {wanted}"
