"""Figures and explorers: tensors in, pictures out, never a model."""
