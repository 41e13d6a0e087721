"""Drive by what a camera sees."""

from apps.studio.page.page import Page

PAGE = Page(
    name="driving",
    title="Drive",
    question="Can a network drive by what a camera sees?",
    section="World",
    order=280,
    icon=":material/directions_car:",
    tasks=("driving/steer",),
    settings=("rounds", "weather"),
    inside=("closed_loop", "steers_by", "layers"),
    compare=("on_the_road",),
    limits=("fog", "night", "noise", "blur", "tilt", "occlusion"),
)

if __name__ == "__main__":
    PAGE.show()
