"""Describe: what is where in a picture, in words."""

from apps.studio.page.page import Page

PAGE = Page(
    name="describe",
    title="Describe",
    question="Can a network say what it sees?",
    section="See",
    order=240,
    icon=":material/description:",
    tasks=("vision/caption",),
    settings=("paths", "hidden"),
    inside=("caption_attention",),
    limits=("noise", "rotation", "blur", "occlusion"),
)

if __name__ == "__main__":
    PAGE.show()
