"""Outline every nucleus and count them; say which texture is where; find defects in good parts."""

from apps.studio.page.page import Page

PAGE = Page(
    name="segment",
    title="Segment",
    question="Where is each nucleus, and how many are there?",
    section="See",
    order=230,
    icon=":material/scatter_plot:",
    tasks=("medical/nuclei", "vision/segment", "vision/anomaly"),
    settings=("pictures", "coarse"),
    inside=("strange_places", "unet_levels", "layers", "video"),
    limits=("noise", "blur", "colour", "darkness", "compression"),
    begins=("medical/nuclei",),
)

if __name__ == "__main__":
    PAGE.show()
