"""Keys of stores: kept by the system where it can, bound to the machine where it cannot, told honestly, never lost or shown."""

import logging
import threading
from contextlib import closing

import pytest
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked

from app.kernel.keys import KeyFile, KeyKeeper, Keystore, machine_id, machine_keeper
from app.kernel.problems import Trouble
from app.kernel.store import Store, mark_of


class Wallet(KeyringBackend):
    """Stands in for a desktop's key store."""

    __module__ = "keyring.backends.SecretService"
    priority = 5

    def __init__(self):
        self.kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password


class Locked(Wallet):
    __module__ = "keyring.backends.SecretService"

    def get_password(self, *names):
        raise KeyringLocked(f"secret {names}")

    def set_password(self, *secrets):
        raise KeyringLocked(f"secret {secrets}")


class PlainText(Wallet):
    """A third party's backend that writes secrets into a plain file."""

    __module__ = "keyrings.alt.file"


def _here():
    return b"a1" * 16


def _elsewhere():
    return b"b2" * 16


@pytest.fixture
def path(tmp_path):
    return tmp_path / "fettle" / "workshop.fettle"


def _made(keeper, path):
    key = keeper.make(path)
    Store.create(path, key).close()
    return key


@pytest.fixture
def wallet():
    return Wallet()


@pytest.fixture
def desktop(wallet):
    return KeyKeeper(Keystore(lambda: wallet), KeyFile(_here))


def test_where_the_system_keeps_keys_it_keeps_ours(desktop, wallet, path):
    key = _made(desktop, path)
    assert len(key) == 32
    assert desktop.find(path) == key
    assert list(wallet.kept) == [("Fettle", mark_of(key).hex())]
    assert not list(path.parent.glob("*.key"))
    told = desktop.describe(path)
    assert told.safe
    assert told.sentence.endswith("key store.")


def test_a_chain_of_key_stores_is_searched_for_a_real_one(wallet, path, monkeypatch):
    monkeypatch.setattr(ChainerBackend, "backends", [PlainText(), wallet])
    keeper = KeyKeeper(Keystore(ChainerBackend), KeyFile(_here))
    key = _made(keeper, path)
    assert wallet.kept[("Fettle", mark_of(key).hex())] == key.hex()


@pytest.mark.parametrize("backend", [NoKeyring, PlainText, Locked])
def test_without_a_real_key_store_a_private_file_is_used_and_said_so(backend, path):
    keeper = KeyKeeper(Keystore(backend), KeyFile(_here))
    key = _made(keeper, path)
    assert keeper.find(path) == key
    [file] = path.parent.glob("*.key")
    assert file.stat().st_mode & 0o777 == 0o600
    assert key.hex() not in file.read_text()
    told = keeper.describe(path)
    assert not told.safe
    assert "private file" in told.sentence
    assert "Encrypt this machine's disk" in told.advice


def test_a_key_file_opens_nothing_on_another_machine(path):
    key = _made(KeyKeeper(KeyFile(_here)), path)
    with pytest.raises(Trouble, match="another machine") as trouble:
        KeyKeeper(KeyFile(_elsewhere)).find(path)
    assert trouble.value.problem.code == "key.moved"
    assert KeyKeeper(KeyFile(_here)).find(path) == key


@pytest.mark.parametrize("text", ["", "bound", "bound 00", "free \xff\xfe", "bound " + "0" * 64])
def test_a_key_file_that_was_changed_is_told(text, path):
    keeper = KeyKeeper(KeyFile(_here))
    _made(keeper, path)
    [file] = path.parent.glob("*.key")
    file.write_text(text, "latin-1")
    with pytest.raises(Trouble, match="was changed"):
        keeper.find(path)


def test_a_machine_without_an_id_says_that_its_file_works_anywhere(path):
    keeper = KeyKeeper(KeyFile(lambda: b""))
    key = _made(keeper, path)
    assert "any machine" in keeper.describe(path).sentence
    assert KeyKeeper(KeyFile(_elsewhere)).find(path) == key


def test_a_new_store_never_costs_the_key_of_an_old_one(path):
    keeper = KeyKeeper(KeyFile(_here))
    old = _made(keeper, path)
    set_aside = path.rename(path.with_name("damaged.fettle"))
    new = _made(keeper, path)
    assert (keeper.find(set_aside), keeper.find(path)) == (old, new)


def test_a_key_made_before_the_desktop_had_a_key_store_is_still_found(desktop, path):
    key = _made(KeyKeeper(KeyFile(_here)), path)
    assert desktop.find(path) == key


def test_a_store_without_its_key_is_told_in_words(desktop, path):
    Store.create(path, bytes(32)).close()
    with pytest.raises(Trouble, match="not on this machine") as trouble:
        desktop.find(path)
    assert "Sign in" in trouble.value.problem.advice


def test_a_folder_that_cannot_be_written_is_told_before_a_store_is_made(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Trouble, match="kept nowhere"):
        KeyKeeper(KeyFile(_here)).make(tmp_path / "file" / "workshop.fettle")


def test_a_key_store_that_never_answers_is_asked_once_and_no_more(path):
    release, asked = threading.Event(), []

    def silent():
        asked.append(threading.current_thread())
        release.wait(30)
        return NoKeyring()

    keeper = KeyKeeper(Keystore(silent, patience=0.05), KeyFile(_here))
    key = _made(keeper, path)
    assert keeper.find(path) == key
    assert len(asked) == 1
    release.set()
    asked[0].join(30)


def test_keys_are_never_logged(path, caplog):
    with caplog.at_level(logging.DEBUG):
        key = _made(KeyKeeper(Keystore(Locked), KeyFile(_here)), path)
    assert "KeyringLocked" in caplog.text
    assert key.hex() not in caplog.text
    assert "secret" not in caplog.text


def test_this_machine_s_keeper_makes_and_finds_a_key(path, monkeypatch):
    monkeypatch.setattr("keyring.get_keyring", NoKeyring)
    keeper = machine_keeper()
    key = _made(keeper, path)
    with closing(Store.open(path, keeper.find(path), ())):
        assert keeper.find(path) == key


def test_this_machine_s_id_does_not_change_between_two_looks():
    assert machine_id() == machine_id()
