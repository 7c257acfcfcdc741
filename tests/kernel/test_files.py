"""Files are held by one program, private, and told apart from network drives."""

from pathlib import Path

import pytest

from app.kernel import files
from app.kernel.files import FileLock, make_folder, network_of

MOUNTS = r"""/dev/sda2 / ext4 rw,relatime 0 0
tmpfs /run tmpfs rw 0 0
nas:/parts /mnt/parts nfs4 rw,vers=4.2 0 0
//office/share /mnt/office\040share cifs rw 0 0
keeper@nas:/ /mnt/ssh fuse.sshfs rw 0 0
/dev/sdb1 /mnt/parts/local ext4 rw 0 0
/dev/sdc1 /mnt/stick vfat rw 0 0
portal /run/user/1000/doc fuse.portal rw 0 0
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/home/keeper/store", ""),
        ("/mnt/parts/store", "nfs4"),
        ("/mnt/parts", "nfs4"),
        ("/mnt/partsbin/store", ""),
        ("/mnt/parts/local/store", ""),
        ("/mnt/office share/store", "cifs"),
        ("/mnt/ssh/store", "fuse.sshfs"),
        ("/mnt/stick/store", ""),
        ("/run/user/1000/doc/store", ""),
    ],
)
def test_a_network_drive_is_known_by_its_mount(place, kind, tmp_path, monkeypatch):
    table = tmp_path / "mounts"
    table.write_text(MOUNTS)
    monkeypatch.setattr(files, "_MOUNTS", table)
    assert network_of(Path(place)) == kind


def test_a_later_mount_hides_the_earlier_one_on_the_same_place(tmp_path, monkeypatch):
    table = tmp_path / "mounts"
    table.write_text("server:/ /data nfs rw 0 0\n/dev/sdb1 /data ext4 rw 0 0\n")
    monkeypatch.setattr(files, "_MOUNTS", table)
    assert network_of(Path("/data/store")) == ""


def test_a_link_to_a_network_drive_is_seen_through(tmp_path, monkeypatch):
    real = tmp_path / "nas"
    real.mkdir()
    (tmp_path / "here").symlink_to(real)
    table = tmp_path / "mounts"
    table.write_text(f"/dev/sda2 / ext4 rw 0 0\nserver:/ {real.resolve()} nfs rw 0 0\n")
    monkeypatch.setattr(files, "_MOUNTS", table)
    assert network_of(tmp_path / "here" / "store") == "nfs"


def test_this_machine_s_disk_is_no_network_drive(tmp_path):
    assert network_of(tmp_path / "store") == ""


def test_a_lock_has_one_holder_and_is_free_again_afterwards(tmp_path):
    held = FileLock(tmp_path / "lock")
    held.write("first")
    with pytest.raises(BlockingIOError):
        FileLock(tmp_path / "lock")
    held.release()
    held.release()
    again = FileLock(tmp_path / "lock")
    assert again.read() == "first"
    again.write("2nd")
    assert again.read() == "2nd"
    again.release()


def test_new_folders_belong_to_their_owner_alone(tmp_path):
    tmp_path.chmod(0o755)
    make_folder(tmp_path / "fettle" / "store")
    assert [folder.stat().st_mode & 0o777 for folder in (tmp_path / "fettle", tmp_path / "fettle" / "store")] == [0o700, 0o700]
    assert tmp_path.stat().st_mode & 0o777 == 0o755
