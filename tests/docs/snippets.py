#!/usr/bin/python3
"""Writes the C++ of the documentation to files that can be compiled.

usage: snippets.py <output directory> <page.md>...

Prints the names of the files, one a line. A page's fenced blocks of `cpp` are whole programs, unless a comment before
the fence says what they are:

    <!-- snippet: fragment -->        statements; may use `server`, `options` and what tests/docs/prelude.hpp includes
    <!-- snippet: declarations -->    types and functions

Fragments and declarations of a page become one file. Whatever a compiler says names the line of the page. What is wrong
with a page itself is said as <page>:<line>: <what>, and the end is 1.
"""

import pathlib
import re
import sys
import typing

MARK = re.compile(r"<!--\s*snippet:\s*(.*?)\s*-->")
KINDS = ("fragment", "declarations")


class Block(typing.NamedTuple):
    """A fenced block of a page."""
    language: str
    kind: str  # what the comment before it says, or nothing
    line: int  # of its first line inside the fence, from 1
    lines: list[str]


class PageError(Exception):
    def __init__(self, page: pathlib.Path, line: int, what: str):
        super().__init__(f"{page}:{line}: {what}")


def blocks(page: pathlib.Path) -> list[Block]:
    found = []
    fence, language, start, inside, kind = "", "", 0, [], ""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if fence:
            if text == fence:
                found.append(Block(language, kind, start, inside))
                fence, kind = "", ""
            else:
                inside.append(line)
        elif opening := re.match(r"(`{3,})\s*(\w*)\s*$", text):
            fence, language, start, inside = opening[1], opening[2], number + 1, []
        elif mark := MARK.fullmatch(text):
            kind = mark[1]
            if kind not in KINDS:
                raise PageError(page, number, f"unknown kind of snippet `{kind}`; known are {', '.join(KINDS)}")
        elif text:
            if kind:
                raise PageError(page, number, "a snippet comment has to stand right before its fence")
    if fence:
        raise PageError(page, start - 1, "the block does not end")
    return found


def located(page: pathlib.Path, block: Block) -> str:
    return f'#line {block.line} "{page}"\n' + "\n".join(block.lines) + "\n"


def fragments_source(page: pathlib.Path, fragments: list[Block]) -> str:
    source = '#include "docs/prelude.hpp"\n'
    for block in fragments:
        body = located(page, block)
        if block.kind == "fragment":
            body = f"void snippet(hearth::Server& server, hearth::Options& options) {{\n{{\n{body}}}\n}}\n"
        source += f"namespace line_{block.line} {{\n{body}}}\n"
    return source


def sources(page: pathlib.Path) -> dict[str, str]:
    """Names and contents of the files that a page gives."""
    name = f"{page.parent.name}_{page.stem}"
    found = {}
    fragments = []
    for block in blocks(page):
        if block.kind and block.language != "cpp":
            raise PageError(page, block.line - 1, "a snippet comment is for blocks of cpp")
        if block.language != "cpp":
            continue
        if block.kind:
            fragments.append(block)
        elif any(re.match(r"int main\(", line) for line in block.lines):
            found[f"{name}_{block.line}.cpp"] = located(page, block)
        else:
            raise PageError(page, block.line - 1,
                            "no program: write `<!-- snippet: fragment -->` or `declarations` before it")
    if fragments:
        found[f"{name}.cpp"] = fragments_source(page, fragments)
    return found


def write_if_changed(path: pathlib.Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def main() -> int:
    output = pathlib.Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    try:
        for page in map(pathlib.Path, sys.argv[2:]):
            for name, text in sources(page).items():
                write_if_changed(output / name, text)
                print(output / name)
    except PageError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
