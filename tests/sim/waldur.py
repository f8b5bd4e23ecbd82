#!/usr/bin/env python3
"""A simulator of Waldur's usage API, with the real service's rules and faults on demand.

    tests/sim/waldur.py --dir D --port-file F [--resource UUID[:component,...]] [--staff]   serve until a signal comes
    tests/sim/waldur.py --dir D --show                                                      print the totals as JSON lines

D gets, made where missing: ca.pem (a throw-away CA), token (what clients must send), waldur.db (totals and a log of
every request), resources.json and faults.json (both may be edited while it runs). HTTPS on 127.0.0.1, any free port.

resources.json  {"<uuid>": {"state": "OK", "components": {"gpu_hours": "limit"}, "backend_id": "…", "offering": "…"}}
settings.json   {"staff": false, "now": null or "2026-11-30T23:59:59+00:00", "mutual": false (client certificates; at start)}
faults.json     [{"on": "set|list|any", "do": KIND, "times": 1, …}]; the first that fits is used, then counted down
  KIND          delay {"seconds": 2}   status {"status": 503, "retry_after": 1, "body": "…"}   garbage
                huge {"bytes": 8388608}   drop-before, drop-after (the connection; before or after the totals changed)
                slow {"seconds": 1}   twice (the same answer again, unasked)   noise (no HTTP at all)
"""
import argparse
import datetime
import decimal
import http.server
import json
import os
import pathlib
import re
import signal
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from simfiles import prepare, read_json, write_json  # noqa: E402

USAGES = "/api/marketplace-component-usages/"
RESOURCES = "/api/marketplace-provider-resources/"
SCHEMA = """
CREATE TABLE IF NOT EXISTS usages (uuid TEXT, resource TEXT, component TEXT, month TEXT, amount TEXT,
  PRIMARY KEY (resource, component, month));
CREATE TABLE IF NOT EXISTS user_usages (usage TEXT, username TEXT, amount TEXT, PRIMARY KEY (usage, username));
CREATE TABLE IF NOT EXISTS requests (seq INTEGER PRIMARY KEY, at REAL, method TEXT, path TEXT, body TEXT,
  status INTEGER, fault TEXT);
"""


class Refused(Exception):
    """An answer other than success: status and a JSON body."""

    def __init__(self, status, body):
        super().__init__(body)
        self.status = status
        self.body = body


def plain_uuid(text):
    try:
        return uuid.UUID(text).hex
    except (ValueError, AttributeError, TypeError):
        return None


