"""Train an agent, watch it play while it learns, play yourself."""

from apps.studio.page.page import Page

PAGE = Page(
    name="arena",
    title="Arena",
    question="Can an agent learn to play while you watch?",
    section="Agents",
    order=10,
    icon=":material/smart_toy:",
    instrument="apps.arena.instrument",
    needs=("torch", "agents.player", "agents.evaluate"),
)

if __name__ == "__main__":
    PAGE.show()
