"""The sky: faint fields made sharp, and gravitational lenses weighed."""

from apps.studio.page.page import Page

PAGE = Page(
    name="astronomy",
    title="Sky",
    question="Can a network sharpen what a telescope blurs?",
    section="World",
    order=280,
    icon=":material/travel_explore:",
    tasks=("astronomy/restore", "astronomy/lens"),
    settings=("radius", "sigma", "block", "noise"),
    inside=("ring", "blocks", "layers"),
    begins=("astronomy/restore",),
)

if __name__ == "__main__":
    PAGE.show()
