"""Three networks read the same sequences; see which remembers, how, and what the others forget."""

from apps.studio.page.page import Page

PAGE = Page(
    name="sequences",
    title="Sequence lab",
    question="Sequence lab",
    section="Methods",
    order=120,
    icon=":material/timeline:",
    instrument="apps.sequences.instrument",
    needs=("torch", "apps.sequences.reading", "apps.sequences.attempt"),
)

if __name__ == "__main__":
    PAGE.show()
