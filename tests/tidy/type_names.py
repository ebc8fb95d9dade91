"""One meaning a word: a type that a header defines in a namespace has a name that no other header gives to a type of its own, nor
any source file to one of a namespace.

Types within a class are its own, and may be called as another class's are (Parts, State, Phase); but none is called as one of a
namespace is: who reads `Reader` would take it for that one.
"""

import re

from strip import strip_c

ROOTS = ("bouncer", "gateway", "storage")

MARKS = re.compile(r"[{};]")
SCOPE = re.compile(r"\b(?:class|struct|union|enum class|enum)\s+(?:alignas\([^)]*\)\s*)?(\w+)(?:\s+final)?\s*(?::[^:].*)?$", re.DOTALL)
NAMESPACE = re.compile(r"\bnamespace(?:\s+[\w:]+)?$")
ALIAS = re.compile(r"\busing (\w+)\s*=")
BLOCK = ""  # of a function, a table


def check(tree):
    found = {}  # name -> [(path, line, is it a header's and a namespace's)]
    for source in tree.under(*ROOTS):
        header = source.suffix == ".h"
        for name, line, outer in types(strip_c(source.text)):
            if header or outer:
                found.setdefault(name, []).append((source.path, line, header and outer))
    for name, places in found.items():
        for path, line, outer in places:
            owners = [at for at, _, also in places if also and at != path]
            own = path.endswith(".cpp") and path.removesuffix("cpp") + "h" in owners  # it goes on with its header's
            if not owners or own or (outer and path < min(owners)):
                continue  # of two namespaces' the second is told
            yield path, line, f"{name} is a type of {min(owners)}, too: name each by what it is"


def types(text):
    """(name, line, whether it stands in a namespace) of each type that is defined."""
    around, begun = [], 0
    for mark in MARKS.finditer(text):
        head = text[begun:mark.start()].strip()
        line = text.count("\n", 0, mark.start()) + 1
        outer = all(one is None for one in around)
        begun = mark.end()
        if mark[0] == "}":
            if around:
                around.pop()
        elif mark[0] == ";":
            if (alias := ALIAS.search(head)) and BLOCK not in around:
                yield alias[1], line, outer
        elif NAMESPACE.search(head):
            around.append(None)
        elif (scope := SCOPE.search(head)) and BLOCK not in around:
            yield scope[1], line, outer
            around.append(scope[1])
        else:
            around.append(BLOCK)
