"""Faces: the same person or not."""

from apps.studio.page.page import Page

PAGE = Page(
    name="faces",
    title="Faces",
    question="Can a network tell whether two pictures show the same person?",
    section="See",
    order=265,
    icon=":material/face:",
    tasks=("faces/verify",),
    settings=("people", "embedding"),
    inside=("embedding_map",),
    limits=("noise", "blur", "rotation", "occlusion", "groups"),
)

if __name__ == "__main__":
    PAGE.show()
