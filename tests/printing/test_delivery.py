"""A label arrives whole or a sentence says why not, within the time that was given."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from app.kernel.problems import Refused, Trouble
from printing import labels

LABEL = b"^XA^FO0,0^GFA,1,1,1,FF^FS^XZ\n"


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def address(server):
    return f"tcp://127.0.0.1:{server.getsockname()[1]}"


def test_a_file_appears_whole_and_alone(tmp_path):
    labels.deliver(LABEL, str(tmp_path / "tag.zpl"))
    labels.deliver(LABEL * 2, str(tmp_path / "tag.zpl"))
    assert (tmp_path / "tag.zpl").read_bytes() == LABEL * 2
    assert [file.name for file in tmp_path.iterdir()] == ["tag.zpl"]


def test_a_folder_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(Trouble, match="cannot be written: No such file or directory") as trouble:
        labels.deliver(LABEL, str(tmp_path / "nowhere" / "tag.zpl"))
    assert "Choose a folder" in trouble.value.problem.advice


def test_a_folder_is_not_overwritten_by_a_file(tmp_path):
    (tmp_path / "tag.zpl").mkdir()
    with pytest.raises(Trouble, match="cannot be written"):
        labels.deliver(LABEL, str(tmp_path / "tag.zpl"))
    assert [file.name for file in tmp_path.iterdir()] == ["tag.zpl"]


@pytest.mark.parametrize("name", ["", ".", "tag\0.zpl", "x" * 300])
def test_a_name_that_no_file_can_have_is_said_so(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Trouble, match="cannot be written"):
        labels.deliver(LABEL, name)


def test_a_printer_gets_every_byte(listener):
    got = []

    def print_it():
        line, _peer = listener.accept()
        with line:
            got.extend(iter(lambda: line.recv(65536), b""))

    printer = threading.Thread(target=print_it)
    printer.start()
    labels.deliver(LABEL * 20000, address(listener))
    printer.join(timeout=10)
    assert b"".join(got) == LABEL * 20000


def test_a_printer_that_is_off_is_said_so(listener):
    target = address(listener)
    listener.close()
    with pytest.raises(Trouble, match=r"cannot be reached: Connection refused\. Nothing was printed") as trouble:
        labels.deliver(LABEL, target)
    assert "switched on" in trouble.value.problem.advice


def test_a_printer_that_stops_taking_data_is_given_up_in_time(listener):
    started = time.monotonic()
    with pytest.raises(Trouble, match=r"after 0\.3 seconds the label was only partly sent"):
        labels.deliver(LABEL * 1_000_000, address(listener), seconds=0.3)
    assert time.monotonic() - started < 5


def test_a_printer_that_does_not_answer_is_given_up_in_time(listener):
    with pytest.raises(Trouble, match=r"did not answer within 0 seconds\. Nothing was printed"):
        labels.deliver(LABEL, address(listener), seconds=0)


def test_a_printer_that_hangs_up_is_said_so(listener):
    def hang_up():
        line, _peer = listener.accept()
        line.recv(1)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        line.close()

    printer = threading.Thread(target=hang_up)
    printer.start()
    with pytest.raises(Trouble, match="broke off before it had the whole label"):
        labels.deliver(LABEL * 1_000_000, address(listener))
    printer.join(timeout=10)


@pytest.mark.parametrize("host", ["nowhere.invalid", "a..b", "x" * 300])
def test_a_name_that_nobody_knows_is_said_so(host):
    with pytest.raises(Trouble, match="cannot be reached") as trouble:
        labels.deliver(LABEL, f"tcp://{host}:9100")
    assert "Check the address" in trouble.value.problem.advice


@pytest.mark.parametrize(
    "target",
    [
        "tcp://",
        "tcp://:9100",
        "tcp://host:port",
        "tcp://host:99999",
        "tcp://host:0",
        "http://host/",
        "tcp://host/queue",
        "tcp://[::1",
    ],
)
def test_what_is_no_address_is_refused(target):
    with pytest.raises(Refused, match="is not the address of a printer") as refusal:
        labels.deliver(LABEL, target)
    assert "tcp://192.168.1.40:9100" in refusal.value.problems[0].advice
