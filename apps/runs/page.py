"""Every training run: compare, resume, download, delete."""

from apps.studio.page.page import Page

PAGE = Page(
    name="runs",
    title="Runs",
    question="What has been trained here?",
    section="Truth",
    order=910,
    icon=":material/stacked_line_chart:",
    instrument="apps.runs.instrument",
    needs=(),
)

if __name__ == "__main__":
    PAGE.show()
