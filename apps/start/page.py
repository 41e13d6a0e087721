"""Sketch a digit; a network learns to read while you watch."""

from apps.studio.page.page import Page

PAGE = Page(
    name="start",
    title="Home",
    question="Can a network learn to read while you watch?",
    order=0,
    icon=":material/home:",
    tasks=("vision/classify",),
    settings=("learning_rate",),
    inside=("feature_maps",),
    sketches=True,
    begins=("vision/classify", "--preset", "fast"),
)

if __name__ == "__main__":
    PAGE.show()
