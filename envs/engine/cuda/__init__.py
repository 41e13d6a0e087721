"""Batches on a GPU."""

from envs.engine.cuda.cuda_batch import CudaBatch

__all__ = ["CudaBatch"]
