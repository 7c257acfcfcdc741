"""A template is data: it names plain fields and places, and one that is not sound is refused before it draws anything."""

from __future__ import annotations

import pytest

from app.kernel.problems import Refused
from printing import templates

HEAD = 'format = 1\nversion = 3\ntitle = "Test"\nsize = [500, 250]\nneeds = ["code"]\nmay = ["name"]\n'
TEXT = '[[text]]\nsay = "{code}"\narea = [10, 10, 200, 100]\npoints = [6, 12]\n'
CODE = '[[code]]\nkind = "datamatrix"\nof = "{code}"\narea = [300, 10, 190, 190]\ndots = [3, 6]\n'


def test_a_sound_template_says_what_it_needs():
    template = templates.parse("test", HEAD + TEXT + CODE)
    assert (template.title, template.version, template.width, template.height) == ("Test", 3, 500, 250)
    assert (template.needs, template.may) == (("code",), ("name",))
    assert len(template.elements) == 2


def test_a_box_is_four_lines_around_what_it_holds():
    template = templates.parse("test", HEAD + TEXT + "[[box]]\narea = [0, 0, 500, 250]\nstroke = 4\n")
    assert len(template.elements) == 5


def test_two_elements_may_share_a_place_when_they_never_meet():
    apart = TEXT + 'when = "name"\n' + TEXT + 'unless = "name"\n'
    assert len(templates.parse("test", HEAD + apart).elements) == 2


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("format = ", "is not valid TOML"),
        ("x = " + "[" * 20000, "is not valid TOML"),
        (HEAD.replace("format = 1", "format = 2"), "must say format = 1"),
        (HEAD.replace("version = 3\n", ""), "lacks version in the head"),
        (HEAD.replace("version = 3", "version = true"), "wrong version in the head"),
        (HEAD.replace("[500, 250]", "[5, 99999]"), "wrong size in the head"),
        (HEAD.replace('["code"]', '["__class__"]'), "wrong needs in the head"),
        (HEAD + "script = 'x'\n", "unknown word script in the head"),
        (HEAD + "text = 3\n", r"must write text in double brackets: \[\[text\]\]"),
        (HEAD + TEXT + "bold = true\n", "unknown word bold in text 1"),
        (HEAD + TEXT + 'cut = "no"\n', "wrong cut in text 1: no"),
        (HEAD + TEXT + 'weight = "black"\n', "wrong weight in text 1: black"),
        (HEAD + TEXT.replace("[6, 12]", "[12, 6]"), "wrong points in text 1"),
        (HEAD + TEXT.replace("[6, 12]", "[2, 12]"), "shrink below 5 points"),
        (HEAD + TEXT.replace("200, 100]", "-200, 100]"), "wrong area in text 1"),
        (HEAD + TEXT.replace("200, 100]", "600, 100]"), "outside the label"),
        (HEAD + TEXT.replace("{code}", "{price}"), "asks for the unknown field price"),
        (HEAD + TEXT + 'when = "price"\n', "asks for the unknown field price"),
        (HEAD + TEXT.replace("{code}", "{{7*7}}"), "braces that are not a plain field name"),
        (HEAD + TEXT.replace("{code}", "{0.__class__}"), "braces that are not a plain field name"),
        (HEAD + TEXT.replace("{code}", "{code!r:>99999}"), "braces that are not a plain field name"),
        (HEAD + TEXT.replace("{code}", "{code.name}"), "braces that are not a plain field name"),
        (HEAD + CODE.replace("datamatrix", "pharmacode"), "wrong kind in code 1: pharmacode"),
        (HEAD + CODE.replace("[3, 6]", "[2, 6]"), "fewer than 3 dots a module, which does not scan"),
        (HEAD + CODE.replace("datamatrix", "code128").replace("[3, 6]", "[1, 6]"), "fewer than 2 dots a module"),
        (HEAD + TEXT + CODE.replace("[300,", "[209,"), "lets {code} and {code} overlap"),
        (HEAD + CODE + "[[line]]\narea = [290, 100, 20, 4]\n", "lets {code} and a line at 290, 100 overlap"),
        (HEAD + "[[box]]\narea = [0, 0, 100, 100]\nstroke = 50\n", "wrong stroke in box 1: 50"),
    ],
)
def test_an_unsound_template_is_refused_in_a_sentence(source, sentence):
    with pytest.raises(Refused, match=sentence) as refusal:
        templates.parse("test", source)
    assert "label template test" in str(refusal.value)
    assert all(problem.advice for problem in refusal.value.problems)
