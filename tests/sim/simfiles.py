"""What is in the directory of a simulator beside its database: JSON files, certificates of a throw-away CA, a token."""

import json
import os
import secrets
import subprocess


def write_json(path, value):
    """Replace a file at once, so that the other side never reads half of it."""
    aside = path.with_name(path.name + f".{os.getpid()}.new")
    aside.write_text(json.dumps(value, indent=1), encoding="utf-8")
    os.replace(aside, path)


def read_json(path, default):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default


def openssl(directory, *words, stdin=None):
    subprocess.run(["openssl", *words], cwd=directory, check=True, input=stdin, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def make_certificates(directory, names="DNS:localhost,IP:127.0.0.1"):
    """A CA and a server certificate of it, made once per directory."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    if not (directory / "ca.pem").exists():
        openssl(directory, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj",
                "/CN=simulator CA")
    openssl(directory, "req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=simulator")
    (directory / "server.ext").write_text(f"subjectAltName={names}\n", encoding="ascii")
    openssl(directory, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial",
            str(secrets.randbits(64)), "-days", "30", "-extfile", "server.ext", "-out", "server.pem")


def make_client_certificate(directory):
    """client.pem and client.key, from the same CA; returns both paths."""
    pem, key = directory / "client.pem", directory / "client.key"
    if not pem.exists():
        openssl(directory, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                "-out", "client.csr", "-subj", "/CN=reporter")
        openssl(directory, "x509", "-req", "-in", "client.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial",
                str(secrets.randbits(64)), "-days", "30", "-out", pem)
    return pem, key


def prepare(directory, names="DNS:localhost,IP:127.0.0.1"):
    directory.mkdir(parents=True, exist_ok=True)
    if not (directory / "server.pem").exists():
        make_certificates(directory, names)
    if not (directory / "token").exists():
        path = directory / "token"
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(20) + "\n", encoding="ascii")
