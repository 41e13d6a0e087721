"""Pictures and points out of noise: watch it being taken away, step by step."""

from apps.studio.page.page import Page

PAGE = Page(
    name="dream",
    title="Dream",
    question="Can a network find pictures in noise?",
    section="See",
    order=260,
    icon=":material/cloud:",
    tasks=("vision/dream", "vision/dream_points"),
    settings=("calls", "width"),
    try_view=("made",),
    inside=("denoising",),
    compare=("copies",),
    limits=("larger", "smaller", "fewer_calls"),
    begins=("vision/dream",),
)

if __name__ == "__main__":
    PAGE.show()
