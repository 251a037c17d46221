"""The rules of the house. Each takes the tree and gives what is wrong with it; check_house.py holds the project against
them. What has a key may be excepted, with a reason, by a line of exceptions.txt; the others have to be followed.
"""

import re
import typing

import cpp
from tree import EVERYTHING, HEADING, TABLE, Tree

FILE_LINES = 400
FUNCTION_LINES = 60
CLASS_FUNCTIONS = 40
CLASS_MEMBERS = 20

# Besides C++.
PROGRAMS = (".cmake", ".css", ".html", ".js", ".mjs", ".py", ".ts")

# Words that say nothing, and those for which the field has another one.
EMPTY_WORDS = ("Common", "Data", "Helper", "Helpers", "Info", "Manager", "Util", "Utils")
OTHER_WORDS = {
    "Adapter": "Broker", "Channel": "Room, or in src/broker and src/redis Channel", "Engine": "Broker",
    "Packet": "Frame on the wire, or Message", "Session": "Connection, or Client once authenticated",
    "Topic": "Room", "Worker": "Shard",
}
CHANNELS = ("src/broker/", "src/redis/")

# What there is in the headers that are compiled ahead: a file that uses it compiles with or without naming its header.
PRECOMPILED = "cmake/HearthPrecompile.cmake"
ALGORITHMS = ("all_of", "any_of", "clamp", "copy", "copy_n", "count", "count_if", "equal", "fill", "fill_n", "find",
              "find_if", "find_if_not", "for_each", "lower_bound", "max", "max_element", "min", "min_element", "minmax",
              "mismatch", "none_of", "nth_element", "remove_if", "replace", "reverse", "rotate", "search", "shuffle",
              "sort", "stable_sort", "transform", "unique", "upper_bound")
OFFERED = {
    "algorithm": rf"std::(?:ranges::)?(?:{'|'.join(ALGORITHMS)})\(",
    "chrono": r"std::chrono",
    "functional": r"std::(?:bind_front|equal_to|function|greater|hash|invoke|less|not_fn|ref|reference_wrapper)\b",
    "map": r"std::(?:map|multimap)\b",
    "memory": r"std::(?:enable_shared_from_this|make_shared|make_unique|shared_ptr|unique_ptr|weak_ptr)\b",
    "optional": r"std::(?:make_optional|nullopt|optional)\b",
    "string": r"std::(?:sto\w+|string|to_string)\b",
    "string_view": r"std::string_view\b",
    "system_error": r"std::(?:errc|error_category|error_code|generic_category|make_error_code|system_\w+)\b",
    "thread": r"std::(?:jthread|this_thread|thread)\b",
    "vector": r"std::vector\b",
    "boost/asio/any_io_executor.hpp": r"asio::any_io_executor\b",
    "boost/asio/awaitable.hpp": r"asio::awaitable\b",
    "boost/asio/co_spawn.hpp": r"asio::co_spawn\b",
    "boost/asio/io_context.hpp": r"asio::io_context\b",
    "boost/asio/post.hpp": r"asio::post\b",
    "boost/asio/steady_timer.hpp": r"asio::steady_timer\b",
    "boost/asio/use_awaitable.hpp": r"asio::use_awaitable\b",
    "boost/json/parse.hpp": r"json::parse\b",
    "boost/json/serialize.hpp": r"json::serialize\b",
    "boost/json/value.hpp": r"json::value\b",
    "boost/json/value_from.hpp": r"json::value_from\b",
}


class Complaint(typing.NamedTuple):
    what: str
    key: str = ""


def last(folder: str) -> str:
    return folder.rpartition("/")[2]


