"""A test of the rules: a good tree must pass, and each fault put into it must be found, at its place and alone."""

import tempfile
from pathlib import Path

from layers import FLOORS

GOOD = {
    "bouncer/irc/a.h": "// Pure.\n#include <string>\n#include \"bouncer/irc/b.h\"\n",
    "bouncer/net/stream.h": "// A stream. Not an SSL one, nor uv_tcp_t.\nclass Stream {};\n",
    "bouncer/net/uv_loop.cpp": "#include <uv.h>\n",
    "bouncer/net/tls_engine.cpp": "#include <openssl/ssl.h>\n",
    "bouncer/daemon/main.cpp": '#include "gateway/api/api.h"\n',
    "bouncer/upstream/handlers.cpp": 'const Row kRows[] = {\n  {"PRIVMSG", 2, &privmsg},\n};\n',
    "bouncer/cli/command_table.cpp": 'const Command kCommands[] = {\n    {.words = "user add", .run = user_add},\n};\n',
    "gateway/api/web.cpp": '#include "bouncer/core/client.h"\n#include "storage/api/event.h"\n',
    "storage/api/event.h": "// Event.\n",
    "storage/write/rows.cpp": "// Ring.\nconstexpr std::size_t kMostRows = 4 * 1'000;\n",
    "tests/unit/ring.cpp": 'TEST_CASE("a ring ends") {}\n',
    "docs/LIMITS.md": "| rows | 4,000 | `storage/write/rows.cpp: kMostRows = 4 * 1000` | x | `tests/unit/ring.cpp: a ring ends` |\n",
    "CMakeLists.txt": "project(halley VERSION 0.2.0 LANGUAGES CXX)\n",
    "docs/big.png": "x\n",
    "README.md": "# A\n![a](docs/big.png) [b](script/bootstrap) [c](docs/LIMITS.md#d)\n",
    "script/bootstrap": "#!/bin/bash\nbuild_packages=(ccache libfmt-dev\n  libuv1-dev)\n",
    "packaging/debian/control": "Build-Depends: libfmt-dev, libuv1-dev\n",
    "man/halley.1": ".TH HALLEY 1 \"2026-11-22\" \"Halley 0.2.0\" \"Halley manual\"\n.SS\n.B user add\n.I NAME\n",
    "man/halley-irc.7": ".TH HALLEY 7 \"2026-11-22\" \"Halley 0.2.0\" \"Halley manual\"\n.TP\n\\fBPRIVMSG\\fR\n",
    "webui/src/state/line.ts": 'import type { T } from "./entry";\n',
    "webui/src/state/entry.ts": "export type T = number;\n",
    "webui/src/text/time.ts": 'import { t } from "../words/words";\n',
    "webui/src/main.ts": 'import { t } from "./words/words";\n',
    "webui/src/words/words.ts": "export const t = 1;\n",
    "webui/src/state/fold.ts": 'import { a } from "./line.js";\nexport function f(x: string): string {\n  return `${x}}`;\n}\n',
}
# Each room has its tests, whichever of them a fault comes to be in.
GOOD |= {f"tests/unit/{room.removeprefix('bouncer/')}/test_room.cpp": "int x;\n" for floor in FLOORS for room in floor}


def body(opening: str, filling: str, count: int, closing: str) -> str:
    return opening + filling * count + closing


