"""Outline every nucleus and count them; say which texture is where."""

from apps.studio.page.page import Page

PAGE = Page(
    name="segment",
    title="Segment",
    question="Where is each nucleus, and how many are there?",
    section="See",
    order=230,
    icon=":material/scatter_plot:",
    tasks=("medical/nuclei", "vision/segment"),
    settings=("pictures", "coarse"),
    inside=("unet_levels", "layers", "video"),
    limits=("noise", "blur", "colour", "darkness", "compression"),
    begins=("medical/nuclei",),
)

if __name__ == "__main__":
    PAGE.show()
