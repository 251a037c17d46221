"""The project, held against the rules of the house (rules.py). Each rule is a test."""

import pathlib
import re
import unittest

import rules
from tree import Tree

__unittest = True  # a failure shows what it says and no lines of this file

TREE = Tree(pathlib.Path(__file__).resolve().parents[2])
EXCEPTIONS = "tests/house/exceptions.txt"


def exceptions() -> dict[str, str]:
    """Keys, and why."""
    lines = [line for line in TREE.text(EXCEPTIONS).splitlines() if line and not line.startswith("#")]
    return {key: reason.strip() for key, _, reason in (line.partition(": ") for line in lines)}


class House(unittest.TestCase):
    maxDiff = None

    def test_every_exception_has_a_reason(self):
        self.assertEqual([key for key, reason in exceptions().items() if len(reason.split()) < 3], [],
                         f"in {EXCEPTIONS} these say no reason after the colon")

    def test_every_exception_is_needed(self):
        needed = {complaint.key for rule in rules.RULES for complaint in rule(TREE)}
        self.assertEqual([key for key in exceptions() if key not in needed], [],
                         f"in {EXCEPTIONS} these are not needed any more: remove them")


def check(rule):
    def test(self):
        excepted = exceptions()
        said = [complaint.what + (f"\n  If there is a reason: `{complaint.key}: <reason>` in {EXCEPTIONS}."
                                  if complaint.key else "")
                for complaint in rule(TREE) if complaint.key not in excepted]
        if said:
            self.fail("\n\n" + "\n".join(said))
    return test


for rule in rules.RULES:
    setattr(House, f"test_{rule.__name__}", check(rule))

if __name__ == "__main__":
    unittest.main()
