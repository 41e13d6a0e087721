"""What the network of this page answers everywhere in the plane, with the training points on it."""

from apps.neurons.activation_maps import picture as answer_everywhere
from apps.neurons.live_view import LiveView
from apps.studio.browser.gallery import Picture, gallery

TITLE = "Decision surface"
ORDER = 10


def fits(view: LiveView) -> bool:
    """Always."""
    return True


def show(page: str, view: LiveView) -> None:
    """Draw it."""
    picture(page, view)


def picture(page: str, view: LiveView) -> None:
    """Draw it."""
    image = answer_everywhere(view.predictor.model, view.training.points)
    alt = f"What the network answers everywhere after {view.step:,} steps"
    gallery([Picture(image, f"step {view.step:,}", alt=alt)], key=f"{page}:learn:surface", size=330)
