"""Molecules: designed to order, and told by their atoms."""

from apps.studio.page.page import Page

PAGE = Page(
    name="molecules",
    title="Molecules",
    question="Can a network design molecules to order?",
    section="Chemistry & genes",
    order=600,
    icon=":material/science:",
    tasks=("molecules/design", "molecules/property", "molecules/toxicity"),
    settings=("block", "hidden", "temperature", "descriptors"),
    try_view=("designs",),
    inside=("atom_contributions", "next_characters"),
    begins=("molecules/design",),
)

if __name__ == "__main__":
    PAGE.show()
