"""What is said, a function a subject: each notes in a transcript what goes over the wire."""

import base64
import signal

import client as wire
from servers import PATIENCE, ask_redis, until

MOST = 128 * 1024


def handshakes(out, port):
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    ask = ["Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade", key, "Sec-WebSocket-Version: 13"]
    less = lambda word: [field for field in ask if word not in field]
    requests = {
        "as browsers make it": ("GET /ws HTTP/1.1", [
            *ask, f"Origin: http://127.0.0.1:{port}", "Accept-Encoding: gzip", "Cookie: a=b", "Pragma: no-cache",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"]),
        "as programs do": ("GET /ws HTTP/1.1", ask),
        "in another case": ("GET /ws HTTP/1.1", [*(field.lower() for field in less("Key")), key.replace("Sec", "sec")]),
        "with a query": ("GET /ws?token=x HTTP/1.1", ask),
        "with subprotocols": ("GET /ws HTTP/1.1", [*ask, "Sec-WebSocket-Protocol: chat, superchat"]),
        "from a page on this machine": ("GET /ws HTTP/1.1", [*ask, "Origin: http://localhost:3000"]),
        "elsewhere": ("GET /elsewhere HTTP/1.1", ask),
        "without upgrade": ("GET /ws HTTP/1.1", ["Host: 127.0.0.1"]),
        "by POST": ("POST /ws HTTP/1.1", [*ask, "Content-Length: 0"]),
        "of another version": ("GET /ws HTTP/1.1", [*less("Version"), "Sec-WebSocket-Version: 8"]),
        "without a version": ("GET /ws HTTP/1.1", less("Version")),
        "without a key": ("GET /ws HTTP/1.1", less("Key")),
        "with a key that is none": ("GET /ws HTTP/1.1", [*less("Key"), "Sec-WebSocket-Key: short"]),
        "without a host": ("GET /ws HTTP/1.1", less("Host")),
        "in HTTP/1.0": ("GET /ws HTTP/1.0", ask),
        "that is none": ("hello", []),
        "that is too long": ("GET /ws HTTP/1.1", [*ask, "X: " + "x" * 20000]),
        "with white space before a colon": ("GET /ws HTTP/1.1", [*ask, "X : y"]),
    }
    for title, (line, fields) in requests.items():
        out.section(f"a handshake {title}")
        connection = wire.Connection(port, PATIENCE)
        connection.write("\r\n".join([line, *fields, "", ""]).encode())
        head, body = connection.read_http()
        for each in head.split("\r\n"):
            out.note(f"< {each}")
        if body:
            out.note(f"< {body!r}")
        connection.close()


def authentication(out, port):
    for title, message in {
        "a user": {"data": {"userId": "ann"}}, "a token": {"data": {"token": "ben"}},
        "both": {"data": {"token": "b", "userId": "a"}},
        "nobody": {"data": {}}, "no data": {}, "null": {"data": None}, "a number": {"data": 1}, "a list": {"data": [1]},
        "a user that is a number": {"data": {"userId": 7}}, "an empty user": {"data": {"userId": "", "token": "t"}},
        "a long user": {"data": {"userId": "u" * 256}}, "too long a user": {"data": {"userId": "u" * 257}},
        "a user in other letters": {"data": {"userId": "грюße\n\"🔥"}},
    }.items():
        out.section(f"authenticate with {title}")
        client = wire.Client(out, port, "a", PATIENCE)
        client.send({"event": "authenticate", **message})
        client.read()
        client.settle()
        client.end()

    out.section("before authentication")
    client = wire.Client(out, port, "a", PATIENCE)
    for text in ("", "{", "[]", "null", '{"data":1}', '{"event":""}', '{"event":5}', '{"event":"heartbeat"}',
                 '{"event":"join","data":{"rooms":["tea"]}}', '{"event":"leave"}', '{"event":"publish"}', '{"event":"x"}',
                 '{"event":"encrypted","data":{}}', '{"event":"ping"}'):
        client.send(text)
    client.read_until("Not authenticated", 6)
    client.authenticate({"userId": "ann"})
    out.section("after it")
    for text in ("", "{", "[]", "null", '{"data":1}', '{"event":""}', '{"event":5}', '{"event":"heartbeat"}',
                 '{"event":"heartbeat","data":1}', '{"event":"x","data":1}', '{"event":"connected"}', '{"event":"error"}',
                 '{"event":"ack"}', '{"event":"disconnect"}', '{"event":"history","data":{"room":"tea"}}',
                 '{"event":"presence","data":{"room":"tea"}}', '{"event":"reconnect"}', '{"event":"token_expiring"}'):
        client.send(text)
    client.send({"event": "authenticate", "data": {"userId": "other"}})
    client.read_until("Already authenticated")
    client.settle()
    client.end()


def rooms(out, port):
    out.section("rooms")
    ann, ben = (wire.Client(out, port, name, PATIENCE) for name in ("ann", "ben"))
    ann.authenticate({"userId": "ann"})
    ben.authenticate({"userId": "ben"})

    def publish(client, room, **more):
        client.send({"event": "publish", "data": {"room": room, "event": "news", "data": {"in": room}, **more}})
        client.settle()
        (ben if client is ann else ann).settle()

    ann.send({"event": "join", "data": {"rooms": ["tea", "", "ws:x", 7, None, "x" * 256, "x" * 257]}})
    ben.send({"event": "join", "data": {"rooms": ["tea"], "since": {"tea": None}, "presence": ["tea"]}})
    publish(ben, "tea")
    publish(ann, "tea", echo=False)
    publish(ann, "tea", key="k", idempotencyKey="i")
    publish(ann, "x" * 256)
    publish(ann, "x" * 257)
    for room in ("ws-default", "ws-notification", "elsewhere", ann.id, ben.id, "", 7):
        publish(ann, room)
    for event in ("history", "presence", "gap", "connected", "ack", "", 7):
        publish(ann, "tea", event=event)
    out.section("data goes on as it came")
    ann.send('{"event":"publish","data":{"room":"tea","event":"news","data":{ "a": 1.0, "a":1e400,"b":"\\u00e9\\ud800" }}}')
    ann.settle()
    ben.settle()
    out.section("leave")
    ben.send({"event": "leave", "data": {"rooms": ["tea", "never", 7, "ws-default", ben.id]}})
    publish(ann, "tea")
    publish(ben, "tea")
    for message in ({"event": "join"}, {"event": "join", "data": {"rooms": "tea"}}, {"event": "leave", "data": []}):
        ben.send(message)
    ben.settle()
    ann.end()
    ben.end()


def sends(out, servers):
    redis = servers.redis()
    where = f"redis://127.0.0.1:{redis}"
    (_, one), (_, other) = (servers.start("--redis", where) for _ in range(2))
    out.section("two instances")
    ann = wire.Client(out, one, "ann", PATIENCE)
    ben = wire.Client(out, other, "ben", PATIENCE)
    for client in (ann, ben):
        client.authenticate({"userId": client.name})
        client.send({"event": "join", "data": {"rooms": ["tea"]}})
    until(lambda: ask_redis(redis, "PUBSUB", "NUMSUB", "ws:room:tea") == "2")
    ann.send({"event": "publish", "data": {"room": "tea", "event": "news", "data": [1]}})
    ann.read()
    ben.read()
    out.section("sent from elsewhere")
    servers.emit(redis, "room", "tea", "ready", '{"cups":2}')
    servers.emit(redis, "room", "tea", "but-ann", "1", "--exclude", ann.id)
    servers.emit(redis, "user", "ann", "note", '"for ann"')
    servers.emit(redis, "client", ben.id, "note", "null")
    servers.emit(redis, "broadcast", "all", "[ 1 ]")
    servers.emit(redis, "room", "ws-default", "default", "true")
    for envelope in ('"type":"room","target":"tea","event":"of-ignis","data":{"n":1}',
                     '"type":"broadcast","event":"no-data"', '"type":"room","target":"elsewhere","event":"no"',
                     '"type":"user","target":"ben","event":"of-ignis","data":{},"room":"tea","offset":1'):
        channel = {"room": "ws:room:tea", "broadcast": "ws:broadcast", "user": "ws:user:ben"}
        ask_redis(redis, "PUBLISH", channel[envelope.split('"')[3]], '{"serverId":"emitter",' + envelope + "}")
    servers.emit(redis, "broadcast", "end")
    for client in (ann, ben):
        client.read_until('"end"')
        client.settle()
        client.end()


def sizes(out, port):
    out.section("the longest message")
    client = wire.Client(out, port, "a", PATIENCE)
    client.authenticate({})
    longest = '{"event":"x","data":"%s"}'
    longest %= "x" * (MOST - len(longest) + 2)
    client.write(wire.frame(0x81, longest.encode()))
    client.settle()
    client.write(wire.frame(0x01, longest[:1000].encode()) + wire.frame(0x80, longest[1000:].encode()))
    client.settle()
    client.end()
    for title, frames in {"one frame": [wire.frame(0x81, longest.encode() + b" ")],
                          "two": [wire.frame(0x01, longest.encode()), wire.frame(0x80, b" ")]}.items():
        out.section(f"a byte more, in {title}")
        client = wire.Client(out, port, "a", PATIENCE)
        client.authenticate({})
        client.write(b"".join(frames))
        client.read_to_end()


def frames(out, port):
    close = lambda code, reason=b"": wire.frame(0x88, code.to_bytes(2, "big") + reason)
    for title, sent in {
        "no mask": b"\x81\x02hi", "a reserved bit": wire.frame(0xC1, b"{}"),
        "an opcode that is none": wire.frame(0x83, b""), "a control opcode that is none": wire.frame(0x8B, b""),
        "a ping in parts": wire.frame(0x09, b"") + wire.frame(0x80, b""),
        "a ping too long": wire.frame(0x89, b"p" * 126), "a continuation of nothing": wire.frame(0x80, b"x"),
        "a text inside of another": wire.frame(0x01, b"x") + wire.frame(0x81, b"x"),
        "a length of 64 bits with its top bit": b"\x81\xff\x80" + bytes(7) + b"mask",
        "a length in more bytes than it needs": b"\x81\xfe\x00\x01mask" + bytes([ord("m") ^ ord("{")]),
        "no UTF-8": wire.frame(0x81, b"\xff"), "UTF-8 cut off": wire.frame(0x81, b"\xc3"),
        "no UTF-8 in binary": wire.frame(0x82, b"\xff") + close(1000),
        "a ping": wire.frame(0x89, b"are you there") + close(1000), "a pong": wire.frame(0x8A, b"x") + close(1000),
        "a text in parts, a ping between": b"".join([
            wire.frame(0x01, b'{"event":'), wire.frame(0x89, b"p"), wire.frame(0x80, b'"x"}'), close(1000)]),
        "a binary message": wire.frame(0x82, b'{"event":"x"}') + close(1000),
        "close": wire.frame(0x88, b""), "close 1000": close(1000, b"bye"), "close 1001": close(1001),
        "close 4000": close(4000, "é".encode()),
        "close with half a code": wire.frame(0x88, b"\x03"), "close 999": close(999), "close 1005": close(1005),
        "close 1006": close(1006), "close 1016": close(1016), "close 2999": close(2999), "close 5000": close(5000),
        "close with a reason that is no UTF-8": close(1000, b"\xff"),
    }.items():
        out.section(title)
        client = wire.Client(out, port, "a", PATIENCE)
        client.write(sent)
        client.read_to_end(answers=not title.startswith("close"))


def encryption(out, optional, required):
    point = base64.b64encode(wire.GENERATOR).decode()
    out.section("with a key")
    client = wire.Client(out, optional, "a", PATIENCE)
    client.agree({"userId": "ann", "publicKey": point})
    for text in ("{", '{"event":"x"}', '{"event":"heartbeat"}', '{"event":"encrypted","data":{"iv":"AAAA","ct":"AAAA"}}'):
        client.send(text)
    client.settle()
    client.send({"event": "join", "data": {"rooms": ["tea"]}})
    client.send({"event": "publish", "data": {"room": "tea", "event": "news", "data": {"n": 1}}})
    client.settle()
    client.end()
    out.section("what does not open, again and again")
    client = wire.Client(out, optional, "a", PATIENCE)
    client.agree({"publicKey": point})
    for _ in range(10):
        client.send('{"event":"encrypted","data":{"iv":"AAAAAAAAAAAAAAAA","ct":"AAAAAAAAAAAAAAAAAAAAAAAA"}}')
    client.read_to_end()
    bad = {"an empty key": "", "no text": 5, "no base64": "?", "too short a key": point[4:],
           "no point": base64.b64encode(b"\4" + bytes(64)).decode()}
    for title, key in bad.items():
        out.section(f"with {title}")
        client = wire.Client(out, optional, "a", PATIENCE)
        client.send({"event": "authenticate", "data": {"userId": "ann", "publicKey": key}})
        client.read_to_end()
    out.section("where it is required: with a key")
    client = wire.Client(out, required, "a", PATIENCE)
    client.agree({"userId": "ann", "publicKey": point})
    for event in ("x", "heartbeat", "join", "leave", "publish"):
        client.send({"event": event, "data": {"rooms": ["tea"]}})
    client.settle()
    client.end()
    for title, data in {"without": {}, "with null": {"publicKey": None}}.items():
        out.section(f"where it is required: {title}")
        client = wire.Client(out, required, "a", PATIENCE)
        client.send({"event": "authenticate", "data": data})
        client.read_to_end()


def compression(out, port):
    out.section("compressed")
    for offer in ("permessage-deflate", "permessage-deflate; client_max_window_bits; server_no_context_takeover", "x-deflate"):
        client = wire.Client(out, port, "a", PATIENCE, offer)
        client.authenticate({"userId": "ann"})
        client.send({"event": "join", "data": {"rooms": ["tea"]}})
        client.send({"event": "publish", "data": {"room": "tea", "event": "news", "data": "tea " * 100}})
        client.settle()
        client.end()


def end(out, server, port):
    out.section("the server ends")
    inside, outside = (wire.Client(out, port, name, PATIENCE) for name in ("inside", "outside"))
    inside.authenticate({"userId": "ann"})
    server.send_signal(signal.SIGTERM)
    inside.read_to_end()
    outside.read_to_end()
    out.note(f"exit code {server.wait(PATIENCE)}")
