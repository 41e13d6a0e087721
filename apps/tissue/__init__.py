"""Tissue: tables of measurements and X-rays, with what mistakes cost. Not for clinical use."""
