"""Read: a line of handwritten digits, not cut up."""

from apps.studio.page.page import Page

PAGE = Page(
    name="read",
    title="Read a line",
    question="Can a network read a line without cutting it up?",
    section="See",
    order=225,
    icon=":material/signature:",
    tasks=("vision/handwriting",),
    settings=("channels", "hidden", "longest"),
    inside=("ctc_frames",),
    limits=("noise", "blur", "slant", "rise", "crossed"),
)

if __name__ == "__main__":
    PAGE.show()
