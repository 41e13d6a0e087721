"""Translate: numbers, dates and short sentences into another language."""

from apps.studio.page.page import Page

PAGE = Page(
    name="translate",
    title="Translate",
    question="Can a network learn to translate?",
    section="Hear & read",
    order=330,
    icon=":material/translate:",
    tasks=("text/translate",),
    settings=("language", "hidden", "beam"),
    inside=("alignment",),
    limits=("typos", "upper_case", "shuffled", "missing"),
)

if __name__ == "__main__":
    PAGE.show()
