"""A way to slurmdbd that can be blocked in the middle of an answer: for test_crash.py.

    with Relay(port, stall=20000) as relay:     # the port of slurmdbd
        ...                                     # relay.port is the one to connect to
        relay.stalled.is_set()                  # half of the first answer of more than 20,000 bytes has been passed on
        relay.go_on.set()

Slurm's messages begin with their length, in four bytes; those to slurmdbd are passed on as they come.
"""

import contextlib
import socket
import struct
import threading

CHUNK = 4096


class Relay:
    def __init__(self, port, stall):
        self.dbd, self.stall = port, stall
        self.stalled, self.go_on = threading.Event(), threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open = []

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.go_on.set()
        for one in (self.listener, *self.open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                near = self.listener.accept()[0]
                far = socket.create_connection(("127.0.0.1", self.dbd))
                self.open += [near, far]
                threading.Thread(target=self.pass_on, args=(near, far), daemon=True).start()
                threading.Thread(target=self.answer, args=(far, near), daemon=True).start()

    @staticmethod
    def pass_on(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def answer(self, source, target):
        with contextlib.suppress(OSError):
            while head := self.exactly(source, 4):
                length = struct.unpack("!I", head)[0]
                target.sendall(head)
                self.body(source, target, length)
            target.shutdown(socket.SHUT_WR)

    def body(self, source, target, length):
        left, half = length, length // 2 if length > self.stall and not self.stalled.is_set() else -1
        while left:
            if left <= half:
                half = -1
                self.stalled.set()
                self.go_on.wait()
            data = source.recv(min(left, CHUNK))
            if not data:
                raise OSError("cut off")
            target.sendall(data)
            left -= len(data)

    @staticmethod
    def exactly(source, count):
        data = b""
        while len(data) < count:
            more = source.recv(count - len(data))
            if not more:
                return b""
            data += more
        return data


__all__ = ["Relay"]
