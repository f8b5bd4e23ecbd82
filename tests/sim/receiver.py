#!/usr/bin/env python3
"""A simulator of what takes single events: AUDITOR's /record and a webhook at /hook, with faults on demand.

    tests/sim/receiver.py --dir D --port-file F       serve until a signal comes

D, faults.json and settings.json as in waldur.py; faults are "on" record or hook. The token is sent as Bearer; without a
file "token" in D nobody needs one.
"""
import argparse
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import waldur  # noqa: E402

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (record_id TEXT PRIMARY KEY, body TEXT);
CREATE TABLE IF NOT EXISTS events (id TEXT, body TEXT);
"""


class Store(waldur.Store):
    def __init__(self, directory):
        super().__init__(directory)
        self.db.executescript(SCHEMA)

    def authorized(self, header):
        return not (self.dir / "token").exists() or header == f"Bearer {self.token()}"

    def record(self, method, text):
        record = json.loads(text)
        with self.lock:
            known = self.db.execute("SELECT body FROM records WHERE record_id = ?", (record["record_id"],)).fetchone()
            if method == "PUT":
                if not known:
                    raise waldur.Refused(404, "not found")
                # Whatever else the body says, only the end changes.
                record = {**json.loads(known[0]), "stop_time": record["stop_time"]}
            elif known:
                raise waldur.Refused(500, "RECORD_EXISTS")
            self.db.execute("INSERT OR REPLACE INTO records VALUES (?, ?)", (record["record_id"], json.dumps(record)))

    def event(self, key, text):
        if not key or not re.fullmatch(r'"[0-9a-f]{64}"', key):
            raise waldur.Refused(400, "no Idempotency-Key")
        with self.lock:
            if self.db.execute("SELECT 1 FROM events WHERE id = ?", (key,)).fetchone():
                raise waldur.Refused(409, "known")
            self.db.execute("INSERT INTO events VALUES (?, ?)", (key, text))


class Handler(waldur.Handler):
    def do_GET(self):
        self._serve("get")

    def do_POST(self):
        self._serve(self.path.strip("/"))

    do_PUT = do_POST

    def _route(self, body):
        if not self.store.authorized(self.headers.get("Authorization")):
            raise waldur.Refused(401, "who are you?")
        if self.path == "/record" and self.command in ("POST", "PUT"):
            self.store.record(self.command, body)
            return 200, b"", {}
        if self.path == "/hook" and self.command == "POST":
            self.store.event(self.headers.get("Idempotency-Key"), body)
            return 202, b"", {}
        raise waldur.Refused(404, "not found")


class Receiver(waldur.Waldur):
    """The simulator for tests, driven through its directory."""

    script = __file__

    def records(self):
        return {name: json.loads(body) for name, body in self.query("SELECT record_id, body FROM records")}

    def events(self):
        return [json.loads(body) for _, body in self.query("SELECT id, body FROM events ORDER BY rowid")]

    def forget(self):
        self.query("DELETE FROM records")
        self.query("DELETE FROM events")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", type=pathlib.Path, required=True)
    parser.add_argument("--port-file", type=pathlib.Path, required=True)
    args = parser.parse_args()
    waldur.serve(args.dir, args.port_file, Handler, Store)


if __name__ == "__main__":
    main()
