"""What lies under the microscope: a sketch, a held-out picture, an upload, or a photo from the camera."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.components.gallery import Picture, gallery
from apps.components.plain import sentence
from apps.components.sketch import sketch_pad
from apps.start import reading
from sandbox.data.formats import images
from sandbox.errors import UserError

if TYPE_CHECKING:
    from apps.start.reading import Look

PAGE = "microscope"
INPUT = f"{PAGE}:input"
DRAW, SAMPLE, UPLOAD, CAMERA = "draw", "sample", "upload", "camera"
SHOWN = 12
LABEL = "Draw a digit, 0 to 9"


def choose(look: "Look") -> None:
    """Draw the choice of a picture; what is chosen is remembered for all tabs."""
    drawable = look.classifier.style is not None
    kinds = ([DRAW] if drawable else []) + [SAMPLE, UPLOAD, CAMERA]
    kind = st.segmented_control(
        "Picture",
        kinds,
        default=SAMPLE,
        required=True,
        key=f"{PAGE}:kind:{drawable}",
        label_visibility="collapsed",
        width="stretch",
    )
    if kind == DRAW:
        sketch = sketch_pad(key=f"{PAGE}:pad", label=LABEL)
        _remember(None if sketch.pixels is None else look.classifier.see(sketch.pixels), None)
    elif kind == UPLOAD:
        file = st.file_uploader(
            "A picture",
            type=[ending.removeprefix(".") for ending in images.ENDINGS],
            key=f"{PAGE}:upload",
            help=f"{images.KINDS}, at most 10 MB; a digit is best written thick, filling the picture.",
        )
        _photo(look, file.getvalue() if file is not None else None, file.name if file is not None else "")
    elif kind == CAMERA:
        shot = st.camera_input("A photo", key=f"{PAGE}:camera", help="It stays on this machine.")
        _photo(look, shot.getvalue() if shot is not None else None, "The photo")
    else:
        _samples(look)


def chosen(look: "Look") -> tuple[NDArray[np.float32], int | None] | None:
    """The network's input (C, H, W) and the right class if it is known; None while there is no picture."""
    kept = st.session_state.get(INPUT)
    return kept if kept is not None and kept[0].shape == look.data.in_shape else None


def current(look: "Look") -> tuple[NDArray[np.float32], int | None]:
    """The same for tabs that need a picture in any case; without one it is a held-out one."""
    return chosen(look) or (look.data.test_images[0].numpy(), int(look.data.test_labels[0]))


def read_picture(content: bytes, name: str) -> NDArray[np.float32]:
    """A picture's bytes as RGB (H, W, 3) in [0, 1].

    Raises:
        PictureError: of another format, damaged, or too large; says which.
    """
    return images.values(content, name=name[:60])


def seen(look: "Look", picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """A photo as the network sees it; of handwriting the ink, whatever colour it has."""
    return look.classifier.see(picture)


def _photo(look: "Look", content: bytes | None, name: str) -> None:
    if content is None:
        _remember(None, None)
        return
    try:
        picture = read_picture(content, name)
    except UserError as error:
        st.error(sentence(error), icon=":material/error:")
        _remember(None, None)
        return
    image = seen(look, picture)
    _remember(image, None)
    gallery([Picture(reading.shown(look, image), "as the network sees it")], key=f"{PAGE}:seen", size=160)


def _samples(look: "Look") -> None:
    labels = look.data.test_labels
    order = np.random.default_rng(2).permutation(len(labels))
    begin = st.session_state.get(f"{PAGE}:from", 0)
    some = order[(begin + np.arange(min(SHOWN, len(order)))) % len(order)]
    picked = min(st.session_state.get(f"{PAGE}:picked", int(some[0])), len(labels) - 1)
    chosen = gallery(
        [
            Picture(
                reading.shown(look, look.data.test_images[int(i)]),
                look.data.classes[int(labels[int(i)])],
                alt=f"A {look.data.classes[int(labels[int(i)])]} that it has not seen; click to look into it",
                tone="right" if i == picked else "",
            )
            for i in some
        ],
        key=f"{PAGE}:samples",
        size=58,
        pickable=True,
    )
    st.button("Others", icon=":material/shuffle:", type="tertiary", key=f"{PAGE}:others", on_click=_others)
    if chosen is not None:
        st.session_state[f"{PAGE}:picked"] = int(some[chosen])
        _remember(look.data.test_images[int(some[chosen])].numpy(), int(labels[int(some[chosen])]))
        st.rerun(scope="fragment")
    _remember(look.data.test_images[picked].numpy(), int(labels[picked]))


def _others() -> None:
    st.session_state[f"{PAGE}:from"] = st.session_state.get(f"{PAGE}:from", 0) + SHOWN


def _remember(image: NDArray[np.float32] | None, label: int | None) -> None:
    st.session_state[INPUT] = None if image is None else (image, label)
