"""Paint points, and watch every neuron while a small network learns them."""

from apps.studio.page.page import NEEDS, Page

PAGE = Page(
    name="neurons",
    title="Neuron playground",
    question="What does each neuron do while a network learns?",
    section="Methods",
    order=20,
    icon=":material/scatter_plot:",
    instrument="apps.neurons.instrument",
    inside=("backpropagation",),
    compare=("optimiser_race", "seeds"),  # the race first: the seeds take longest
    code=("optimiser",),
    limits=("harder",),
    needs=(*NEEDS, "torch._dynamo", "apps.neurons.live_view", "apps.neurons.downloads"),
)

if __name__ == "__main__":
    PAGE.show()
