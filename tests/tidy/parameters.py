"""A function has at most five parameters: what belongs together is a struct, whose fields say at the call what each is."""

import re

from strip import strip_c

MOST = 5
ROOTS = ("bouncer", "gateway", "storage")
DECLARATION = re.compile(r"(?:^|[;{}]|\n)\s*(?:[\w:<>,&*\[\]~ ]+?\s+)?[&*]*([\w:~]+)\(((?:[^()]|\([^()]*\))*)\)"
                         r"\s*(?:const|noexcept|override|final|= 0|->|:|\{|;)")
# A type and a name, perhaps with a default; or a type alone.
PARAMETER = re.compile(r"[\w>&*]\s+[&*]*\w+\s*(=.*)?$|[&*]\w+\s*$")
# Callbacks whose form is another's: FTS5's tokenizers.
NOT_OURS = ("storage/search/tokenizer.cpp",)


def check(tree):
    for source in tree.under(*ROOTS):
        if source.language != "c++" or source.path in NOT_OURS:
            continue
        # Comments are blanks by now: runs of them would cost the cube of their length.
        text = re.sub(r" +", " ", strip_c(source.text))
        for match in DECLARATION.finditer(text):
            found = parameters(match[2])
            if len(found) > MOST and all(PARAMETER.search(one.strip()) for one in found):
                line = text.count("\n", 0, match.start(1)) + 1
                yield source.path, line, f"{match[1]} has {len(found)} parameters; at most {MOST}"


def parameters(text):
    """Split at the commas outside of brackets."""
    found, depth, one = [], 0, ""
    for c in text:
        depth += (c in "(<{[") - (c in ")>}]")
        if c == "," and depth == 0:
            found.append(one)
            one = ""
        else:
            one += c
    return found + [one] if one.strip() else found
