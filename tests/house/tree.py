"""The project as the rules see it: its files, what they say, and the table of folders in docs/architecture.md."""

import functools
import os
import pathlib
import re
import typing

import cpp

TABLE = "docs/architecture.md"
HEADING = "| folder | what is in it | may include |"
EVERYTHING = "everything"

CODE = (".cpp", ".hpp")
UNSEEN = ("build", "dist", "node_modules")


class Row(typing.NamedTuple):
    """Of the table of folders."""
    folder: str
    may_include: list[str]  # as they are named in `#include`: the last parts of folders, or everything

    @property
    def name(self) -> str:
        return self.folder.rpartition("/")[2]


class Tree:
    """Paths are relative to its root, with `/`."""

    def __init__(self, root: pathlib.Path):
        self.root = root

    @functools.cached_property
    def files(self) -> list[str]:
        found = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(name for name in folders if name not in UNSEEN and not name.startswith((".", "__")))
            found += [(pathlib.Path(folder) / name).relative_to(self.root).as_posix() for name in sorted(names)]
        return found

    @functools.cached_property
    def code(self) -> list[str]:
        return [path for path in self.files if path.endswith(CODE)]

    @functools.lru_cache(maxsize=None)
    def text(self, path: str) -> str:
        file = self.root / path
        return file.read_text(encoding="utf-8") if file.exists() else ""

    @functools.lru_cache(maxsize=None)
    def reader(self, path: str) -> cpp.Reader:
        return cpp.Reader(self.text(path))

    @functools.cached_property
    def rows(self) -> list[Row]:
        lines = iter(self.text(TABLE).splitlines())
        found = []
        if HEADING in lines:  # which reads up to it
            next(lines)
            for line in lines:
                if not line.startswith("|"):
                    break
                cells = line.strip("| ").split("|")
                found.append(Row(cells[0].strip(" `"), re.findall(r"[\w-]+", cells[-1]) if len(cells) > 2 else []))
        return found

    def header_of(self, source: str) -> str:
        """The header that a source file begins with, if it is named like it."""
        first = next((name.strip('"') for _, name in cpp.includes(self.text(source)) if name.startswith('"')), "")
        if first.rpartition("/")[2] != source.rpartition("/")[2].replace(".cpp", ".hpp"):
            return ""
        return next((path for path in (f"{above}/{first}" for above in ("include", "src", "app"))
                     if self.text(path)), "")

    def row_of(self, folder: str) -> Row | None:
        return next((row for row in self.rows if row.folder == folder), None)

    @functools.cached_property
    def folders(self) -> list[str]:
        """What the table is to name: the folders of the root, and of those that hold nothing but folders, these."""
        found = set()
        for path in self.files:
            parts = path.split("/")[:-1]
            if parts:
                deeper = len(parts) > 1 and parts[0] in ("app", "clients", "include", "src")
                found.add("/".join(parts[:2 if deeper else 1]))
        return sorted(found - {"include", "src", "clients"})

    def folder_of(self, path: str) -> str:
        """The one of `folders` that a file is in."""
        return max((folder for folder in self.folders if path.startswith(folder + "/")), key=len, default="")

    def included_folder(self, includer: str, name: str) -> str:
        """Where the header is that a file includes as `"name"`."""
        part = name.partition("/")[0]
        if part == name:
            return self.folder_of(includer)
        for above in ("include", "src", "app"):
            if f"{above}/{part}" in self.folders:
                return f"{above}/{part}"
        return "tests" if any(path.startswith(f"tests/{part}/") for path in self.files) else part

    def arrows(self, folder: str) -> dict[str, tuple[str, int]]:
        """The other folders that files of `folder` include from, each with one place that does."""
        found = {}
        for path in self.code:
            if self.folder_of(path) == folder:
                for line, name in cpp.includes(self.text(path)):
                    if name.startswith('"'):
                        found.setdefault(self.included_folder(path, name.strip('"')), (path, line))
        found.pop(folder, None)
        return found
