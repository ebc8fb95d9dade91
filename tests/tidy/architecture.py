"""What ARCHITECTURE.md names in `code` is there: files and folders, classes, functions and tables.

In the table "Where does it go?" a table of the source (`kName`) stands in a file that its cell names: who comes for the first time
finds the row there.
"""

import re

PAGE = "ARCHITECTURE.md"
CODE = re.compile(r"`([^`\n]+)`")
# A path: words with slashes, or a file's name; it may leave out the folders above it and, of C++, the ending.
PATH = re.compile(r"(?:[\w-]+/)+[\w*-]*(?:\.\w+)?|[\w*]+\.(?:cpp|h|py|ts|mjs|toml)")
ROOTS = ("", "bouncer/", "gateway/", "storage/", "tests/", "webui/", "webui/src/")
ENDINGS = ("", "/", ".h", ".cpp")
NAME = re.compile(r"k[A-Z]\w*|(?:\w+::)*[A-Z]\w*[a-z]\w*|(?:\w+::)+\w+")
MADE = ("halley.toml",)  # files that are not of the tree


def check(tree):
    page = tree.get(PAGE)
    if not page:
        return
    paths = [source.path for source in tree.files]
    folders = {path[:at.start() + 1] for path in paths for at in re.finditer("/", path)}
    words = set()
    for source in tree.files:
        if source.language in ("c++", "script"):
            words.update(re.findall(r"\w+", source.text))
    for number, line in enumerate(page.lines, 1):
        for code in CODE.findall(line):
            yield from check_code(number, code, (paths, folders), words)
        if line.startswith("|"):
            for cell in line.split("|"):
                yield from check_cell(tree, number, cell, (paths, folders))


def check_code(number, code, places, words):
    if PATH.fullmatch(code):
        if code not in MADE and not found(code, places):
            yield PAGE, number, f"{code} is not in the tree"
    elif NAME.fullmatch(code.removesuffix("()")):
        for word in re.findall(r"\w+", code):
            if word not in words:
                yield PAGE, number, f"{code}: nothing in the tree is called {word}"


def check_cell(tree, number, cell, places):
    codes = CODE.findall(cell)
    texts = [tree.get(path).text for code in codes if PATH.fullmatch(code) for path in found(code, places) if not path.endswith("/")]
    for code in codes:
        if texts and re.fullmatch(r"k[A-Z]\w*", code) and not any(re.search(rf"\b{code}\b", text) for text in texts):
            yield PAGE, number, f"{code} is in none of the files that stand beside it"


def found(code, places):
    """The files and folders that a path may mean."""
    paths, folders = places
    if "/" not in code:  # a file's name alone: it was said before where it is
        pattern = re.compile(r"(?:.*/)?" + re.escape(code).replace(r"\*", r"[^/]*"))
        return [path for path in paths if pattern.fullmatch(path)]
    wanted = [re.compile(re.escape(root + code + ending).replace(r"\*", r"[^/]*")) for root in ROOTS for ending in ENDINGS]
    return [path for path in [*paths, *folders] if any(pattern.fullmatch(path) for pattern in wanted)]
