"""What every page is made of."""

# Altair and scikit-learn both import parts of this one, which import each other. Two threads that begin with
# different parts stop each other, so it is imported before the studio has a second thread.
import narwhals.stable.v1
import narwhals.stable.v2  # noqa: F401
