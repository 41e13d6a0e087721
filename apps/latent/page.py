"""Codes, generators and maps: drag a point and see the picture; watch a duel; see a sheet unfold."""

from apps.studio.page.page import Page

PAGE = Page(
    name="latent",
    title="Latent lab",
    question="Which pictures lie between two digits?",
    section="Methods",
    order=130,
    icon=":material/blur_on:",
    tasks=("latent/vae", "latent/autoencoder", "latent/duel", "latent/gan", "latent/som"),
    settings=("code", "rows", "columns", "penalty"),
    try_view=("plane", "duel", "sheet"),
    inside=("code_numbers", "wishes", "field", "ridges"),
    compare=("new_pictures", "copies", "units"),
    limits=(
        *("noise", "occlusion", "rotation", "blur", "larger", "smaller"),
        *("noise_size", "penalty", "amounts", "strayed"),
    ),
    begins=("latent/vae",),
)

if __name__ == "__main__":
    PAGE.show()
