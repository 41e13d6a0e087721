"""Every environment on a card: what it looks like, what is to be done, what an agent needs for it."""

from apps.studio.page.page import Page

PAGE = Page(
    name="gallery",
    title="Environments",
    question="What can an agent learn here?",
    section="Agents",
    order=20,
    icon=":material/grid_view:",
    instrument="apps.gallery.instrument",
)

if __name__ == "__main__":
    PAGE.show()
