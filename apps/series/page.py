"""Series over time: many steps ahead, unusual beats, and how far something will go."""

from apps.studio.page.page import Page

PAGE = Page(
    name="series",
    title="Forecast",
    question="What happens next, and how sure is that?",
    section="World",
    order=290,
    icon=":material/query_stats:",
    tasks=("series/forecast", "series/heartbeat", "series/popularity"),
    settings=("block", "horizon", "seen", "false_alarms"),
    inside=("error_ahead", "scores"),
)

if __name__ == "__main__":
    PAGE.show()
