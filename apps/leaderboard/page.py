"""What a network learns from scratch in minutes, beside a simple method and the best public figure."""

from apps.studio.page.page import Page

PAGE = Page(
    name="leaderboard",
    title="Leaderboard",
    question="What can minutes of a processor learn?",
    section="Truth",
    order=920,
    icon=":material/leaderboard:",
    instrument="apps.leaderboard.instrument",
)

if __name__ == "__main__":
    PAGE.show()
