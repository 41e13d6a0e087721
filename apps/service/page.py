"""Customer service: a chat that answers, searches documents, and says when it does not know."""

from apps.studio.page.page import Page

PAGE = Page(
    name="service",
    title="Customer service",
    question="Can a network answer customers, and know when it does not know?",
    section="Hear & read",
    order=340,
    icon=":material/support_agent:",
    tasks=("service/chat",),
    settings=("steps", "threshold_cost", "embedding"),
    try_view=("chat",),
    inside=("word_importance", "passage_words"),
    compare=("out_of_scope", "search"),
    limits=("typos", "upper_case", "shuffled", "missing"),
)

if __name__ == "__main__":
    PAGE.show()