def shown(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def table_is_there(tree: Tree) -> list[Complaint]:
    return [] if tree.rows else [Complaint(f"{TABLE} has no table that begins with {HEADING}")]


def table_names_every_folder(tree: Tree) -> list[Complaint]:
    named = [row.folder for row in tree.rows]
    found = [Complaint(f"{TABLE} names {folder}, which does not exist: remove its row")
             for folder in named if folder not in tree.folders]
    found += [Complaint(f"{TABLE} names {folder} twice") for folder in set(named) if named.count(folder) > 1]
    for folder in tree.folders:
        if folder not in named:
            below = sorted(map(last, tree.arrows(folder)))
            found.append(Complaint(
                f"{TABLE} does not name {folder}: add a row to the table of folders"
                f"{', below those that it includes from' if below else ''}:\n"
                f"| `{folder}` | <what is in it> | {shown(below)} |"))
    return found


def arrows_are_those_of_the_table(tree: Tree) -> list[Complaint]:
    found = []
    for row in tree.rows:
        if EVERYTHING in row.may_include:
            continue
        arrows = {last(folder): place for folder, place in tree.arrows(row.folder).items()}
        for name, (path, line) in arrows.items():
            if name not in row.may_include:
                found.append(Complaint(
                    f"{path}:{line}: {row.folder} includes from {name}, which the table of folders in {TABLE} does not "
                    f"let it. If that is meant, add `{name}` to the last column of the row of `{row.folder}`."))
        for name in row.may_include:
            if name not in arrows:
                found.append(Complaint(
                    f"{TABLE} lets {row.folder} include from {name}, which it does not: remove `{name}` from the last "
                    f"column of the row of `{row.folder}`"))
    return found


def arrows_point_upward(tree: Tree) -> list[Complaint]:
    """In the table, so that there are no circles."""
    found, above = [], []
    for row in tree.rows:
        for name in row.may_include:
            if name not in (*above, EVERYTHING):
                found.append(Complaint(f"{TABLE}: {row.folder} may include from {name}, which does not stand above it in "
                                       "the table. Move the row; if neither order does, there is a circle to be cut."))
        above.append(row.name)
    return found


def public_headers_need_public_headers_alone(tree: Tree) -> list[Complaint]:
    found = []
    for path in tree.code:
        if path.startswith("include/"):
            for line, name in cpp.includes(tree.text(path)):
                if not re.fullmatch(r'"hearth/.*"|<boost/.*>|<\w+>', name):
                    found.append(Complaint(f"{path}:{line}: includes {name}. A public header includes public headers, "
                                           "Boost's and the C++ library's; what stands behind them, src/ includes."))
    return found


def what_is_compiled_ahead_is_known(tree: Tree) -> list[Complaint]:
    ahead = re.findall(r"<([^>]+)>", tree.text(PRECOMPILED))
    return [Complaint(f"{PRECOMPILED} has <{name}>: say in tests/house/rules.py what that offers")
            for name in ahead if name not in OFFERED]


def what_is_used_is_included(tree: Tree) -> list[Complaint]:
    """By the file itself, or by the header of which it is the source."""
    ahead = re.findall(r"<([^>]+)>", tree.text(PRECOMPILED))
    found = []
    for path in tree.code:
        if not path.startswith(("app/", "include/", "src/")):
            continue
        used = cpp.bare(tree.text(path))
        texts = [tree.text(own) for own in (path, tree.header_of(path)) if own]
        named = {name.strip('<>"') for text in texts for _, name in cpp.includes(text)}
        found += [Complaint(f"{path} uses what is in <{name}>, and has no #include for it")
                  for name in ahead if name in OFFERED and name not in named and re.search(OFFERED[name], used)]
    return found


def the_command_stands_on_public_headers(tree: Tree) -> list[Complaint]:
    """Whatever the table says: it can do nothing that another program on the library could not."""
    found = []
    for folder in tree.folders:
        if folder.startswith("app/"):
            found += [Complaint(f"{path}:{line}: {folder} includes from {private}, which is private to the library. What "
                                "the command needs is public (include/hearth), or its own.", f"arrow {folder} {private}")
                      for private, (path, line) in tree.arrows(folder).items() if private.startswith("src/")]
    return found


def sources_are_compiled(tree: Tree) -> list[Complaint]:
    """Those of src/, whose folders name them one by one."""
    found = []
    for path in tree.code:
        if path.startswith("src/") and path.endswith(".cpp"):
            folder, _, name = path.rpartition("/")
            if name not in re.findall(r"[\w.]+", tree.text(f"{folder}/CMakeLists.txt")):
                found.append(Complaint(f"{path} is not compiled: add {name} to {folder}/CMakeLists.txt"))
    return found


def unit_tests_mirror_the_code(tree: Tree) -> list[Complaint]:
    mirrored = {last(folder) for folder in tree.folders if folder.startswith(("src/", "app/"))}
    tested = {path.split("/")[2] for path in tree.code if path.startswith("tests/unit/")}
    return [Complaint(f"tests/unit/{folder} mirrors no folder of src/ or app/") for folder in sorted(tested - mirrored)]


def files_are_short(tree: Tree) -> list[Complaint]:
    found = []
    for path in tree.files:
        if path in tree.code or path.endswith(PROGRAMS):
            lines = tree.text(path).count("\n")
            if lines > FILE_LINES:
                found.append(Complaint(f"{path} has {lines} lines, more than {FILE_LINES}", f"file {path}"))
    return found


def functions_are_short(tree: Tree) -> list[Complaint]:
    return [Complaint(f"{path}:{function.line}: {function.name} has {function.lines} lines, more than {FUNCTION_LINES}",
                      f"function {path} {function.name}")
            for path in tree.code for function in tree.reader(path).functions if function.lines > FUNCTION_LINES]


def classes_are_small(tree: Tree) -> list[Complaint]:
    return [Complaint(f"{path}:{found.line}: {found.name} has {found.functions} functions and {found.members} data "
                      f"members, more than {CLASS_FUNCTIONS} or {CLASS_MEMBERS}", f"class {path} {found.name}")
            for path in tree.code for found in tree.reader(path).classes
            if found.functions > CLASS_FUNCTIONS or found.members > CLASS_MEMBERS]


def names_say_something(tree: Tree) -> list[Complaint]:
    """Those of types, and of files as far as they would say nothing."""
    found = []
    for path in tree.code:
        for word in set(last(path).partition(".")[0].title().split("_")).intersection(EMPTY_WORDS):
            found.append(Complaint(f"{path}: `{word}` says nothing; name it after what is in it", f"name {path}"))
        for line, name in cpp.defined_types(tree.text(path)):
            for word in re.findall(r"[A-Z][a-z]*", name):
                if word in EMPTY_WORDS:
                    found.append(Complaint(f"{path}:{line}: {name}: `{word}` says nothing", f"name {path} {name}"))
                elif word in OTHER_WORDS and not (word == "Channel" and path.startswith(CHANNELS)):
                    found.append(Complaint(f"{path}:{line}: {name}: instead of {word} we say {OTHER_WORDS[word]}",
                                           f"name {path} {name}"))
    return found


def tests_are_named_in_camel_case(tree: Tree) -> list[Complaint]:
    found = []
    for path in tree.code:
        if path.startswith("tests/"):
            for function in tree.reader(path).functions:
                test = re.fullmatch(r"(?:TYPED_)?TEST(?:_\w+)?\((\w+), (\w+)\)", function.name)
                for name in test.groups() if test else ():
                    if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name):
                        found.append(Complaint(f"{path}:{function.line}: {name}: names of suites and tests are in "
                                               "CamelCase, without underscores"))
    return found


RULES = (table_is_there, table_names_every_folder, arrows_are_those_of_the_table, arrows_point_upward,
         public_headers_need_public_headers_alone, the_command_stands_on_public_headers,
         what_is_compiled_ahead_is_known, what_is_used_is_included, sources_are_compiled, unit_tests_mirror_the_code,
         files_are_short, functions_are_short, classes_are_small, names_say_something, tests_are_named_in_camel_case)
