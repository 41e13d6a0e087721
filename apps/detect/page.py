"""Find objects in pictures: digits in photos, cells in blood; or what your own boxes mark."""

from apps.studio.page.page import Page

PAGE = Page(
    name="detect",
    title="Detect",
    question="Can a network find every digit in a photo?",
    section="See",
    order=220,
    icon=":material/frame_inspect:",
    tasks=("vision/detect", "medical/blood"),
    settings=("steps", "channels", "mosaic", "zoom"),
    inside=("heat_maps", "layers", "video"),
    limits=("stain", "smaller", "blur", "noise", "darkness", "occlusion"),
    begins=("vision/detect",),
)

if __name__ == "__main__":
    PAGE.show()
