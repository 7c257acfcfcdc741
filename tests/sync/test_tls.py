"""The line within TLS: whom it believes, and that its deadlines hold there too."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.kernel.problems import Trouble
from sync.terminal import http
from sync.terminal.http import HttpLine

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000


def certified(folder: Path, name: str, *, days: int = 1) -> tuple[Path, Path]:
    """A certificate for this machine that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / f"{name}.pem", folder / f"{name}.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return pem, private


class Secured:
    """A server within TLS that answers every request on a connection alike; without an answer it says nothing."""

    def __init__(self, pem: Path, private: Path, answer: bytes) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pem, private)
        self._answer = answer
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._held: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self._listening.getsockname()[1]}"

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                caller, _where = self._listening.accept()
                self._held.append(caller)
                threading.Thread(target=self._talk, args=(caller,), daemon=True).start()

    def _talk(self, caller: socket.socket) -> None:
        with suppress(OSError):
            secured = self._context.wrap_socket(caller, server_side=True)
            self._held.append(secured)
            while secured.recv(1 << 16):
                secured.sendall(self._answer)

    def close(self) -> None:
        self._listening.close()
        for one in self._held:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@pytest.fixture
def lines() -> Iterator[list[HttpLine | Secured]]:
    """What is closed after the test."""
    made: list[HttpLine | Secured] = []
    yield made
    for one in made:
        one.close()
        if isinstance(one, HttpLine):
            one.end()


def line(lines: list[HttpLine | Secured], folder: Path, *, trusted: bool, days: int = 1, answer: bytes = ANSWER) -> HttpLine:
    pem, private = certified(folder, "hub", days=days)
    server = Secured(pem, private, answer)
    made = HttpLine(server.address, str(pem) if trusted else "")
    lines += [server, made]
    return made


def code(made: HttpLine) -> str:
    with pytest.raises(Trouble) as told:
        made.carry("GET", "/health", {}, b"")
    return told.value.problem.code


def test_a_hub_whose_authority_is_known_is_believed(lines: list[HttpLine | Secured], tmp_path: Path) -> None:
    made = line(lines, tmp_path, trusted=True)
    for _each in range(3):
        assert len(made.carry("GET", "/health", {}, b"").body) == 200_000
    assert made.network.connected == 1


def test_who_vouches_only_for_itself_is_not_believed(lines: list[HttpLine | Secured], tmp_path: Path) -> None:
    assert code(line(lines, tmp_path, trusted=False)) == "hub.certificate"


def test_a_certificate_that_has_run_out_is_not_believed(lines: list[HttpLine | Secured], tmp_path: Path) -> None:
    assert code(line(lines, tmp_path, trusted=True, days=-1)) == "hub.certificate"


def test_a_hub_that_says_nothing_within_tls_is_given_up(
    lines: list[HttpLine | Secured], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "DEADLINE", 0.5)
    assert code(line(lines, tmp_path, trusted=True, answer=b"")) == "hub.silent"
