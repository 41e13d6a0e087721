"""What pages say of a run that learns from somebody's own pictures."""

import numpy as np
import pytest
from PIL import Image

from apps.studio.page import own_folder
from sandbox.runs import Run


@pytest.fixture
def shapes(tmp_path):
    """Grey pictures of two shapes."""
    generator = np.random.default_rng(0)
    for name in ("bars", "dots"):
        (tmp_path / "shapes" / name).mkdir(parents=True)
        for i in range(6):
            shape = generator.integers(0, 255, (9, 9), dtype=np.uint8)
            Image.fromarray(shape).save(tmp_path / "shapes" / name / f"{i}.png")
    return tmp_path / "shapes"


@pytest.mark.parametrize(("page", "target"), [("start", "vision/classify"), ("energy", "energy/rbm")])
@pytest.mark.parametrize("own", [True, False])
def test_a_run_that_waits_is_not_said_to_learn_digits_if_it_does_not(
    open_page, read, shapes, page, target, own
):
    words = ["--data", str(shapes)] if own else []
    run = Run.create(target, {"argv": ["train", target, *words]}, state="queued", queued=1.0)
    said = read(open_page(page, run=run.name))
    assert ("1,198 handwritten digits" in said) != own
    assert (own_folder.OWN_PICTURES in said) == own


def test_what_was_left_out_is_on_the_page_as_plain_text(open_page, make_run):
    run = make_run("vision/classify", "done")
    run.update_config(notes=["8 of 14 files were read; 6 left out, such as ![x](http://a.b/c.png)."])
    at = open_page("start", run=run.name)
    assert [text.value for text in at.text] == run.config["notes"]


def test_changed_data_are_one_sentence_on_the_page(open_page, make_run, shapes):
    from sandbox.data.fingerprint import described

    run = make_run("vision/classify", "done", data=str(shapes))
    run.update_config(**described(str(shapes)))
    (shapes / "bars" / "0.png").unlink()
    at = open_page("start", run=run.name)
    assert [error.value.replace("\\", "") for error in at.error] == [
        f"{shapes} is not what {run.name} was trained on: it held 12 files then and holds 11 now."
    ]
