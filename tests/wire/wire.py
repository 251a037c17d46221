#!/usr/bin/env python3
"""What a plain client, one without an `id` on its `authenticate`, and `hearth serve --dev` say to each other, byte by
byte. It is what clients written for Ignis see, and is not to change.

Usage: wire.py COMMAND            prints it
       wire.py COMMAND RECORDED   says where it is not as it was recorded, and ends with 1

What is random has a name in its place, of which all else follows: the bytes before a message say how long it is. What
time does is not here: tests/interop has that.
"""

import difflib
import pathlib
import sys

import conversations
from servers import Servers
from transcript import Transcript


def record(command):
    out = Transcript()
    with Servers(command) as servers:
        server, port = servers.start()
        conversations.handshakes(out, port)
        conversations.authentication(out, port)
        conversations.rooms(out, port)
        conversations.sizes(out, port)
        conversations.frames(out, port)
        conversations.encryption(out, port, servers.start("--encryption", "required")[1])
        conversations.compression(out, servers.start("--deflate")[1])
        conversations.sends(out, servers)
        conversations.end(out, server, port)
    return [out.mask(line) for line in out.lines]


def main(command, recorded=None):
    lines = record(command)
    if recorded is None:
        print("\n".join(lines))
        return 0
    known = pathlib.Path(recorded).read_text(encoding="utf-8").splitlines()
    difference = list(difflib.unified_diff(known, lines, recorded, "now", lineterm=""))
    print("\n".join(difference) if difference else f"{len(lines)} lines, as recorded")
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
