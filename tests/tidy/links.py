"""What a page of Markdown leads to or shows is there, and its pictures are small: who reads it has them fetched."""

import re
from posixpath import dirname, join, normpath

MARKED = re.compile(r"\]\(([^)\s]+)\)")
TAGGED = re.compile(r"\b(?:src|srcset|href)=\"([^\"]+)\"")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#|//")
PICTURES = (".png", ".webp", ".jpg")
MOST_BYTES = 150_000


def check(tree):
    for page in tree.files:
        if page.suffix != ".md":
            continue
        # Code is no link; its lines stay, so that numbers are right.
        text = CODE.sub(lambda code: "\n" * code[0].count("\n"), page.text)
        for number, line in enumerate(text.splitlines(), 1):
            for target in (*MARKED.findall(line), *TAGGED.findall(line)):
                if not ELSEWHERE.match(target):
                    yield from check_target(tree, page.path, number, target)


def check_target(tree, page, number, target):
    path = tree.root / normpath(join(dirname(page), target.split("#")[0]))
    if not path.exists():
        yield page, number, f"leads to {target}, which is not there"
    elif path.suffix in PICTURES and (size := path.stat().st_size) > MOST_BYTES:
        yield page, number, f"shows {target} of {size:,} bytes; a picture has {MOST_BYTES:,} at most"
