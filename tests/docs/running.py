"""A server for what the pages show, with the configuration of `hearth config init` and two rules more."""

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMAND = os.environ.get("TEST_COMMAND", str(ROOT / "build/release/app/hearth"))


class WithServer(unittest.TestCase):
    """Each test has one; `port` is that of its API, `folder` where its configuration is."""

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
