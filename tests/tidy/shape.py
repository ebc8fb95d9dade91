"""What a file looks like: its length, the length of its functions, its first lines, its blanks and its words."""

import re

from functions import functions

FILE_LINES = 500
FUNCTION_LINES = 70
ARCHITECTURE_LINES = 200

MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root)/\w|/tmp/b-\w")
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")
# Lock files are made by npm; the inputs of the fuzzers are odd on purpose.
NOT_OURS = re.compile(r"(?:^|/)package-lock\.json$|^tests/fuzz/corpus/")


def check(tree):
    for source in tree.files:
        if NOT_OURS.search(source.path):
            continue
        if source.language:
            yield from check_length(source)
        if source.suffix == ".h" and not source.text.startswith(("//", "/*")):
            yield source.path, 1, "a header begins with a comment: what it is, its owner, thread and lifetime"
        yield from check_lines(source)
    architecture = tree.get("ARCHITECTURE.md")
    if architecture and len(architecture.lines) >= ARCHITECTURE_LINES:
        yield architecture.path, ARCHITECTURE_LINES, f"must stay under {ARCHITECTURE_LINES} lines"


def check_length(source):
    if len(source.lines) > FILE_LINES:
        yield source.path, FILE_LINES, f"{len(source.lines)} lines; at most {FILE_LINES}"
    for name, line, length in functions(source):
        if length > FUNCTION_LINES:
            yield source.path, line, f"function {name} has {length} lines; at most {FUNCTION_LINES}"


def check_lines(source):
    for number, line in enumerate(source.lines, 1):
        if line != line.rstrip() and source.suffix != ".patch":
            yield source.path, number, "trailing space"
        if MACHINE_PATH.search(line):
            yield source.path, number, "names a path of one machine"
        if source.language and UNFINISHED.search(line):
            yield source.path, number, "unfinished; finish it or file it as an issue"
        if source.language == "c++" and "\t" in line:
            yield source.path, number, "tab; write \\t or spaces"
    if source.text and not source.text.endswith("\n"):
        yield source.path, len(source.lines), "no newline at the end"
