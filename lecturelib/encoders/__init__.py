"""Tokens -> context. An encoder knows no modality."""
