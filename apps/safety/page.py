"""Work safety: people near a machine, how far they are, and a robot that slows down for them."""

from apps.studio.page.page import Page

PAGE = Page(
    name="safety",
    title="Work safety",
    question="Can a network see that somebody is too close to a machine?",
    section="World",
    order=260,
    icon=":material/shield_person:",
    tasks=("safety/distance",),
    settings=("steps", "pictures", "channels", "alarm"),
    inside=("zone", "closed_loop", "layers"),
    begins=("safety/distance", "--preset", "quick"),  # whose frames are drawn in a quarter of the time
    limits=("fog", "night", "noise", "blur", "darkness", "occlusion", "stain"),
)

if __name__ == "__main__":
    PAGE.show()
