"""Music: what follows a beginning, and which voices go with a melody."""

from apps.studio.page.page import Page

PAGE = Page(
    name="music",
    title="Compose",
    question="Can a network learn to compose?",
    section="Hear & read",
    order=340,
    icon=":material/piano:",
    tasks=("music/compose",),
    settings=("block", "chord", "hidden"),
    try_view=("composing",),
    inside=("next_notes",),
    begins=("music/compose",),
)

if __name__ == "__main__":
    PAGE.show()
