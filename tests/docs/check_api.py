"""The commands of docs/api.md, run against a server as they stand there, but for its port.

TEST_COMMAND names the command.
"""

import os
import subprocess
import unittest

from running import ROOT, WithServer
from snippets import blocks

KEY = "0123456789abcdef0123456789abcdef"


class Api(WithServer):
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
