"""Headers include each other in one direction, and so do the page's modules and its folders: a circle of them can only be read, tested
and moved whole."""

import posixpath
import re

from layers import includes

IMPORT = re.compile(r"""^\s*(?:import|export)\b[^;'"]*?['"](\.[^'"]*)['"]""", re.MULTILINE)
ENDINGS = ("", ".ts", ".tsx", "/index.ts")


def check(tree):
    yield from circles_of_headers(tree)
    sources = {source.path: source for source in tree.under("webui/src") if source.language == "script"}
    imports = {path: list(imported(source, sources)) for path, source in sources.items()}
    for circle in circles({path: [to for to, _ in found] for path, found in imports.items()}):
        first = min(circle)
        line = next(line for to, line in imports[first] if to in circle)
        yield first, line, "a circle of imports: " + ", ".join(sorted(circle))
    yield from circles_of_folders(imports)


def circles_of_headers(tree):
    headers = {source.path: source for source in tree.under("bouncer", "gateway", "storage") if source.suffix == ".h"}
    included = {path: {name: line for line, _, name in includes(source) if name in headers} for path, source in headers.items()}
    for circle in circles({path: [*found] for path, found in included.items()}):
        first = min(circle)
        line = next(line for name, line in included[first].items() if name in circle)
        yield first, line, "a circle of includes: " + ", ".join(sorted(circle))


def circles_of_folders(imports):
    edges = {}
    for path, found in imports.items():
        here = edges.setdefault(posixpath.dirname(path), {})
        for to, line in found:
            if posixpath.dirname(to) != posixpath.dirname(path):
                here.setdefault(posixpath.dirname(to), (path, line))
    for folders in edges.values():
        for to in [*folders]:
            if to not in edges:
                del folders[to]  # nothing is imported there
    for circle in circles({folder: [*to] for folder, to in edges.items()}):
        first = min(circle)
        path, line = next(place for to, place in edges[first].items() if to in circle)
        yield path, line, "a circle of folders: " + ", ".join(sorted(circle))


def imported(source, sources):
    """The modules of ours that this one names, with the line; types count too: they tie as much as values do."""
    folder = posixpath.dirname(source.path)
    for match in IMPORT.finditer(source.text):
        named = posixpath.normpath(posixpath.join(folder, re.sub(r"\.js$", "", match[1])))
        found = next((named + ending for ending in ENDINGS if named + ending in sources), None)
        if found is not None:
            yield found, source.text.count("\n", 0, match.start(1)) + 1


def circles(edges):
    """The strongly connected components of more than one module, or of one that imports itself (Tarjan, without recursion)."""
    index, low, stack, on_stack = {}, {}, [], set()
    for root in sorted(edges):
        work = [(root, iter(edges[root]))] if root not in index else []
        while work:
            node, rest = work[-1]
            if node not in index:
                index[node] = low[node] = len(index)
                stack.append(node)
                on_stack.add(node)
            step = next(rest, None)
            if step is not None:
                if step not in index:
                    work.append((step, iter(edges[step])))
                elif step in on_stack:
                    low[node] = min(low[node], index[step])
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[node])
            if low[node] == index[node]:
                component = set()
                while node not in component:
                    component.add(stack.pop())
                on_stack -= component
                if len(component) > 1 or node in edges[node]:
                    yield component
