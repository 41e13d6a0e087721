"""Networks that listen: words by people they have never heard, and five words of your own."""

from apps.studio.page.page import Page

PAGE = Page(
    name="speech",
    title="Speech",
    question="Can a network understand people it has never heard?",
    section="Hear & read",
    order=310,
    icon=":material/mic:",
    tasks=("speech/words", "speech/teach"),
    settings=("block", "voices", "held_out"),
    inside=("spectrogram", "layers"),
    begins=("speech/words",),
)

if __name__ == "__main__":
    PAGE.show()
