"""Reads as much of C++ as the rules of the house need: includes, functions, classes, names. No preprocessor, no types;
what it takes for a function is what clang-format's form lets it tell apart.
"""

import re
import typing

TOKEN = re.compile(r"""
    (?P<skip> //[^\n]* | /\*.*?\*/ | ^[ ]*\#(?:[^\n]*\\\n)*[^\n]* | \s+)
  | (?P<text> (?:u8|[uUL])?R"(?P<fence>[^(\s]*)\(.*?\)(?P=fence)" | (?:u8|[uUL])?"(?:\\.|[^"\\\n])*"
            | (?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+')
  | (?P<word> \w(?:\w|'(?=\w))*)
  | (?P<mark> ::|->|.)
""", re.VERBOSE | re.DOTALL | re.MULTILINE)

OPENING, CLOSING = {"(": ")", "{": "}", "[": "]"}, {")", "}", "]"}


class Token(typing.NamedTuple):
    text: str
    line: int
    word: bool = False


class Function(typing.NamedTuple):
    """One that has a body."""
    name: str
    line: int
    lines: int


class Class(typing.NamedTuple):
    """`functions` are those declared in it, without what is `default`, `delete` or a friend; `members` are data that
    each object has."""
    name: str
    line: int
    functions: int
    members: int


def includes(text: str) -> list[tuple[int, str]]:
    """Lines and names, the latter with their quotes or angle brackets."""
    found = re.finditer(r'^#include ("[^"\n]+"|<[^>\n]+>)', text, re.MULTILINE)
    return [(text.count("\n", 0, match.start()) + 1, match[1]) for match in found]


def tokens(text: str) -> list[Token]:
    """Without comments and lines of the preprocessor; a literal is one token."""
    found, line = [], 1
    for match in TOKEN.finditer(text):
        if not match["skip"]:
            found.append(Token('""' if match["text"] else match[0], line, match["word"] is not None))
        line += match[0].count("\n")
    return found


def bare(text: str) -> str:
    """Without comments, lines of the preprocessor and what literals say; names are written as in `std::string`."""
    spaced = "".join(f"{token.text} " if token.word else token.text for token in tokens(text))
    return spaced.replace(" ::", "::").replace(" (", "(")


def closing(code: list[Token], at: int) -> int:
    """Where what opens at `at` closes."""
    depth = 0
    for index in range(at, len(code)):
        if code[index].text in OPENING:
            depth += 1
        elif code[index].text in CLOSING:
            depth -= 1
            if depth == 0:
                return index
    return len(code) - 1


def outer(head: list[Token]) -> list[Token]:
    """The tokens of a declaration that stand in no brackets of any kind; `()` stays of parameters, and `{}` of values."""
    found, at, angles = [], 0, 0
    while at < len(head):
        token = head[at]
        if token.text in OPENING:
            if angles == 0 and token.text in ("(", "{"):
                found.append(Token(token.text + OPENING[token.text], token.line))
            at = closing(head, at)
        elif token.text == "<" and not any(known.text in ("=", "operator") for known in found):
            angles += 1
        elif token.text == ">" and angles > 0:
            angles -= 1
        elif angles == 0:
            found.append(token)
        at += 1
    return found


def is_macro(head: list[Token]) -> bool:
    """A macro with arguments; it need not have a semicolon after it."""
    return len(head) > 1 and head[0].text.isupper() and head[1].text == "("


def is_class(head: list[Token]) -> bool:
    words = [token.text for token in outer(head)]
    return any(word in ("class", "struct", "union") for word in words) and "()" not in words and "enum" not in words


def class_name(head: list[Token]) -> str:
    words = outer(head)
    kind = next(at for at, token in enumerate(words) if token.text in ("class", "struct", "union"))
    name = []
    for token in words[kind + 1:]:
        if token.text in (":", "final"):
            break
        if not token.text.startswith("HEARTH_"):
            name.append(token.text)
    return "".join(name)


