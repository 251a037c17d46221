"""The commands of docs/api.md, run against a server as they stand there, but for its port.

TEST_COMMAND names the command.
"""

import os
import pathlib
import subprocess
import tempfile
import unittest

from snippets import blocks

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMAND = os.environ.get("TEST_COMMAND", str(ROOT / "build/release/app/hearth"))
KEY = "0123456789abcdef0123456789abcdef"


class Api(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        subprocess.run([COMMAND, "config", "init"], cwd=self.folder.name, check=True, stdout=subprocess.DEVNULL)
        with pathlib.Path(self.folder.name, "hearth.toml").open("a", encoding="utf-8") as config:
            config.write('\n[[rooms]]\npattern = "orders"\nhistory_size = 100\n')
            config.write('\n[[rooms]]\npattern = "lobby"\npresence = "members"\n')
        environment = {**os.environ, "HEARTH_SERVER_LISTEN": "127.0.0.1:0", "HEARTH_API_LISTEN": "127.0.0.1:0",
                       "HEARTH_SERVER_DRAIN_DELAY": "0", "HEARTH_SERVER_DRAIN_TIME": "0"}
        self.server = subprocess.Popen([COMMAND, "serve"], cwd=self.folder.name, env=environment, text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        line = self.server.stdout.readline()
        while not line.startswith("API on "):
            self.assertTrue(line, "the server has ended")
            line = self.server.stdout.readline()
        self.port = line.strip().rpartition(":")[2]

    def tearDown(self):
        self.server.terminate()
        self.assertEqual(self.server.wait(30), 0)
        self.server.stdout.close()
        self.folder.cleanup()

    def test_shown_requests_are_answered(self):
        lines = [line for block in blocks(ROOT / "docs/api.md") if block.language == "sh" for line in block.lines]
        self.assertGreater(len(lines), 5)
        for line in lines:
            self.assertTrue(line.startswith("curl "), line)
            shown = line.replace("curl ", "curl --silent --show-error --fail-with-body ", 1)
            shown = shown.replace("localhost:9080", f"localhost:{self.port}")
            done = subprocess.run(["sh", "-c", shown], env={**os.environ, "HEARTH_API_KEY": KEY}, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30)
            self.assertEqual(done.returncode, 0, f"{line}\n{done.stdout}")


if __name__ == "__main__":
    unittest.main()
