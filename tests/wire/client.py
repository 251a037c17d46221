"""A WebSocket client of plain sockets, which notes every byte that comes."""

import base64
import hashlib
import hmac
import json
import socket
import subprocess
import zlib

# The generator of P-256, uncompressed: the public key of the private key 1, with which the shared secret is the first
# half of the other side's point.
GENERATOR = b"\4" + bytes.fromhex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                                  "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
INFO = b"ignis-ecdh-p256-aes-256-gcm-v1"


def frame(first, payload):
    """A masked frame; `first` is its first byte."""
    size = len(payload)
    length = bytes([0x80 | size & 0x7F])
    if size > 125:
        length = b"\xfe" + size.to_bytes(2, "big") if size <= 0xFFFF else b"\xff" + size.to_bytes(8, "big")
    mask = b"mask" * (size // 4 + 1)
    covered = int.from_bytes(payload, "big") ^ int.from_bytes(mask[:size], "big")
    return bytes([first]) + length + b"mask" + covered.to_bytes(size, "big")


class Connection:
    def __init__(self, port, patience):
        self.socket = socket.create_connection(("127.0.0.1", port), patience)
        self.input = b""

    def write(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has been refused before its end; what is said about that is read

    def more(self):
        """Whether something has come; otherwise the connection has ended."""
        try:
            came = self.socket.recv(65536)
        except ConnectionResetError:
            return False
        self.input += came
        return bool(came)

    def take(self, size):
        while len(self.input) < size:
            if not self.more():
                return None
        taken, self.input = self.input[:size], self.input[size:]
        return taken

    def read_http(self):
        """The head of the answer, and what comes after it up to the end if it is no upgrade."""
        while b"\r\n\r\n" not in self.input:
            if not self.more():
                return self.input.decode(), b""
        head, _, self.input = self.input.partition(b"\r\n\r\n")
        while not head.startswith(b"HTTP/1.1 101 ") and self.more():
            pass
        return head.decode(), self.input

    def close(self):
        self.socket.close()


class Client(Connection):
    def __init__(self, out, port, name, patience, extensions=None):
        super().__init__(port, patience)
        self.out = out
        self.name = name
        self.key = None
        self.inflater = zlib.decompressobj(-15)
        fields = ["Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade",
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"]
        if extensions:
            fields.append(f"Sec-WebSocket-Extensions: {extensions}")
        self.write("\r\n".join(["GET /ws HTTP/1.1", *fields, "", ""]).encode())
        head, _ = self.read_http()
        if extensions:
            for line in head.split("\r\n"):
                self.note("<", line)

    def note(self, direction, what):
        self.out.note(f"{self.name} {direction} {what}")

    def send(self, message):
        text = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        self.note(">", text)
        self.write(frame(0x81, text.encode()))

    def next_frame(self):
        """The first bytes of the next frame up to its payload, and that; none at the end."""
        head = self.take(2)
        if head is None:
            return None
        size = head[1] & 0x7F
        if size >= 126:
            head += self.take(2 if size == 126 else 8)
            size = int.from_bytes(head[2:], "big")
        return head, self.take(size)

    def read(self):
        """Notes the next frame, and returns the text in it. Pings are answered, and not noted: time makes them."""
        came = self.next_frame()
        if came is None:
            self.note("<", "the end")
            return None
        head, payload = came
        if head[0] == 0x89:
            self.write(frame(0x8A, payload))
            return self.read()
        if head[0] == 0x88:
            self.note("<", f"{head.hex(' ')} close {int.from_bytes(payload[:2], 'big')} {payload[2:]!r}")
            return "close"
        text = payload.decode(errors="backslashreplace")
        if head[0] & 0x40:
            text = self.inflater.decompress(payload + b"\0\0\xff\xff").decode()
            self.note("<", f"{head[0]:02x} {text}")
        else:
            self.note("<", f"{head.hex(' ')} {text}")
        return self.open(text)

    def read_until(self, wanted, times=1):
        while times > 0:
            text = self.read()
            if text is None:
                raise RuntimeError(f"{self.name}: ended before {wanted}")
            times -= wanted in text

    def settle(self):
        """Reads all that was sent to it: the answer to a second `authenticate` comes after it."""
        self.write(frame(0x81, b'{"event":"authenticate"}'))
        self.read_until("Already authenticated")

    def authenticate(self, data):
        self.send({"event": "authenticate", "data": data})
        text = self.read()
        self.id = json.loads(text)["data"]["id"]
        self.out.know(self.id, f"id of {self.name}")
        return text

    def agree(self, data):
        """Authenticates with GENERATOR for its key, and opens what comes from then on."""
        agreed = json.loads(self.authenticate(data))["data"]
        shared = base64.b64decode(agreed["serverPublicKey"])[1:33]
        derived = hmac.digest(base64.b64decode(agreed["salt"]), shared, hashlib.sha256)
        self.key = hmac.digest(derived, INFO + b"\1", hashlib.sha256)

    def open(self, text):
        """What an encrypted message says. Of AES-GCM it looks at the ciphertext alone, which is AES-CTR."""
        if self.key is None or '"event":"encrypted"' not in text:
            return text
        data = json.loads(text)["data"]
        counter = base64.b64decode(data["iv"]) + (2).to_bytes(4, "big")
        opened = subprocess.run(["openssl", "enc", "-d", "-aes-256-ctr", "-K", self.key.hex(), "-iv", counter.hex()],
                                input=base64.b64decode(data["ct"])[:-16], stdout=subprocess.PIPE, check=True)
        self.note(" ", f"which is {opened.stdout.decode(errors='backslashreplace')}")
        return opened.stdout.decode(errors="backslashreplace")

    def read_to_end(self, answers=True):
        """Notes all that comes, and answers a close frame, if it has not begun to close itself."""
        while (text := self.read()) is not None:
            if text == "close" and answers:
                self.write(frame(0x88, b"\x03\xe8"))
                answers = False
        self.close()

    def end(self):
        self.write(frame(0x88, b"\x03\xe8"))
        self.read_to_end(answers=False)
