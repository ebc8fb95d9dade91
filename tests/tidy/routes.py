"""Each IRC command that has a row for clients has a route, by which a client of all networks says where it belongs."""

import re

TABLES = (("bouncer/commands/client_commands.cpp", "kCommandRows"), ("bouncer/downstream/handlers.cpp", "kBoundRows"))
ROUTES = ("bouncer/downstream/network_routes.cpp", "kNetworkRoutes")
ROW = re.compile(r'\{(?:\.command = )?"([A-Z]+)"(?:[^{}]*?(\w+))?[^{}\w]*\}')
# About the connection itself: never a network's.
OWN_LINK = "on_own_link"


def check(tree):
    routed = {row[1] for row in rows(tree, *ROUTES)}
    for path, table in TABLES:
        for row in rows(tree, path, table):
            if row[2] != OWN_LINK and row[1] not in routed:
                line = tree.get(path).text.count("\n", 0, row.start()) + 1
                yield path, line, f"{row[1]} has no row in {ROUTES[1]} of {ROUTES[0]}"


def rows(tree, path, table):
    source = tree.get(path)
    begin = re.search(rf"\b{table}\[\] = \{{", source.text) if source else None
    return ROW.finditer(source.text, begin.end(), source.text.index("};", begin.end())) if begin else ()
