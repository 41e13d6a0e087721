"""Molecules: what their atoms tell, and new ones designed to order."""

from apps.studio.page.page import Page

PAGE = Page(
    name="molecules",
    title="Molecules",
    question="Does a molecule dissolve, and can a network design others?",
    section="Chemistry & genes",
    order=600,
    icon=":material/science:",
    tasks=("molecules/property", "molecules/toxicity", "molecules/design"),
    settings=("block", "hidden", "temperature", "descriptors"),
    try_view=("designs",),
    inside=("atom_contributions", "next_characters"),
    begins=("molecules/property",),
)

if __name__ == "__main__":
    PAGE.show()
