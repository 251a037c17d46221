#!/usr/bin/env python3
"""Drives a Hearth server in dev mode with the `websockets` package and says which steps passed.

Usage: python_client.py ws://127.0.0.1:8080/ws [--compression none|deflate]
Ends with 0 if every step passed, else with 1 and the step that did not.
"""

import argparse
import asyncio
import json
import sys

import websockets

ROOM = "python-clients"
STEP_TIMEOUT = 20


class Client:
    """An authenticated client that is a member of ROOM."""

    def __init__(self, socket):
        self.socket = socket
        self.id = None

    @classmethod
    async def connect(cls, url, user, compression):
        client = cls(await websockets.connect(url, compression=compression))
        await client.send({"event": "authenticate", "data": {"userId": user}})
        connected = await client.expect("connected")
        check(connected["data"]["userId"], user)
        client.id = connected["data"]["id"]
        await client.send({"event": "join", "data": {"rooms": [ROOM]}, "id": "join"})
        check((await client.expect("ack"))["id"], "join")
        return client

    async def send(self, envelope):
        await self.socket.send(json.dumps(envelope))

    async def expect(self, event):
        message = json.loads(await self.socket.recv())
        check(message["event"], event)
        return message


def check(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual!r} instead of {expected!r}")


async def negotiates_only_what_was_offered(ann, _ben, compression):
    names = [extension.name for extension in ann.socket.extensions]
    check(names, [] if compression is None else ["permessage-deflate"])


async def publishes_and_receives(ann, ben, _compression):
    data = {"text": "grüße 🔥", "numbers": [1, 2.5, None], "long": "x" * 5000}
    publication = {"room": ROOM, "event": "news", "data": data, "echo": False}
    await ann.send({"event": "publish", "data": publication, "id": "1"})
    news = await ben.expect("news")
    check(news["data"], data)
    check(news["from"], {"id": ann.id, "userId": "ann"})
    check(await ann.expect("ack"), {"event": "ack", "data": {"rooms": [ROOM]}, "id": "1"})


async def sends_in_fragments(ann, ben, _compression):
    text = json.dumps({"event": "publish", "data": {"room": ROOM, "event": "whole", "data": "é" * 300, "echo": False}})
    await ann.socket.send([text[at:at + 11] for at in range(0, len(text), 11)])
    check((await ben.expect("whole"))["data"], "é" * 300)


async def sends_binary(ann, ben, _compression):
    envelope = {"event": "publish", "data": {"room": ROOM, "event": "bytes", "data": 1, "echo": False}}
    await ann.socket.send(json.dumps(envelope).encode())
    check((await ben.expect("bytes"))["data"], 1)


async def gets_a_pong(ann, _ben, _compression):
    await (await ann.socket.ping(b"are you there"))


async def leaves(ann, ben, _compression):
    await ben.send({"event": "leave", "data": {"rooms": [ROOM]}, "id": "leave"})
    check((await ben.expect("ack"))["data"], {"rooms": [ROOM]})
    await ann.send({"event": "publish", "data": {"room": ROOM, "event": "unheard", "data": 1}, "id": "2"})
    await ann.expect("unheard")
    await ann.expect("ack")
    await ben.send({"event": "authenticate", "data": {}, "id": "again"})
    refusal = await ben.expect("error")
    check((refusal["data"]["message"], refusal["id"]), ("Already authenticated", "again"))


async def closes_with_a_code(ann, ben, _compression):
    await ann.socket.close(4321, "enough")
    check(ann.socket.close_code, 4321)
    await ben.socket.close()
    check(ben.socket.close_code, 1000)


STEPS = [
    negotiates_only_what_was_offered,
    publishes_and_receives,
    sends_in_fragments,
    sends_binary,
    gets_a_pong,
    leaves,
    closes_with_a_code,
]


async def run(url, compression):
    ann = await Client.connect(url, "ann", compression)
    ben = await Client.connect(url, "ben", compression)
    for step in STEPS:
        try:
            await asyncio.wait_for(step(ann, ben, compression), STEP_TIMEOUT)
        except Exception as error:  # whatever it was, the step and the reason are what is to be read
            print(f"{step.__name__}: {type(error).__name__}: {error}")
            return 1
        print(f"{step.__name__}: passed")
    print(f"all {len(STEPS)} steps passed")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--compression", choices=["none", "deflate"], default="deflate")
    arguments = parser.parse_args()
    compression = None if arguments.compression == "none" else arguments.compression
    return asyncio.run(run(arguments.url, compression))


if __name__ == "__main__":
    sys.exit(main())
