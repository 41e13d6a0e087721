"""For whom it is wrong: mistakes by group at the threshold that all share, and what such systems do wrong."""

from __future__ import annotations

import numpy as np
import streamlit as st

from apps.studio.outputs.same_person import found_of
from apps.studio.page.run_view import RunView
from sandbox.metrics.calibration import wilson
from sandbox.metrics.verification import GROUPS
from sandbox.tasks.families.face_network import FaceVerifier

TITLE = "For whom it is wrong"
NOTE = """\
**What to know before anybody uses such a system**

- One threshold for all is not one error rate for all. Where a group is rare in the training pictures, its
  people are taken for each other more often. Public tests of real systems found differences of tenfold and
  more (Grother, Ngan & Hanaoka 2019).
- One mistake in a hundred is many. At 1 % false accepts, a person who is compared with 10,000 strangers is
  "found" about 100 times.
- The drawn people differ in what was drawn. These figures say nothing about real faces.
- Two pictures are compared and then forgotten: nothing is stored, nobody is named. It is not for identifying
  people. Ask others before you use their pictures.
"""


def fits(view: RunView) -> bool:
    """Whether it compares faces."""
    return isinstance(view.predictor, FaceVerifier)


def show(page: str, view: RunView) -> None:
    """Draw a table of both kinds of mistakes by who wears glasses."""
    distances, same = found_of(view)
    accepted = distances <= view.predictor.output.threshold
    group = np.asarray(view.test.targets)[:, 2]
    rows = []
    for number, name in enumerate(GROUPS):
        here = group == number
        if here.any():
            rows.append(
                {
                    "pairs": name.replace("_", " "),
                    "one person, taken for two, %": _share(~accepted[here & same]),
                    "strangers, taken for one, %": _share(accepted[here & ~same]),
                }
            )
    if rows:
        st.markdown(
            "**Mistakes with and without glasses**, all at the same threshold, with 95 % intervals over pairs"
        )
        st.dataframe(rows, hide_index=True, key=f"{page}:groups")
    else:
        st.caption(
            "Nobody has said who wears glasses in these pictures, so mistakes cannot be told by group."
        )
    st.markdown(NOTE)


def _share(wrong: np.ndarray) -> str:
    """Mistakes as a share in per cent, with the interval of a share."""
    if not len(wrong):
        return "no such pairs"
    low, high = (float(end[0]) for end in wilson(np.array([wrong.mean()]), np.array([len(wrong)])))
    return f"{100 * wrong.mean():z.1f} [{100 * low:z.1f}, {100 * high:z.1f}] of {len(wrong)}"