def function_name(head: list[Token]) -> str:
    """With the class, if it is defined outside of it, and with its arguments if it is a test."""
    words = outer(head)
    at = next(index for index, token in enumerate(words) if token.text == "()")
    if "operator" in [token.text for token in words[:at]]:
        begin = [token.text for token in words].index("operator")
        return "".join(token.text for token in words[begin:at])
    begin = at
    while begin > 0 and (words[begin - 1].word or words[begin - 1].text in ("::", "~")) and not (
            begin < at and words[begin - 1].word and words[begin].word):
        begin -= 1
    name = "".join(token.text for token in words[begin:at])
    if re.fullmatch(r"(TYPED_)?TEST(_[FP])?", name):
        opens = next(index for index, token in enumerate(head) if token.text == "(")
        return f"{name}({''.join(token.text for token in head[opens + 1:closing(head, opens)]).replace(',', ', ')})"
    return name


def is_function(head: list[Token]) -> bool:
    """Whether what comes before a `{` makes it the body of a function."""
    words = [token.text for token in outer(head)]
    if "()" not in words:
        return False
    before, after = words[:words.index("()")], words[words.index("()") + 1:]
    if "=" in before and "operator" not in before:
        return False
    # After the colon of a constructor a name stands before the braces of a value, and `)` or `}` before the body.
    return ":" not in after or words[-1] in ("()", "{}")


class Reader:
    def __init__(self, text: str):
        self.code = tokens(text)
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.scope(0, len(self.code))

    def scope(self, at: int, end: int) -> tuple[int, int]:
        """Reads the declarations of a namespace or a class; returns how many functions and data members there are."""
        functions = members = 0
        head: list[Token] = []
        while at < end:
            token = self.code[at]
            if token.text == "{":
                close = closing(self.code, at)
                kind = self.block(head, at, close)
                functions += kind == "function"
                if kind == "value":
                    head += self.code[at:close + 1]
                elif kind != "class":
                    head = []
                else:
                    head = [Token("}", token.line)]  # up to its semicolon there may be a member of that type
                at = close
            elif token.text in ("(", "["):
                close = closing(self.code, at)
                head += self.code[at:close + 1]
                at = close
                if is_macro(head) and at + 1 < end and self.code[at + 1].line > token.line:
                    head = []
            elif token.text == ";":
                kind = declared(head)
                functions += kind == "function"
                members += kind == "member"
                head = []
            elif token.text == ":" and [known.text for known in head] in (["public"], ["protected"], ["private"]):
                head = []
            else:
                head.append(token)
            at += 1
        return functions, members

    def block(self, head: list[Token], at: int, close: int) -> str:
        """What a `{` after `head` begins."""
        words = [token.text for token in outer(head)]
        if "namespace" in words or words == ["extern", '""']:
            self.scope(at + 1, close)
            return "namespace"
        if "enum" in words and "()" not in words:
            return "class"
        if is_class(head):
            place = len(self.classes)
            functions, members = self.scope(at + 1, close)
            self.classes.insert(place, Class(class_name(head), head[0].line, functions, members))
            return "class"
        if is_function(head):
            begin = head[0].line
            self.functions.append(Function(function_name(head), begin, self.code[close].line - begin + 1))
            return "function"
        return "value"


def declared(head: list[Token]) -> str:
    """What a declaration without a body adds to its class."""
    words = [token.text for token in outer(head)]
    if not words or words == ["}"] or words[0] in ("using", "typedef", "friend", "static_assert", "class", "struct", "enum", "union"):
        return ""
    if "friend" in words or words[-2:] in (["=", "default"], ["=", "delete"]):
        return ""
    if "()" in words and ("=" not in words[:words.index("()")] or "operator" in words):
        return "function"
    return "" if "static" in words or "constexpr" in words else "member"


def defined_types(text: str) -> list[tuple[int, str]]:
    """Lines and names of the classes, enumerations, concepts and aliases that are defined."""
    found = re.finditer(r"""(?x)
        ^[ ]* (?:template[ ]<[^\n]*>[ ])?
        (?: (?:class|struct|union|enum|enum[ ]class|concept)[ ] (?:(?:HEARTH_\w+|\[\[.*\]\])[ ])* | using[ ] )
        (?:\w+::)* (\w+) (?=[ ] (?:final[ ])? [:{=])""", text, re.MULTILINE)
    return [(text.count("\n", 0, match.start(1)) + 1, match[1]) for match in found]
