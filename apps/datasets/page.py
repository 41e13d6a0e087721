"""Public data sets: what is in them, whose they are, and how to get them."""

from apps.studio.page.page import Page

PAGE = Page(
    name="datasets",
    title="Data",
    question="What can a network learn from here?",
    section="Truth",
    order=900,
    icon=":material/database:",
    instrument="apps.datasets.instrument",
    needs=("torch",),
)

if __name__ == "__main__":
    PAGE.show()
