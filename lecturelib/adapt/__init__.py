"""Pre-trained -> useful: transfer, probes, self-training."""
