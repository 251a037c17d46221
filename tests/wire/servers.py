"""Starts `hearth serve --dev` and redis-server for a conversation, and ends them."""

import os
import socket
import subprocess
import tempfile
import time

PATIENCE = 60


class Servers:
    """Starts servers, and ends what it has started."""

    def __init__(self, command):
        self.command = os.path.abspath(command)
        self.folder = tempfile.TemporaryDirectory(prefix="hearth-wire-")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("HEARTH_")}
        self.running = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.running:
            process.kill()
            process.wait()
        self.folder.cleanup()

    def run(self, *words, **more):
        process = subprocess.Popen(words, cwd=self.folder.name, stderr=subprocess.DEVNULL, **more)
        self.running.append(process)
        return process

    def start(self, *flags, **variables):
        """A server on a free port of this machine, and its port. Messages do not name their rooms, as in Ignis."""
        process = self.run(self.command, "serve", "--dev", "--listen", "127.0.0.1:0", "--threads", "1", *flags,
                           stdout=subprocess.PIPE, text=True,
                           env={**self.environment, "HEARTH_SERVER_NAME_ROOMS": "false", **variables})
        for line in process.stdout:
            if line.startswith("listening on 127.0.0.1:"):
                return process, int(line.rpartition(":")[2])
        raise RuntimeError("the server has ended")

    def redis(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.run("redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", stdout=subprocess.DEVNULL)
        until(lambda: ask_redis(port, "PING") == "PONG")
        return port

    def emit(self, redis, *words):
        done = subprocess.run([self.command, "emit", *words, "--redis", f"redis://127.0.0.1:{redis}"],
                              cwd=self.folder.name, env=self.environment, stdout=subprocess.DEVNULL)
        if done.returncode != 0:
            raise RuntimeError(f"hearth emit {words}: {done.returncode}")


def until(holds):
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError("waited in vain")
        time.sleep(0.01)


def ask_redis(port, *words):
    """The last line of Redis's answer, without its sign; none without Redis."""
    request = f"*{len(words)}\r\n" + "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in words)
    try:
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
            connection.sendall(request.encode())
            return connection.recv(65536).decode().split("\r\n")[-2].lstrip("+:")
    except OSError:
        return None
