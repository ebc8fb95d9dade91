"""Who may include whom. The rooms and their floors are drawn in ARCHITECTURE.md."""

import re
from fnmatch import fnmatch

from strip import strip_c
from type_names import types

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
FORWARD = re.compile(r"^(?:class|struct) (\w+);", re.MULTILINE)
IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']*)["']""")

# The rooms, from the ground up. A file includes from its own room and from lower floors; never from a higher one, nor from a
# neighbour on its own. So no two rooms can include each other, straight or round about.
FLOORS = (
    ("bouncer/irc", "storage/api"),
    ("bouncer/net", "storage/base"),
    ("bouncer/config",),
    ("bouncer/accounts", "gateway/http", "storage/journal", "storage/search"),
    ("bouncer/core", "storage/read", "storage/write"),
    ("bouncer/transfer",),
    ("bouncer/upstream", "bouncer/commands", "bouncer/cli", "bouncer/push", "storage/open"),
    ("bouncer/downstream", "gateway/events", "gateway/websocket"),
    ("gateway/api", "gateway/builtin"),
    ("bouncer/daemon",),
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

# What may be seen of a top folder from outside it: (the folder, who looks, what they may see).
DOORS = (
    ("storage/", ("bouncer/", "gateway/"), ("storage/api",)),
    ("bouncer/", ("storage/",), ()),
    ("bouncer/", ("gateway/",), ("bouncer/irc", "bouncer/net", "bouncer/accounts", "bouncer/core", "bouncer/commands", "bouncer/push")),
    ("gateway/", ("storage/",), ()),
)
# Of the bouncer only what assembles the daemon knows the gateway, whatever is beneath it.
SEES_GATEWAY = ("gateway/", "bouncer/daemon")
# Rooms that know nothing of ours, or only so much, whatever the floors would allow.
ONLY = {"bouncer/irc": (), "bouncer/config": ("bouncer/net",), "storage/api": (), "bouncer/net": ("bouncer/irc",)}

# What each folder of the page imports; of the transport `state` knows the shape of a frame. What stands above the folders is the roof.
WEBUI = {
    "words": (),
    "text": ("words",),
    "state": ("text", "words"),
    "transport": ("words",),
    "worker": ("state", "text"),
    "app": ("state", "text", "transport", "words", "worker"),
    "views": ("app", "state", "text", "transport", "words"),
}

# Includes against the rules, each with its reason: lines "room room: why". One that is no longer needed is a problem itself.
EXCEPTIONS = "tests/tidy/exceptions.txt"
TOPS = ("bouncer/", "storage/", "gateway/")
EXCEPTION = re.compile(r"^(\S+) (\S+): \S.*$")

# (header, the only files that may include it)
OWNERS = (
    ("uv.h", ("bouncer/net/uv_*.cpp",)),
    ("openssl/ssl.h", ("bouncer/net/tls_*.cpp",)),
    ("sqlite3.h", ("storage/*",)),
    # The gateway reaches the store through core; of storage it knows the values.
    ("storage/api/store.h", ("bouncer/*", "storage/*")),
    ("storage/api/journal.h", ("bouncer/*", "storage/*")),
)


def check(tree):
    exceptions, unread = exceptions_of(tree)
    for line in unread:
        yield EXCEPTIONS, line, "not of the form: room room: why"
    seen = {}  # (room, room it includes) -> the first place
    for source in tree.under("bouncer", "storage", "gateway"):
        if source.language == "c++":
            yield from check_includes(source, exceptions, seen)
            yield from check_owners(source)
    yield from check_forwards(tree)
    yield from check_exceptions(exceptions, seen)
    for source in tree.under("bouncer/net"):
        if source.suffix == ".h":
            yield from check_net_header(source)
    for source in tree.under(*(f"webui/src/{folder}" for folder in WEBUI)):
        yield from check_webui(source)


def includes(source):
    for match in INCLUDE.finditer(source.text):
        yield source.text.count("\n", 0, match.start(1)) + 1, match[1], match[2]


def room_of(path):
    return path.rsplit("/", 1)[0] if "/" in path else ""


def check_includes(source, exceptions, seen):
    room = room_of(source.path)
    if room not in FLOOR_OF:
        yield source.path, 1, f"{room} is no room: put the file into one, or the room into FLOORS (tests/tidy/layers.py)"
        return
    for line, bracket, name in includes(source):
        other = room_of(name)
        ours = name.startswith(TOPS)
        if ours != (bracket == '"') or ".." in name:
            yield source.path, line, f"#include of {name}: ours by the whole path, in quotes; all others in <>"
        if not ours or other == room:
            continue
        if name.startswith("storage/base/schema"):  # made by the build
            continue
        seen.setdefault((room, other), (source.path, line))
        if (room, other) not in exceptions and (why := refused(room, other)):
            yield source.path, line, f'#include "{name}": {why}'


def refused(room, other):
    """Why a file of `room` may not include one of `other`; empty: it may."""
    if other not in FLOOR_OF:
        return f"{other} is no room"
    for folder, lookers, shown in DOORS:
        if other.startswith(folder) and room.startswith(lookers) and other not in shown:
            return f"{room.split('/')[0]} sees of {folder} only {', '.join(shown) or 'nothing'}"
    if other.startswith("gateway/") and not room.startswith(SEES_GATEWAY):
        return f"{room} sees nothing of gateway/"
    if room in ONLY and other not in ONLY[room]:
        return f"{room} includes {' and '.join(ONLY[room]) or 'nothing of ours'} only"
    if FLOOR_OF[other] > FLOOR_OF[room]:
        return f"{other} is on a higher floor than {room}"
    if FLOOR_OF[other] == FLOOR_OF[room]:
        return f"{other} is {room}'s neighbour on the same floor"
    return ""


def exceptions_of(tree):
    """(room, other room) -> its line; the lines that are none."""
    source = tree.get(EXCEPTIONS)
    found, unread = {}, []
    for number, line in enumerate(source.lines if source else [], 1):
        if match := EXCEPTION.match(line):
            found[match[1], match[2]] = number
        elif line.strip() and not line.startswith("#"):
            unread.append(number)
    return found, unread


def check_exceptions(exceptions, seen):
    for (room, other), line in exceptions.items():
        if (room, other) not in seen or not refused(room, other):
            yield EXCEPTIONS, line, f"the exception of {room} for {other} is no longer needed"


def check_owners(source):
    for line, _, name in includes(source):
        for header, owners in OWNERS:
            if name == header and not any(fnmatch(source.path, owner) for owner in owners):
                yield source.path, line, f"<{header}> may be included only by {' and '.join(owners)}"


def check_forwards(tree):
    """A header that declares a class of a higher floor knows of it as one that includes it does."""
    headers = [source for source in tree.under("bouncer", "storage", "gateway") if source.suffix == ".h"]
    texts = [(source, room_of(source.path), strip_c(source.text)) for source in headers]
    room_of_type = {name: room for _, room, text in texts for name, _, outer in types(text) if outer}
    for source, room, text in texts:
        for match in FORWARD.finditer(text):
            other = room_of_type.get(match[1], room)
            if FLOOR_OF.get(other, 0) > FLOOR_OF.get(room, 0):
                yield source.path, text.count("\n", 0, match.start()) + 1, f"{match[1]} is of {other}, on a higher floor than {room}"


def check_net_header(source):
    for number, line in enumerate(strip_c(source.text).splitlines(), 1):
        shown = re.search(r"\b(uv_\w+|SSL(?:_CTX)?)\b", line)
        if shown and not line.lstrip().startswith("#"):
            yield source.path, number, f"a header of bouncer/net shows {shown[1]}; hide it in the .cpp"


def check_webui(source):
    """Types tie less than values do: of those `state` may know any."""
    folder = source.path.split("/")[2]
    for number, line in enumerate(source.lines, 1):
        match = IMPORT.search(line)
        if not match or not match[1].startswith("../"):
            continue
        if folder == "state" and (line.lstrip().startswith("import type") or match[1].endswith("/transport/frames")):
            continue
        other = match[1].removeprefix("../").split("/")[0]
        if other in WEBUI and other not in (folder, *WEBUI[folder]):
            yield source.path, number, f"imports {match[1]}: {folder} may know {', '.join(WEBUI[folder]) or 'nothing of ours'}"
