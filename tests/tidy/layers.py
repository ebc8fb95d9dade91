"""Who may include whom. The rooms and their doors are described in ARCHITECTURE.md."""

import re
from fnmatch import fnmatch

from strip import strip_c

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']*)["']""")

# What the gateway may see of the bouncer: what any client needs, and nothing else. user.h gives out networks; burst.h writes
# the state that opens a fresh attach; out_queue.h shares encoded bytes among readers.
GATEWAY_SEES = ("bouncer/net/*", "bouncer/irc/*", "bouncer/user.h", "bouncer/client.h", "bouncer/login.h",
                "bouncer/network.h", "bouncer/burst.h", "bouncer/out_queue.h")

# (files, includes that are refused, includes that are allowed all the same, why)
RULES = (
    ("bouncer/irc/*", ("bouncer/*", "storage/*", "gateway/*"), ("bouncer/irc/*",), "bouncer/irc includes nothing of ours"),
    ("bouncer/net/*", ("bouncer/*", "storage/*", "gateway/*"), ("bouncer/net/*", "bouncer/irc/*"),
     "bouncer/net knows streams and, at most, the protocol"),
    ("storage/*", ("bouncer/*", "gateway/*"), (), "storage knows neither bouncer nor gateway"),
    ("bouncer/*", ("gateway/*",), (), "the bouncer never includes the gateway"),
    ("gateway/*", ("bouncer/*",), GATEWAY_SEES, "the gateway sees of the bouncer only " + ", ".join(GATEWAY_SEES)),
)

# (header, the only files that may include it)
OWNERS = (
    ("uv.h", ("bouncer/net/uv_*.cpp",)),
    ("openssl/ssl.h", ("bouncer/net/tls_*.cpp", "bouncer/net/cert*.cpp")),
    ("sqlite3.h", ("storage/*",)),
)


def check(tree):
    for source in tree.under("bouncer", "storage", "gateway"):
        if source.language == "c++":
            yield from check_includes(source)
            yield from check_owners(source)
    for source in tree.under("bouncer/net"):
        if source.suffix == ".h":
            yield from check_net_header(source)
    for source in tree.under("webui/src/state", "webui/src/transport"):
        yield from check_webui(source)


def includes(source):
    for match in INCLUDE.finditer(source.text):
        yield source.text.count("\n", 0, match.start(1)) + 1, match[1], match[2]


def check_includes(source):
    if fnmatch(source.path, "bouncer/main*"):  # the composition root
        return
    for line, bracket, name in includes(source):
        if bracket != '"':
            continue
        for files, refused, allowed, why in RULES:
            if (fnmatch(source.path, files) and any(fnmatch(name, r) for r in refused)
                    and not any(fnmatch(name, a) for a in allowed)):
                yield source.path, line, f'#include "{name}": {why}'


def check_owners(source):
    for line, _, name in includes(source):
        for header, owners in OWNERS:
            if name == header and not any(fnmatch(source.path, owner) for owner in owners):
                yield source.path, line, f"<{header}> may be included only by {' and '.join(owners)}"


def check_net_header(source):
    for number, line in enumerate(strip_c(source.text).splitlines(), 1):
        shown = re.search(r"\b(uv_\w+|SSL(?:_CTX)?)\b", line)
        if shown and not line.lstrip().startswith("#"):
            yield source.path, number, f"a header of bouncer/net shows {shown[1]}; hide it in the .cpp"


def check_webui(source):
    """The state part is pure: of the transport it knows the shape of a frame, and no views. The transport knows no views."""
    refused = ("transport", "views", "app") if source.path.startswith("webui/src/state/") else ("views", "app")
    for number, line in enumerate(source.lines, 1):
        match = IMPORT.search(line)
        if not match or line.lstrip().startswith("import type") or match[1].endswith("/transport/frames"):
            continue
        if any(f"/{r}/" in match[1] for r in refused):
            yield source.path, number, f"imports {match[1]}: this part may not know {', '.join(refused)}"
