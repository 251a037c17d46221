"""The programs of docs/api.md and docs/authentication.md in other languages, run as they stand there, but for ports and
the room; those whose language and library are on the machine.

TEST_COMMAND names the command.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest
import urllib.request

from running import COMMAND, ROOT, WithServer
from snippets import blocks

# How a program in a file is run, and the end of the file's name.
RUN = {"js": (["node"], ".mjs"), "python": (["/usr/bin/python3", "-B"], ".py"), "php": (["php"], ".php"),
       "go": (["go", "run"], ".go")}
# What prints the token that a program of the page has made, and what says whether its library is there.
PRINT = {"js": "console.log(token);", "python": "print(token)"}
LIBRARY = {"js": ["test", "-d", str(ROOT / "tests/auth/node_modules/jose")],
           "python": ["/usr/bin/python3", "-c", "import jwt"]}


def programs(page):
    """{language: program}, of those whose language is on the machine."""
    shown = {block.language: "\n".join(block.lines) for block in blocks(ROOT / "docs" / page) if block.language in RUN}
    return {language: text for language, text in shown.items() if shutil.which(RUN[language][0][0])}


class Programs(WithServer):
    def run_program(self, language, text, **environment):
        words, end = RUN[language]
        file = pathlib.Path(self.folder.name, "shown" + end)
        if language == "js":  # where its packages are
            file = ROOT / "tests/auth" / f"shown-{os.getpid()}.mjs"
        file.write_text(text, encoding="utf-8")
        try:
            done = subprocess.run([*words, file], env={**os.environ, **environment}, text=True, timeout=60,
                                  cwd=self.folder.name, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        finally:
            file.unlink()
        self.assertEqual(done.returncode, 0, f"{language}: {done.stdout}")
        return done.stdout.strip()

    def newest(self):
        address = f"http://127.0.0.1:{self.port}/api/rooms/orders/history"
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        return json.load(direct.open(address, timeout=30))

    def test_shown_programs_publish(self):
        for count, (language, text) in enumerate(programs("api.md").items(), 1):
            text, places = re.subn(r"(localhost|127\.0\.0\.1):9080", f"127.0.0.1:{self.port}", text)
            self.assertEqual(places, 1, language)
            text = text.replace("news:today", "orders")
            self.run_program(language, text, HEARTH_API_KEY="", no_proxy="127.0.0.1")
            history = self.newest()
            self.assertEqual(history["offset"], count, language)
            self.assertEqual(history["publications"][-1]["data"], {"title": "Hello"}, language)

    def test_shown_programs_make_tokens(self):
        config = pathlib.Path(self.folder.name, "hearth.toml").read_text(encoding="utf-8")
        secret = re.search(r'^secret = "(.*)"$', config, re.MULTILINE)[1]
        for language, text in programs("authentication.md").items():
            if language not in PRINT or subprocess.run(LIBRARY[language], stderr=subprocess.DEVNULL).returncode != 0:
                continue
            token = self.run_program(language, f"{text}\n{PRINT[language]}\n", SECRET=secret)
            done = subprocess.run([COMMAND, "token", "verify", token], cwd=self.folder.name, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(done.returncode, 0, f"{language}: {done.stdout}")
            self.assertIn("the user is ann", done.stdout)


if __name__ == "__main__":
    unittest.main()
