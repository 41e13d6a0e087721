"""Text: a network that writes, and one that sorts texts by what they are about."""

from apps.studio.page.page import Page

PAGE = Page(
    name="text",
    title="Write",
    question="Can a network learn to write, one character at a time?",
    section="Hear & read",
    order=320,
    icon=":material/edit_note:",
    tasks=("text/write", "text/classify"),
    settings=("block", "tokens", "hidden", "embedding"),
    try_view=("writing",),
    inside=("next_characters", "surprise", "text_memory", "word_importance"),
    compare=("out_of_scope",),
    begins=("text/write",),
)

if __name__ == "__main__":
    PAGE.show()
