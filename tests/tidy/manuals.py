"""Each IRC command, each command of the command line with its options, and each setting is in a man page."""

import re
from fnmatch import fnmatch

IRC_TABLES = ("bouncer/upstream/*.cpp", "bouncer/downstream/*.cpp", "bouncer/commands/*.cpp")
# A handler: command, parameters, function; with the fields' names where there are more of them.
IRC_ROW = re.compile(r'\{\s*(?:\.command = )?"([A-Z][A-Z0-9]+)"\s*,\s*(?:\.min_params = )?\d+,\s*(?:[.\w:= ]+,\s*)*&?[.\w= ]+\s*[,}]')
CLI_TABLES = ("bouncer/cli/command_table*.cpp",)
CLI_ROW = re.compile(r'\{\.words = "([a-z][a-z-]+(?: [a-z][a-z-]+)?)"')
CLI_OPTION = re.compile(r'\.name = "([a-z][a-z-]*)"')
SETTING_TABLES = ("bouncer/accounts/*_settings.cpp",)
# By a literal, or by a constant of the same file, its header or another's: kRulesSetting.
SETTING_ROW = re.compile(r'\.name = (?:"([a-z][a-z-]*)"|(k[A-Z]\w*))')
CONSTANT = r'(?<!\w)%s = "([a-z][a-z-]*)"'
# An option as one writes it: the words are too common to stand for it.
WRITTEN_OUT = r"(?<![\w-])(?:--%s(?:-stdin)?(?![\w-])|%s=)"
WORD = r"(?<![\w-])%s(?![\w-])"
OPTION = r"(?<![\w-])(?:--)?%s(?:-stdin)?(?![\w-])"


def check(tree):
    yield from check_table(tree, IRC_TABLES, IRC_ROW, "man/halley-irc.7")
    yield from check_table(tree, CLI_TABLES, CLI_ROW, "man/halley.1")
    yield from check_table(tree, CLI_TABLES, CLI_OPTION, "man/halley.1", WRITTEN_OUT)
    yield from check_table(tree, SETTING_TABLES, SETTING_ROW, "man/halley.1", OPTION)


def plain(roff):
    """The words of a man page without its macros, font changes and escapes."""
    text = re.sub(r"^\.\\\".*$", "", roff, flags=re.MULTILINE)
    text = re.sub(r"\\f(?:\[[^\]]*\]|.)|\\&|\\\|", "", text).replace("\\-", "-").replace("\\ ", " ")
    text = re.sub(r"^\.[A-Z][A-Za-z]?[A-Z]? ?", "", text, flags=re.MULTILINE).replace('"', "")
    return re.sub(r"\s+", " ", text)


def check_table(tree, tables, row, page, form=WORD):
    manual = tree.get(page)
    words = plain(manual.text) if manual else ""
    for source in tree.under("bouncer"):
        if not any(fnmatch(source.path, t) for t in tables):
            continue
        for match in row.finditer(source.text):
            line = source.text.count("\n", 0, match.start()) + 1
            name = match[1] or constant(tree, source, match[2])
            if name is None:
                yield source.path, line, f"{match[2]} is no constant of bouncer/: its name is in no man page"
            elif not re.search(form.replace("%s", re.escape(name)), words):
                yield source.path, line, f"{name} is not in {page}"


def constant(tree, source, name):
    """What the constant is: the file's own before another's."""
    for one in (source, *tree.under("bouncer")):
        if found := re.search(CONSTANT % name, one.text):
            return found[1]
    return None
