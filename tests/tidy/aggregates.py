"""A struct of more than three fields is made with the names of the fields: `Row{.id = 1, ...}`, not `Row{1, ...}`.

Seen where the value names its struct, of those that a header defines.
"""

import re

from parameters import parameters
from strip import strip_c

MOST = 3
ROOTS = ("bouncer", "gateway", "storage", "tests")
STRUCT = re.compile(r"\bstruct (\w+)(?: final)? \{")
ALIAS = re.compile(r"\busing (\w+) =")
# A value: `Row{...}`, `Row row{...}`, `Row row = {...}`. After a struct's base classes there is a space.
OPERATOR = re.compile(r"->|<<|>>|<=>?|>=| [<>] ")  # no brackets
VALUE = re.compile(r"(?<![.>])\b([A-Z]\w*)(?: \w+(?: = )?)?\{")


def check(tree):
    texts = [(source, strip_c(source.text)) for source in tree.under(*ROOTS) if source.language == "c++"]
    structs = structs_of([text for source, text in texts if source.path.endswith(".h")])
    for source, text in texts:
        for match in VALUE.finditer(text):
            if match[1] not in structs:
                continue
            found = parameters(OPERATOR.sub(" ", text[match.end():closing(text, match.end())]))
            if len(found) > MOST and not found[0].strip().startswith("."):
                line = text.count("\n", 0, match.start()) + 1
                yield source.path, line, f"{match[1]} of {len(found)} values without their fields' names; at most {MOST}"


def structs_of(headers):
    """Names of what can only be a struct without constructors."""
    found, others = set(), set()
    for text in headers:
        others.update(ALIAS.findall(text))
        for match in STRUCT.finditer(text):
            body = text[match.end():closing(text, match.end())]
            (others if re.search(rf"(?<![~\w:]){match[1]}\(", body) else found).add(match[1])
    return found - others


def closing(text, at):
    """Where the brace ends that opened before `at`."""
    depth = 1
    for brace in re.finditer(r"[{}]", text[at:]):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return at + brace.start()
    return len(text)
