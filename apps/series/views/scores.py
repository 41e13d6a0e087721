"""Where the anomaly scores of normal and unusual beats lie."""

from apps.studio.outputs.rebuilt_series import histogram
from apps.studio.page.run_view import RunView

TITLE = "Scores"
ORDER = 20


def fits(view: RunView) -> bool:
    """Whether it rebuilds series and scores the rest."""
    return view.predictor.output.kind == "rebuilt_series"


def show(page: str, view: RunView) -> None:
    """Draw both as curves over the score."""
    picture(page, view)


def picture(page: str, view: RunView) -> None:
    """Draw the same."""
    histogram(f"{page}:inside", view)
