"""Repair a photo of yours: noise, scratches, holes, blur, too few pixels."""

from apps.studio.page.page import Page

PAGE = Page(
    name="repair",
    title="Repair",
    question="Can a network repair your photo?",
    section="See",
    order=210,
    icon=":material/auto_fix_high:",
    tasks=("vision/restore", "vision/upscale"),
    settings=("damage", "times"),
    try_view=("divider",),
    inside=("blocks",),
    begins=("vision/restore", "--preset", "colour"),
)

if __name__ == "__main__":
    PAGE.show()
