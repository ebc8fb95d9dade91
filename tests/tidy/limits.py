"""docs/LIMITS.md says each bound: what it is, how much, its constant, what happens then, and the test that shows it.

The table is held against the source: a constant that has another value there, one that is gone, one that is a bound by its
name and that no row names, and a test that does not exist are problems, and so is a row without one. No two files have a bound
of the same name: each is named by what it bounds.
"""

import re

TABLE = "docs/LIMITS.md"
ROOTS = ("bouncer", "gateway", "storage")
# A row's third cell: the constant's file, its name, and its value as the source has it.
CONSTANT = re.compile(r"`(?P<path>[\w/.]+): (?P<name>k\w+) = (?P<value>[^`]+)`")
# What is no head of a table.
ROW = re.compile(r"\| (?!what \|)[^-]")
TEST = re.compile(r"`(?P<path>tests/[\w/.]+): (?P<name>[^`]+)`")
# What is a bound by its name.
DEFINED = re.compile(r"\b(?P<name>k(?:Most|Max)[A-Z]\w*)\s*=\s*(?P<value>(?:[^;,{}]|\{[^{}]*\})+)[;,]")
# A constant, of whatever name: a row may name that, too.
CONSTANT_DEFINED = re.compile(r"\b(?P<name>k[A-Z]\w*)\s*=\s*(?P<value>(?:[^;,{}]|\{[^{}]*\})+)[;,]")
DEFINES = re.compile(r"\bconstexpr\b")


def check(tree):
    table = tree.get(TABLE)
    if not table:
        return
    told = set()
    for number, line in enumerate(table.lines, 1):
        for match in CONSTANT.finditer(line):
            told.add((match["path"], match["name"]))
            yield from check_constant(tree, number, match)
        if ROW.match(line) and not TEST.search(line):
            yield TABLE, number, "a bound without a test: name one as `tests/FILE: name of the case`"
        for match in TEST.finditer(line):
            source = tree.get(match["path"])
            if not source or f'"{match["name"]}' not in source.text:
                yield TABLE, number, f'{match["path"]} has no test "{match["name"]}"'
    sources = [source for source in tree.under(*ROOTS) if source.language == "c++"]
    defined = {}
    for source in sources:
        for _, name, _ in constants(source):
            defined.setdefault(name, set()).add(source.path)
    for source in sources:
        yield from check_told(source, told, defined)


def constants(source, pattern=DEFINED):
    """(line, name, value) of each bound that a file defines."""
    for number, line in enumerate(source.lines, 1):
        if DEFINES.search(line):
            for match in pattern.finditer(joined(source.lines, number)):
                yield number, match["name"], match["value"]


def joined(lines, number):
    """A statement of some lines as one."""
    text = ""
    for line in lines[number - 1:number + 4]:
        text += " " + re.sub(r"//.*", "", line)
        if ";" in text:
            return text
    return text


def check_constant(tree, number, match):
    source = tree.get(match["path"])
    every = constants(source, CONSTANT_DEFINED) if source else ()
    found = [value for _, name, value in every if name == match["name"]]
    if not source:
        yield TABLE, number, f'{match["path"]} is gone'
    elif not found:
        yield TABLE, number, f'{match["path"]} has no {match["name"]}'
    elif plain(found[0]) != plain(match["value"]):
        yield TABLE, number, f'{match["name"]} is {plain(found[0])} in {match["path"]}'


def check_told(source, told, defined):
    for number, name, _ in constants(source):
        others = {path for path in defined[name] if path > source.path}
        if others:
            yield source.path, number, f"{name} is a bound of {min(others)}, too: name each by what it bounds"
        elif (source.path, name) not in told:
            yield source.path, number, f"{name} is not in {TABLE}: say what is bounded, and what happens then"


def plain(value):
    """A value without its type and its separators of digits."""
    value = re.sub(r"(?:std::)?\w+\{([^{}]*)\}", r"\1", value)
    return re.sub(r"\s+", " ", value.replace("'", "")).strip()
