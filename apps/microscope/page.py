"""Look into a convolutional network: filters, activations, where it looks, and what it would miss."""

from apps.studio.page.page import Page

PAGE = Page(
    name="microscope",
    title="CNN microscope",
    question="What does a network see in a picture?",
    section="Methods",
    order=21,
    icon=":material/biotech:",
    tasks=("vision/classify",),
    inside=("pixel", "feature_maps", "switches"),
    compare=("importance",),
    code=("code",),
    limits=("covering", "noise", "rotation", "occlusion", "blur"),
    begins=("vision/classify", "--preset", "fast"),
)

if __name__ == "__main__":
    PAGE.show()