class Store:
    """The service's state in a directory; rules live here, HTTP does not."""

    def __init__(self, directory):
        self.dir = pathlib.Path(directory)
        self.lock = threading.Lock()
        self.db = sqlite3.connect(self.dir / "waldur.db", check_same_thread=False, isolation_level=None, timeout=30)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.executescript(SCHEMA)

    def resources(self):
        return {plain_uuid(k): v for k, v in read_json(self.dir / "resources.json", {}).items()}

    def settings(self):
        return read_json(self.dir / "settings.json", {})

    def now(self):
        fixed = self.settings().get("now")
        if fixed:
            return datetime.datetime.fromisoformat(fixed)
        return datetime.datetime.now(datetime.timezone.utc)

    def epoch(self):
        return read_json(self.dir / "epoch.json", 0)

    def token(self):
        return (self.dir / "token").read_text(encoding="ascii").strip()

    def take_fault(self, kind):
        """The next scripted fault for this kind of request, counted down."""
        path = self.dir / "faults.json"
        with self.lock:
            faults = read_json(path, [])
            for fault in faults:
                if fault.get("on", "any") in (kind, "any") and fault.get("times", 1) > 0:
                    fault["times"] = fault.get("times", 1) - 1
                    write_json(path, faults)
                    return fault
        return None

    def log(self, method, path, body, status, fault):
        with self.lock:
            self.db.execute("INSERT INTO requests (at, method, path, body, status, fault) VALUES (?, ?, ?, ?, ?, ?)",
                            (time.time(), method, path, body, status, fault))

    # set_usage

    def _resource(self, data):
        name = plain_uuid(data.get("resource"))
        resource = self.resources().get(name)
        if not resource:
            raise Refused(400, {"resource": [f"Object with uuid={data.get('resource')} does not exist."]})
        if resource.get("state", "OK") not in ("OK", "UPDATING", "TERMINATING"):
            raise Refused(409, {"detail": "Resource is not in an allowed state: OK, UPDATING, TERMINATING."})
        return name, resource

    def _month(self, data, resource):
        date = data.get("date")
        if date is None:
            return self.now().strftime("%Y-%m")
        limits_only = all(kind == "limit" for kind in resource["components"].values())
        if not self.settings().get("staff", False) and not limits_only:
            raise Refused(400, {"date": ["Only staff can submit usage for a past period."]})
        try:
            parsed = datetime.datetime.fromisoformat(date.replace("Z", "+00:00"))
        except (ValueError, AttributeError):
            raise Refused(400, {"date": ["Datetime has wrong format."]}) from None
        if parsed > self.now() + datetime.timedelta(minutes=5):
            raise Refused(400, {"date": ["Date is in the future."]})
        return parsed.astimezone(datetime.timezone.utc).strftime("%Y-%m")

    @staticmethod
    def _amount(usage):
        try:
            amount = decimal.Decimal(str(usage.get("amount")))
        except decimal.InvalidOperation:
            raise Refused(400, {"usages": [{"amount": ["A valid number is required."]}]}) from None
        if not amount.is_finite() or amount < 0:
            raise Refused(400, {"usages": [{"amount": ["Ensure this value is greater than or equal to 0."]}]})
        if amount.as_tuple().exponent < -2:
            raise Refused(400, {"usages": [{"amount": ["Ensure that there are no more than 2 decimal places."]}]})
        if amount >= decimal.Decimal(10) ** 18:
            raise Refused(400, {"usages": [{"amount": ["Ensure that there are no more than 20 digits in total."]}]})
        return amount.quantize(decimal.Decimal("0.01"))

    def set_usage(self, data):
        if not isinstance(data, dict) or not isinstance(data.get("usages"), list):
            raise Refused(400, {"usages": ["This field is required."]})
        name, resource = self._resource(data)
        month = self._month(data, resource)
        rows = []
        for usage in data["usages"]:
            component = usage.get("type") if isinstance(usage, dict) else None
            if resource["components"].get(component) not in ("usage", "limit"):
                raise Refused(400, {"usages": [f"Component {component} is not found or is not of type usage or limit."]})
            rows.append((uuid.uuid4().hex, name, component, month, str(self._amount(usage))))
        with self.lock:
            self.db.execute("BEGIN IMMEDIATE")
            self.db.executemany("INSERT INTO usages VALUES (?, ?, ?, ?, ?) ON CONFLICT (resource, component, month)"
                                " DO UPDATE SET amount = excluded.amount", rows)
            self.db.execute("COMMIT")

    def set_user_usages(self, usage, data):
        """All or nothing; the usage must be there."""
        if not self.db.execute("SELECT 1 FROM usages WHERE uuid = ?", (usage,)).fetchone():
            raise Refused(404, {"detail": "Not found."})
        if not isinstance(data, dict) or not isinstance(data.get("usages"), list):
            raise Refused(400, {"usages": ["This field is required."]})
        rows = []
        for item in data["usages"]:
            if not isinstance(item, dict) or not item.get("username") or set(item) - {"username", "usage", "user", "date"}:
                raise Refused(400, {"usages": [f"bad item {item}"]})
            rows.append((usage, item["username"], str(self._amount({"amount": item.get("usage")}))))
        with self.lock:
            self.db.execute("BEGIN IMMEDIATE")
            self.db.executemany("INSERT OR REPLACE INTO user_usages VALUES (?, ?, ?)", rows)
            self.db.execute("COMMIT")

    # lists

    def list_usages(self, query):
        rows = self.db.execute("SELECT uuid, resource, component, month, amount FROM usages ORDER BY rowid").fetchall()
        wanted = plain_uuid(query["resource_uuid"][0]) if "resource_uuid" in query else None
        answer = []
        for name, resource, component, month, amount in rows:
            if "resource_uuid" in query and resource != wanted:
                continue
            if "billing_period" in query and query["billing_period"][0] != month + "-01":
                continue
            answer.append({"uuid": name, "type": component, "usage": amount, "resource_uuid": resource,
                           "billing_period": month + "-01", "date": month + "-01T00:00:00Z"})
        return answer

    def list_resources(self, query):
        return [{"uuid": name, "backend_id": item.get("backend_id", ""), "state": item.get("state", "OK"),
                 "offering_uuid": item.get("offering", ""), "limits": item.get("limits", {})}
                for name, item in self.resources().items()
                if query.get("state", [item.get("state", "OK")])[0] == item.get("state", "OK")
                and query.get("offering_uuid", [item.get("offering", "")])[0] == item.get("offering", "")]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    store = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        self._serve("list")

    def do_POST(self):
        self._serve("set")

    def _body(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length > 1 << 20:
            raise Refused(413, {"detail": "Too large."})
        return self.rfile.read(length).decode("utf-8", "replace")

    @staticmethod
    def _data(body):
        try:
            return json.loads(body)
        except ValueError:
            raise Refused(400, {"detail": "JSON parse error."}) from None

    def _route(self, body):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        if self.headers.get("Authorization") != f"Token {self.store.token()}":
            raise Refused(401, {"detail": "Invalid token."})
        if self.command == "POST" and url.path == USAGES + "set_usage/":
            self.store.set_usage(self._data(body))
            return 201, b"", {}
        users = re.fullmatch(re.escape(USAGES) + r"([0-9a-f]{32})/set_user_usages/", url.path)
        if self.command == "POST" and users:
            self.store.set_user_usages(users[1], self._data(body))
            return 201, b"", {}
        if self.command == "GET" and url.path == USAGES:
            return self._page(self.store.list_usages(query), query)
        if self.command == "GET" and url.path == RESOURCES:
            return self._page(self.store.list_resources(query), query)
        raise Refused(404, {"detail": "Not found."})

    @staticmethod
    def _page(items, query):
        size = min(int(query.get("page_size", ["10"])[0]), 300)
        page = int(query.get("page", ["1"])[0])
        part = items[(page - 1) * size:page * size]
        if "field" in query:
            part = [{k: v for k, v in item.items() if k in query["field"]} for item in part]
        return 200, json.dumps(part).encode(), {"X-Result-Count": str(len(items))}

    def _serve(self, kind):
        fault = self.store.take_fault(kind) or {}
        act = fault.get("do")
        body = ""
        try:
            body = self._body()
            if act == "drop-before":
                return self._drop(body, act)
            if act == "delay" and not self._delay(fault.get("seconds", 1)):
                return None
            if act == "noise":
                self.store.log(self.command, self.path, body, 0, act)
                self.close_connection = True
                self.wfile.write(b"\x00\xff\x00noise\r\n\r\n" * 100)
                return None
            if act == "huge":
                self.store.log(self.command, self.path, body, 200, act)
                return self._huge(fault.get("bytes", 8 << 20))
            answer = self._faulty(fault) or self._route(body)
        except Refused as refused:
            answer = refused.status, json.dumps(refused.body).encode(), {}
        self.store.log(self.command, self.path, body, answer[0], act)
        if act == "drop-after":
            return self._drop(None, act)
        if act == "twice":
            self._answer(*answer)
        return self._answer(*answer, slow=fault.get("seconds", 1) if act == "slow" else 0)

    @staticmethod
    def _faulty(fault):
        if fault.get("do") == "status":
            headers = {"Retry-After": str(fault["retry_after"])} if "retry_after" in fault else {}
            return fault.get("status", 500), fault.get("body", '{"detail": "scripted"}').encode(), headers
        if fault.get("do") == "garbage":
            return 200, b"<html>\x00 It works! \xff</html>", {}
        return None

    def _delay(self, seconds):
        """False when the service was cleared meanwhile: the request belongs to a test that is over."""
        before = self.store.epoch()
        time.sleep(seconds)
        self.close_connection = self.store.epoch() != before
        return not self.close_connection

    def _huge(self, size):
        """A body that no client should keep; not made in one piece here either."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(size))
        self.end_headers()
        self.close_connection = True
        piece = b" " * (1 << 16)
        try:
            for _ in range(0, size, len(piece)):
                self.wfile.write(piece)
        except OSError:
            pass

    def _drop(self, body, act):
        if body is not None:
            self.store.log(self.command, self.path, body, 0, act)
        self.close_connection = True
        # Not a clean end of TLS: what a client sees when a machine or a balancer dies.
        self.connection.close()

    def _answer(self, status, body, headers, slow=0):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) + (1000 if slow else 0)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
            for _ in range(1000 if slow else 0):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(slow)
        except OSError:
            self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, context, handler):
        super().__init__(("127.0.0.1", 0), handler)
        # The handshake happens in the connection's own thread, so that one silent client cannot stop the others.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request, client_address):
        pass


def serve(directory, port_file, base=Handler, store=Store):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "server.pem", directory / "server.key")
    if read_json(directory / "settings.json", {}).get("mutual"):
        context.load_verify_locations(directory / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
    handler = type("BoundHandler", (base,), {"store": store(directory)})
    server = Server(context, handler)
    aside = pathlib.Path(f"{port_file}.{os.getpid()}.new")
    aside.write_text(f"{server.server_address[1]}\n", encoding="ascii")
    os.replace(aside, port_file)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.2)


class Waldur:
    """The simulator for tests: a process of its own, driven through its directory."""

    script = __file__

    def __init__(self, directory, names="DNS:localhost,IP:127.0.0.1"):
        self.dir = pathlib.Path(directory)
        self.process = None
        self.port = None
        prepare(self.dir, names)

    ca_file = property(lambda self: self.dir / "ca.pem")
    token_file = property(lambda self: self.dir / "token")
    url = property(lambda self: f"https://127.0.0.1:{self.port}")

    def start(self, timeout=30):
        port_file = self.dir / "port"
        port_file.unlink(missing_ok=True)
        self.process = subprocess.Popen([sys.executable, self.script, "--dir", self.dir, "--port-file", port_file])
        deadline = time.monotonic() + timeout
        while not port_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the Waldur simulator did not start")
            time.sleep(0.05)
        self.port = int(port_file.read_text(encoding="ascii"))
        return self

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def resource(self, name, components=("gpu_hours",), state="OK", kind="limit", **more):
        path = self.dir / "resources.json"
        all_of_them = read_json(path, {})
        all_of_them[name] = {"state": state, "components": {c: kind for c in components}, **more}
        write_json(path, all_of_them)

    def settings(self, **values):
        write_json(self.dir / "settings.json", values)

    def faults(self, *faults):
        write_json(self.dir / "faults.json", list(faults))

    def faults_left(self):
        return sum(fault.get("times", 1) for fault in read_json(self.dir / "faults.json", []))

    def query(self, sql, *values):
        with sqlite3.connect(self.dir / "waldur.db", timeout=30) as db:
            return db.execute(sql, values).fetchall()

    def totals(self):
        """{(resource, component, month): "12.34"}"""
        if not (self.dir / "waldur.db").exists():
            return {}
        return {(str(uuid.UUID(r)), c, m): a
                for r, c, m, a in self.query("SELECT resource, component, month, amount FROM usages")}

    def user_totals(self):
        """{(resource, component, month, user): "12.34"}"""
        return {(str(uuid.UUID(r)), c, m, u): a for r, c, m, u, a in self.query(
            "SELECT resource, component, month, username, user_usages.amount FROM user_usages JOIN usages ON usage = uuid")}

    def put(self, resource, component, month, amount):
        """Change a total behind the reporter's back."""
        self.query("INSERT OR REPLACE INTO usages VALUES (?, ?, ?, ?, ?)", uuid.uuid4().hex, plain_uuid(resource),
                   component, month, amount)

    def forget(self):
        """Lose what was acknowledged, as a restore of an old backup does."""
        self.query("DELETE FROM usages")

    def clear(self):
        """As new, but for its address and its keys; returns self."""
        write_json(self.dir / "epoch.json", read_json(self.dir / "epoch.json", 0) + 1)
        for name in ("faults.json", "settings.json", "resources.json"):
            (self.dir / name).unlink(missing_ok=True)
        for table, in self.query("SELECT name FROM sqlite_master WHERE type = 'table'"):
            self.query(f"DELETE FROM {table}")
        return self

    def requests(self, method=None):
        rows = self.query("SELECT method, path, body, status, fault FROM requests ORDER BY seq")
        return [row for row in rows if method in (None, row[0])]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", type=pathlib.Path, required=True)
    parser.add_argument("--port-file", type=pathlib.Path)
    parser.add_argument("--resource", action="append", default=[], metavar="UUID[:component,...]")
    parser.add_argument("--staff", action="store_true", help="the token may report past months")
    parser.add_argument("--show", action="store_true", help="print the totals and end")
    args = parser.parse_args()
    if not args.show and not args.port_file:
        parser.error("--port-file is needed to serve")
    return args


def main():
    args = arguments()
    simulator = Waldur(args.dir)
    if args.show:
        for (resource, component, month), amount in sorted(simulator.totals().items()):
            print(json.dumps({"resource": resource, "component": component, "month": month, "amount": amount}))
        return
    for item in args.resource:
        name, _, components = item.partition(":")
        if not plain_uuid(name) or not re.fullmatch(r"[\w,]*", components):
            sys.exit(f"waldur.py: resource {item!r}: expected UUID[:component,...]")
        simulator.resource(name, components.split(",") if components else ("gpu_hours",))
    if args.staff:
        simulator.settings(staff=True)
    serve(args.dir, args.port_file)


if __name__ == "__main__":
    main()
