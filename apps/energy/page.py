"""A machine learns how digits look, completes half of one, and dreams; stacked, it learns to name them."""

from apps.studio.page.page import Page

PAGE = Page(
    name="energy",
    title="Energy lab",
    question="Energy lab",
    section="Methods",
    order=140,
    icon=":material/bolt:",
    instrument="apps.energy.instrument",
    needs=("torch", "apps.energy.reading", "apps.energy.attempt"),
)

if __name__ == "__main__":
    PAGE.show()
