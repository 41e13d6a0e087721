"""Genes: motifs in DNA."""

from apps.studio.page.page import Page

PAGE = Page(
    name="genes",
    title="Motifs in DNA",
    question="Can a network find the pattern that a protein binds?",
    section="Chemistry & genes",
    order=610,
    icon=":material/genetics:",
    tasks=("genes/motif",),
    settings=("bits", "filters", "width", "examples"),
    inside=("sequence_logos",),
)

if __name__ == "__main__":
    PAGE.show()
