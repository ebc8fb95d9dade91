"""One room, one namespace: what a room defines stands in the namespace that its table row names.

Within it a namespace of its own may stand for a part; of another room's things a header only declares that there are such.
"""

import re

from layers import FLOOR_OF, room_of
from strip import strip_c

# Rooms that have another namespace than their top folder: halley for bouncer, halley::storage, halley::gateway.
OF_ROOM = {"bouncer/irc": "halley::irc", "bouncer/net": "halley::net", "bouncer/cli": "halley::cli", "bouncer/transfer": "halley::transfer",
           "bouncer/push": "halley::push"}
OF_TOP = {"bouncer": "halley", "storage": "halley::storage", "gateway": "halley::gateway"}
ALL = {*OF_ROOM.values(), *OF_TOP.values()}

OPENED = re.compile(r"^namespace (halley[\w:]*) \{", re.MULTILINE)
DECLARED = re.compile(r"(?:\s*(?:class|struct|enum class) \w+;)*\s*\}")


def check(tree):
    for source in tree.under(*OF_TOP):
        room = room_of(source.path)
        if source.language != "c++" or room not in FLOOR_OF:
            continue
        wanted = OF_ROOM.get(room, OF_TOP[room.split("/")[0]])
        text = strip_c(source.text)
        for match in OPENED.finditer(text):
            if not belongs(match[1], wanted) and not DECLARED.match(text, match.end()):
                yield source.path, text.count("\n", 0, match.start()) + 1, f"{match[1]}: what {room} defines stands in {wanted}"


def belongs(namespace, wanted):
    """The namespace, or one for a part of it."""
    if namespace == wanted:
        return True
    return namespace.startswith(wanted + "::") and not any(namespace == other or namespace.startswith(other + "::") for other in ALL - {wanted}
                                                          if len(other) > len(wanted))
