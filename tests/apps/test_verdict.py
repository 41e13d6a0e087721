"""How sure a network is, in words."""

from apps.studio.outputs.verdict import verdict

CLASSES = ("0", "4", "9")


def test_a_sure_answer():
    assert verdict(CLASSES, [0.01, 0.96, 0.03]) == "It reads 4"
    assert verdict(CLASSES, [0.01, 0.96, 0.03], truth=1) == "It reads 4, correct"
    assert verdict(CLASSES, [0.01, 0.96, 0.03], verb="hears") == "It hears 4"
    assert verdict(CLASSES, [0.01, 0.96, 0.03], truth=2) == "It reads 4, but it is 9"


def test_a_scribble_is_doubted():
    assert verdict(CLASSES, [0.113, 0.587, 0.3]) == "Not sure: 4 (59 %) or 9 (30 %)"
    assert verdict(CLASSES, [0.113, 0.587, 0.3], truth=2) == "Not sure: 4 (59 %) or 9 (30 %); it is 9"
    assert verdict(("only",), [0.5]) == "It reads only"
