"""Paint points, and watch every neuron while a small network learns them."""

from apps.studio.page.page import Page

PAGE = Page(
    name="neurons",
    title="Neuron playground",
    question="What does each neuron do while a network learns?",
    section="Methods",
    order=20,
    icon=":material/scatter_plot:",
    instrument="apps.neurons.instrument",
    needs=("torch", "torch._dynamo", "apps.neurons.lab", "apps.neurons.take_away"),
)

if __name__ == "__main__":
    PAGE.show()
