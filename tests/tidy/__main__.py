"""The rules of the tree, as a test: python3 tests/tidy [ROOT] checks a tree, --format [ROOT] how its C++ is
laid out, --self-test the rules themselves.

Prints one line for each problem, as path:line: what to mend, and exits with 1 when there is any.
"""

import sys
from pathlib import Path

import aggregates
import architecture
import circles
import format as layout
import layers
import limits
import links
import manuals
import mirror
import namespaces
import parameters
import routes
import self_test
import shape
import type_names
import versions
from tree import Tree


def problems_of(root: Path) -> list[str]:
    tree = Tree(root)
    found = []
    checks = (aggregates, architecture, circles, layers, limits, links, manuals, mirror, namespaces, parameters, routes, shape, type_names, versions)
    for check in checks:
        found += [f"{path}:{line}: {text}" for path, line, text in check.check(tree)]
    return sorted(found)


def main(arguments: list[str]) -> int:
    if arguments == ["--self-test"]:
        return self_test.run(problems_of)
    if arguments[:1] == ["--format"]:
        return layout.run(Path(arguments[1]) if arguments[1:] else Path(__file__).resolve().parents[2])
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parents[2]
    found = problems_of(root)
    for problem in found:
        print(problem)
    print(f"tidy: {len(Tree(root).files)} files, {len(found)} problems")
    return 1 if found else 0


sys.exit(main(sys.argv[1:]))
