"""Map what covers the land under clouds, plan a route over it, and sort the pixels of a real satellite."""

from apps.studio.page.page import Page

PAGE = Page(
    name="satellite",
    title="Land",
    question="Where is it safe to go, and which way is quickest?",
    section="World",
    order=235,
    icon=":material/satellite_alt:",
    tasks=("satellite/zones", "satellite/pixels"),
    settings=("clouds", "block"),
    try_view=("route",),
    inside=("closed_loop", "unet_levels", "columns", "layers"),
    limits=("clouds", "fog", "night", "noise", "blur", "missing"),
    begins=("satellite/zones",),
)

if __name__ == "__main__":
    PAGE.show()
