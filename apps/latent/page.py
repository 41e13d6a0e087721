"""Codes, forgers and maps: drag a point and see the picture; watch a duel; see a sheet unfold."""

from apps.studio.page.page import Page

PAGE = Page(
    name="latent",
    title="Latent lab",
    question="Latent lab",
    section="Methods",
    order=130,
    icon=":material/blur_on:",
    instrument="apps.latent.instrument",
    needs=("torch", "apps.latent.reading", "apps.latent.views.all"),
)

if __name__ == "__main__":
    PAGE.show()
