"""Pictures are compared with the last ones: what changed is named, with the place and the picture to look at."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from ui.seen import Change, Sight, changes, keep, pictures, read
from ui.shots import SIZES, Morning


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Two screens in one look."""
    for number, name in enumerate(("issue", "stock"), start=1):
        drawn(tmp_path / "light-desk-1280" / f"0{number}-{name}.png")
    return tmp_path


def drawn(path: Path, button: str = "#0B5FA5", word: int = 0) -> Path:
    """A grey screen with a button at the bottom right, and a word of that many letters at the top."""
    image = Image.new("RGB", SIZES[0], "#F4F5F6")
    pen = ImageDraw.Draw(image)
    pen.rectangle((1000, 720, 1260, 790), fill=button)
    for letter in range(word):
        pen.rectangle((20 + 12 * letter, 20, 26 + 12 * letter, 36), fill="#15181B")
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    return path


def seen(folder: Path) -> dict[str, Sight]:
    return {name: Sight.of(path) for name, path in pictures(folder).items()}


def test_the_same_pictures_say_nothing(shots: Path) -> None:
    assert list(changes(seen(shots), seen(shots))) == []


def test_a_button_of_another_colour_is_named_with_its_place_and_its_picture(shots: Path) -> None:
    before = seen(shots)
    drawn(shots / "light-desk-1280" / "02-stock.png", button="#F4F5F6")
    [change] = changes(before, seen(shots))
    picture = pictures(shots)[change.name]
    assert change.sentence(picture) == f"changed: light-desk-1280/stock at 960,720 to 1280,800, see {picture}"


def test_one_more_letter_is_noticed_too(shots: Path) -> None:
    before = seen(shots)
    drawn(shots / "light-desk-1280" / "02-stock.png", word=1)
    assert [(one.name, one.how) for one in changes(before, seen(shots))] == [("light-desk-1280/stock", "slightly")]


def test_a_screen_more_and_a_screen_less_are_named_and_a_look_that_was_not_taken_is_not_missed(shots: Path) -> None:
    before = seen(shots) | {"dark-glove-1024/issue": Sight("0" * 8, "A" * 160)}
    (shots / "light-desk-1280" / "02-stock.png").rename(shots / "light-desk-1280" / "02-bins.png")
    assert list(changes(before, seen(shots))) == [
        Change("light-desk-1280/bins", "new"),
        Change("light-desk-1280/stock", "gone"),
    ]


def test_a_screen_put_between_two_others_changes_no_other(shots: Path) -> None:
    before = seen(shots)
    folder = shots / "light-desk-1280"
    (folder / "02-stock.png").rename(folder / "03-stock.png")
    drawn(folder / "02-bins.png")
    assert [one.how for one in changes(before, seen(shots))] == ["new"]


def test_what_was_seen_is_one_file_of_words(shots: Path, tmp_path: Path) -> None:
    keep(tmp_path / "seen.txt", seen(shots))
    assert read(tmp_path / "seen.txt") == seen(shots)
    assert read(tmp_path / "nothing.txt") == {}


def test_the_clock_on_the_pictures_stands_still() -> None:
    calendar = Morning()
    assert calendar() == calendar()
    calendar.set_to = 5
    assert calendar() == 5