# (path, text, or None: there is no such file; what the only problem must say)
FAULTS = (
    ("bouncer/irc/a.h", '// Pure.\n#include "bouncer/core/user.h"\n', "a.h:2: #include \"bouncer/core/user.h\": bouncer/irc includes"),
    ("bouncer/net/stream.h", "// x\nclass S { uv_tcp_t* t; };\n", "stream.h:2: a header of bouncer/net shows uv_tcp_t"),
    ("bouncer/net/stream.h", "// x\nclass S { SSL* t; };\n", "stream.h:2: a header of bouncer/net shows SSL"),
    ("bouncer/core/user.cpp", "#include <uv.h>\n", "user.cpp:1: <uv.h> may be included only by"),
    ("bouncer/net/uv_tcp.cpp", "#include <openssl/ssl.h>\n", "uv_tcp.cpp:1: <openssl/ssl.h> may be included only by"),
    ("gateway/api/db.cpp", "#include <sqlite3.h>\n", "db.cpp:1: <sqlite3.h> may be included only by"),
    ("gateway/api/db.cpp", '#include "storage/api/store.h"\n', "db.cpp:1: <storage/api/store.h> may be included only by"),
    ("bouncer/core/user.cpp", '#include "gateway/api/web.h"\n', "user.cpp:1: #include \"gateway/api/web.h\": bouncer/core sees"),
    ("bouncer/core/user.cpp", '#include "bouncer/downstream/d.h"\n', "bouncer/downstream is on a higher floor than bouncer/core"),
    ("bouncer/commands/c.cpp", '#include "bouncer/upstream/u.h"\n', "bouncer/upstream is bouncer/commands's neighbour"),
    ("bouncer/daemon/main.cpp", '#include "storage/open/o.h"\n', "main.cpp:1: #include \"storage/open/o.h\": bouncer sees of"),
    ("bouncer/stray.cpp", "int x;\n", "stray.cpp:1: bouncer is no room"),
    ("storage/journal/ring.cpp", '#include "bouncer/irc/a.h"\n', "ring.cpp:1: #include \"bouncer/irc/a.h\": storage sees of"),
    ("gateway/api/web.cpp", '#include "bouncer/upstream/u.h"\n', "web.cpp:1: #include \"bouncer/upstream/u.h\": gateway sees of"),
    ("bouncer/downstream/d.cpp", '#include "gateway/http/h.h"\n', "bouncer/downstream sees nothing of gateway/"),
    ("bouncer/net/uv_loop.cpp", '#include "../net/stream.h"\n', "uv_loop.cpp:1: #include of ../net/stream.h: ours by the whole path"),
    ("bouncer/net/uv_loop.cpp", '#include "stream.h"\n', "uv_loop.cpp:1: #include of stream.h: ours by the whole path"),
    ("bouncer/net/uv_loop.cpp", "#include <bouncer/net/stream.h>\n", "uv_loop.cpp:1: #include of bouncer/net/stream.h: ours by the whole"),
    ("bouncer/irc/a.h", "// Pure.\nclass Stream;\n", "a.h:2: Stream is of bouncer/net, on a higher floor than bouncer/irc"),
    ("tests/tidy/exceptions.txt", "bouncer/core, bouncer/upstream\n", "exceptions.txt:1: not of the form"),
    ("tests/tidy/exceptions.txt", "bouncer/core bouncer/upstream: no more\n", "exceptions.txt:1: the exception of bouncer/core for"),
    ("webui/src/state/fold.ts", 'import { x } from "../views/x.js";\n', "fold.ts:1: imports ../views/x.js"),
    ("webui/src/text/time.ts", 'import { x } from "../views/x";\n', "time.ts:1: imports ../views/x: text may know words"),
    ("webui/src/words/words.ts", 'import { x } from "../app/x";\n', "words.ts:1: imports ../app/x: words may know nothing"),
    ("bouncer/irc/a.h", '// Pure.\n#include "bouncer/irc/a.h"\n', "a.h:2: a circle of includes: bouncer/irc/a.h"),
    ("bouncer/net/a.h", "// A.\nenum class Way { kStream };\nstruct B {\n  class Stream {};\n};\n", "a.h:4: Stream is a type of bouncer/net/stream.h"),
    ("bouncer/net/a.cpp", "namespace {\nstruct Stream {};\n}\n", "a.cpp:2: Stream is a type of bouncer/net/stream.h"),
    ("bouncer/irc/z.h", "// Z.\nusing Stream = int;\nstruct Kind {};\nstruct A {\n  enum Kind { kA };\n};\n", "stream.h:2: Stream is a type of bouncer/irc/z.h"),
    ("webui/src/state/line.ts", 'import type {\n  F,\n} from "./fold";\n', "fold.ts:1: a circle of imports: webui/src/state/fold.ts, webui"),
    ("webui/src/state/a.ts", 'export * from "./a";\n', "a.ts:1: a circle of imports: webui/src/state/a.ts"),
    ("webui/src/words/load.ts", 'import { x } from "../main";\n', "main.ts:1: a circle of folders: webui/src, webui/src/words"),
    ("bouncer/core/a.cpp", body("", "int x;\n", 501, ""), "a.cpp:500: 501 lines"),
    ("bouncer/core/a.cpp", body("A::A(int b)\n    : c_{b}, d_(b) {\n", "  f();\n", 69, "}\n"), "a.cpp:1: function A::A has 72"),
    ("bouncer/core/a.cpp", body("A::A(int b)\n    : c_([b] { g(); }),\n", "      d_({.x = b}),\n", 66, "      e_(b) {\n  f();\n}\n"),
     "a.cpp:1: function A::A has 71"),
    ("bouncer/core/a.cpp", body('int f(char c) {\n  g("{", \'{\'); // {\n', "  f();\n", 68, "}\n"), "a.cpp:1: function f has 71"),
    ("bouncer/core/a.cpp", body("namespace n {\nclass C {\n  void m() const {\n", "  f();\n", 69, "}\n};\n}\n"),
     "a.cpp:3: function m has 71"),
    ("webui/src/a.ts", body("export const view = (x: { a: number }) => {\n", "  f(x);\n", 69, "};\n"), "a.ts:1: function"),
    ("script/a.py", body("def f():\n", "    g()\n", 70, ""), "a.py:1: function f has 71"),
    ("script/a", body("#!/bin/bash\nf() {\n", "  g\n", 69, "}\n"), "a:2: function f has 71"),
    ("storage/base/b.cpp", "constexpr int kMaxB = 7;\n", "b.cpp:1: kMaxB is not in docs/LIMITS.md"),
    ("storage/base/b.h", "// B.\nconstexpr int kMostRows = 7;\n", "b.h:2: kMostRows is a bound of storage/write/rows.cpp, too"),
    ("storage/base/b.cpp", "constexpr int kMostRows = 7;\n", "b.cpp:1: kMostRows is a bound of storage/write/rows.cpp, too"),
    ("storage/write/rows.cpp", "constexpr int kMostRows = 4 * 1'001;\n", "LIMITS.md:1: kMostRows is 4 * 1001 in"),
    ("tests/unit/ring.cpp", "int a;\n", 'LIMITS.md:1: tests/unit/ring.cpp has no test "a ring ends"'),
    ("tests/unit/moon/test_a.cpp", "int a;\n", "test_a.cpp:1: there is no room moon"),
    ("tests/unit/test_a.cpp", "int a;\n", "test_a.cpp:1: there is no room tests/unit"),
    ("tests/fakes/moon/a.h", "// A.\n", "a.h:1: there is no room moon"),
    ("tests/unit/irc/test_room.cpp", None, "tests/unit/irc:1: bouncer/irc has no unit tests"),
    ("bouncer/core/user.h", "// A user.\nnamespace halley::net {\nclass Loop;\n}\nnamespace halley::cli {\nint x;\n}\n",
     "user.h:5: halley::cli: what bouncer/core defines stands in halley"),
    ("bouncer/irc/a.h", "// Pure.\nnamespace halley {\n}\nnamespace halley {\nint x;\n}\n", "a.h:4: halley: what bouncer/irc defines stands in halley::irc"),
    ("storage/write/a.cpp", "namespace halley::storage::format {\nint x;\n}\nnamespace halley::gateway {\nint x;\n}\n", "a.cpp:4: halley::gateway"),
    ("docs/LIMITS.md", "| rows | 4,000 | `storage/write/rows.cpp: kMostRows = 4 * 1000` | x |  |\n", "LIMITS.md:1: a bound without a test"),
    ("bouncer/core/a.h", "// A.\nint f(int a, int b, int c,\n      const T& d, std::map<int, int> e, int g);\n", "a.h:2: f has 6"),
    ("bouncer/core/a.h", "// A.\nstruct A {\n  int a, b, c, d;\n};\nstruct B : A {};\nstruct C {\n  C(int);\n};\nconst A x{.a = 1, .b = 2, .c = 3, .d = 4};\n"
     "const A y{1, 2, 3}, z = f(A{1, {2, 3, 4}, 3});\nconst C c{1, 2, 3, 4};\nconst A w = {1, \"2, 3\", 3, 4};\n",
     "a.h:12: A of 4 values without"),
    ("bouncer/core/a.h", "// A.\nstruct A {\n  int a, b, c, d;\n};\nconst A v{p->x, a < b, 3, 4};\n", "a.h:5: A of 4 values"),
    ("storage/journal/ring.h", "#pragma once\n", "ring.h:1: a header begins with a comment"),
    ("docs/a.md", "blank \n", "a.md:1: trailing space"),
    ("docs/a.md", "[x](b/c.md) `[x](d.md)`\n", "a.md:1: leads to b/c.md, which is not there"),
    ("docs/a.md", "```\n[x](d.md)\n```\n[x](https://a.example) [x](#y) <img src=\"e.png\">\n", "a.md:4: leads to e.png"),
    ("docs/big.png", "x" * 150_000 + "\n", "README.md:2: shows docs/big.png of 150,001 bytes"),
    ("docs/a.md", "see /wo" "rk/main\n", "a.md:1: names a path of one machine"),
    ("bouncer/core/a.cpp", "// TO" "DO more\n", "a.cpp:1: unfinished"),
    ("bouncer/core/a.cpp", "\tint x;\n", "a.cpp:1: tab"),
    ("bouncer/core/a.cpp", "int x;", "a.cpp:1: no newline"),
    ("ARCHITECTURE.md", "line\n" * 200, "ARCHITECTURE.md:200: must stay under"),
    ("ARCHITECTURE.md", "`irc/a` `write/` `rows.cpp` `core/gone`\n", "ARCHITECTURE.md:1: core/gone is not in the tree"),
    ("ARCHITECTURE.md", "`Stream` `Streams::privmsg()` `kRows`\n", "ARCHITECTURE.md:1: Streams::privmsg(): nothing in the tree is called Streams"),
    ("ARCHITECTURE.md", "| x | `kMostRows`, `write/rows.cpp`; `kCommands`, `irc/a.h` |\n", "kCommands is in none of the files"),
    ("bouncer/upstream/handlers.cpp", 'const Row kRows[] = {\n  {"NOTICE", 2, &notice},\n};\n', "cpp:2: NOTICE is not in"),
    ("bouncer/downstream/handlers.cpp", 'const BoundRow kBoundRows[] = {\n    {"PRIVMSG", 1, handle},\n};\n',
     "handlers.cpp:2: PRIVMSG has no row in kNetworkRoutes"),
    ("bouncer/cli/command_table.cpp", 'const Command c[] = {\n    {.words = "user list", .run = f},\n};\n', "cpp:2: user list is not in"),
    ("bouncer/cli/command_table.cpp", 'constexpr OptionSpec k[] = {\n    {.name = "name"}};\n', "cpp:2: name is not in"),
    ("bouncer/accounts/user_settings.cpp", 'constexpr S k[] = {\n    {.name = "colour"},\n};\n', "cpp:2: colour is not in"),
    ("man/halley.5", '.TH HALLEY 5 "2026-11-22" "halley 0.2" "File Formats"\n', "halley.5:1: the first line is not: .TH"),
    ("packaging/debian/changelog", "halley (0.1.0) unstable\n", "changelog:1: the first line is not: halley (0.2.0)"),
    ("packaging/debian/control", "Build-Depends: libuv1-dev, libfmt-devel\n", "control:1: libfmt-dev is missing"),
    ("bouncer/accounts/x_settings.cpp", 'constexpr std::string_view kX = "no-such";\nconst S kRows[] = {\n    {.name = kX, .value = "V"},\n};\n', "x_settings.cpp:3: no-such is not in man/halley.1"),
    ("bouncer/accounts/x_settings.cpp", 'const S kRows[] = {\n    {.name = kY, .value = "V"},\n};\n', "x_settings.cpp:2: kY is no constant"),
    ("man/halley.1", ".TH HALLEY 1 \"2026-11-22\" \"Halley 0.2.0\" \"Halley manual\"\n", "command_table.cpp:2: user add is not in man/halley.1"),
)


def problems_in(files: dict[str, str], problems_of) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            if text is None:
                continue
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return problems_of(Path(folder))


def run(problems_of) -> int:
    wrong = 0
    if found := problems_in(GOOD, problems_of):
        print("the good tree has problems:", *found, sep="\n  ")
        wrong += 1
    for path, text, expected in FAULTS:
        found = problems_in(GOOD | {path: text}, problems_of)
        if len(found) != 1 or expected not in found[0]:
            print(f"{path}: expected only '{expected}', found:", *found, sep="\n  ")
            wrong += 1
    print(f"{len(FAULTS) + 1 - wrong} passed, {wrong} failed")
    return 1 if wrong else 0
