"""Three networks read the same sequences; see which remembers, how, and what the others forget."""

from apps.studio.page.page import Page

PAGE = Page(
    name="sequences",
    title="Sequence lab",
    question="Which network can remember?",
    section="Methods",
    order=120,
    icon=":material/timeline:",
    tasks=("sequences/adding", "sequences/copying", "sequences/echo", "sequences/forecast"),
    settings=("block", "length"),
    inside=("through_time", "gradient_in_time"),
    compare=("seeds",),
    begins=("--block", "all"),
)

if __name__ == "__main__":
    PAGE.show()
