"""Medical measurements and pictures: what a classifier finds, what it misses, and what that costs."""

from apps.studio.page.page import Page

PAGE = Page(
    name="tissue",
    title="Tissue",
    question="Can a network tell ill from healthy?",
    section="See",
    order=270,
    icon=":material/biotech:",
    tasks=("medical/tissue", "medical/xray"),
    settings=("block", "channels"),
    inside=("columns", "covered", "layers"),
    limits=("missing", "noise", "occlusion", "blur", "rotation"),
    begins=("medical/tissue",),
)

if __name__ == "__main__":
    PAGE.show()
