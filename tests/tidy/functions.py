"""Where functions begin and end: exact for Python, by braces for C++ and TypeScript, by habit for shell."""

import ast
import re

from strip import strip_c, strip_script

CONTROL = re.compile(r"^(?:\}\s*)?(?:if|for|while|switch|do|else|catch|try|return|case|default)\b")
CPP_CONTAINER = re.compile(r"^(?:template\s*<.*>\s*)?(?:inline\s+)?(?:namespace|class|struct|union|enum|extern)\b[^()]*"
                           r"(?:alignas\([^)]*\)[^()]*)?$", re.DOTALL)
CPP_INITIALISER = re.compile(r"(?<!operator)(?<![=!<>])=\s*[\w:<>,&*\s]*$")
CPP_MEMBER_INIT = re.compile(r"\)\s*(?:noexcept\s*)?:(?!:).*[\w>]\s*$", re.DOTALL)
SCRIPT_CONTAINER = re.compile(r"\b(?:interface|class|enum|namespace)\s+\w|\btype\s+\w+|\b(?:describe|suite)\s*\(")
SCRIPT_FUNCTION = re.compile(r"(?:=>|\)\s*(?::\s*[^=;]+)?)\s*$")


def functions(source):
    """Yields (name, first line, number of lines) for each function that lies in no other one."""
    if source.language == "python":
        yield from _python(source.text)
    elif source.language == "shell":
        yield from _shell(source.lines)
    elif source.language == "c++":
        yield from _braces(strip_c(re.sub(r"^[ \t]*#.*(?:\\\n.*)*", lambda m: re.sub(r"[^\n]", " ", m[0]), source.text,
                                          flags=re.MULTILINE)), _cpp_kind)
    elif source.language == "script":
        yield from _braces(strip_script(source.text), _script_kind)


def _python(text):
    try:
        module = ast.parse(text)
    except SyntaxError as error:
        yield f"unreadable ({error.msg})", error.lineno or 1, 10**6
        return
    for node in ast.walk(module):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def _shell(lines):
    begun = None
    for number, line in enumerate(lines, 1):
        if match := re.match(r"(?:function\s+)?([\w-]+)\s*\(\)\s*[{(]\s*$", line):
            begun = (match[1], number)
        elif begun and line in ("}", ")"):
            yield begun[0], begun[1], number - begun[1] + 1
            begun = None


def _cpp_kind(head):
    if head.count("(") > head.count(")"):
        return "initialiser"  # within the parentheses of a member's, as c_([this] { f(); })
    if CPP_MEMBER_INIT.search(head) and not CONTROL.match(head):
        return "initialiser"
    if CPP_CONTAINER.match(head) or CONTROL.match(head) or CPP_INITIALISER.search(head):
        return "container"
    return "function" if ")" in head else "container"


def _script_kind(head):
    if CONTROL.match(head) or SCRIPT_CONTAINER.search(head):
        return "container"
    return "function" if SCRIPT_FUNCTION.search(head) else "container"


def _braces(text, kind_of):
    """Walks the braces; `head` is what stands before one, back to the last statement, brace or closing parenthesis."""
    open_braces = []  # (kind, name, line of the head)
    head_at = 0
    line_at = lambda place: text.count("\n", 0, place) + 1
    for match in re.finditer(r"[{};]", text):
        place = match.start()
        if any(kind == "initialiser" for kind, *_ in open_braces) and match[0] != "}":
            if match[0] == "{":
                open_braces.append(("initialiser", "", 0))
            continue
        if match[0] == "{":
            raw = text[head_at:place]
            head = raw.strip()
            inside = any(kind == "function" for kind, *_ in open_braces)
            kind = "inner" if inside else kind_of(head)
            name = re.search(r"([\w:~]+)\s*(?:=\s*(?:async\s*)?)?\(", head)
            open_braces.append((kind, name[1] if name else "?", line_at(place - len(raw.lstrip()))))
            if kind == "initialiser":
                continue
        elif match[0] == "}" and open_braces:
            kind, name, begun = open_braces.pop()
            if kind == "function":
                yield name, begun, line_at(place) - begun + 1
            if kind == "initialiser":
                continue  # the head goes on after c_{d}
        head_at = place + 1
