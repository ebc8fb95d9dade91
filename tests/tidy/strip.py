"""Blanks comments and literals of C++ and TypeScript, so that braces can be counted. Lines and columns stay."""

import re

C_LITERALS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'", re.DOTALL)
SCRIPT_LITERALS = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])*'"
    r"|(?P<before>[(,=:\[!&|?{};]\s*|\breturn\s+)/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*", re.DOTALL)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def strip_c(text: str) -> str:
    return C_LITERALS.sub(lambda m: _blank(m[0]), text)


def strip_script(text: str) -> str:
    """Template literals are blanked whole, with the expressions inside them."""
    out, at = [], 0
    pieces = re.compile(SCRIPT_LITERALS.pattern + r"|`", re.DOTALL)
    while match := pieces.search(text, at):
        out.append(text[at:match.start()])
        if match[0] == "`":
            end = _template_end(text, match.end())
            out.append(_blank(text[match.start():end]))
            at = end
            continue
        before = match["before"] or ""
        out.append(before + _blank(match[0][len(before):]))
        at = match.end()
    out.append(text[at:])
    return "".join(out)


def _template_end(text: str, at: int) -> int:
    """The place after the backquote that ends the template literal whose body starts at `at`."""
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text[at] == "`":
            return at + 1
        elif text.startswith("${", at):
            at = _expression_end(text, at + 2)
        else:
            at += 1
    return at


def _expression_end(text: str, at: int) -> int:
    depth = 1
    while at < len(text) and depth:
        if text[at] == "`":
            at = _template_end(text, at + 1)
            continue
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return at
