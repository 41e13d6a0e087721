"""A machine learns how digits look, completes half of one, and dreams; stacked, it learns to name them."""

from apps.studio.page.page import Page

PAGE = Page(
    name="energy",
    title="Energy lab",
    question="What does a machine learn from pictures without labels?",
    section="Methods",
    order=140,
    icon=":material/bolt:",
    tasks=("energy/rbm", "energy/dbn"),
    settings=("chains", "labels"),
    try_view=("completing",),
    inside=("energy_layers", "free_energy", "dreams"),
    limits=("less", "noise", "rotation", "occlusion", "shift", "blur", "negative"),
    begins=("energy/rbm",),
)

if __name__ == "__main__":
    PAGE.show()
