"""Three clouds of points and a network that tells them apart: what the loop's tests train."""

import torch
from torch import nn

from lecturelib.data.batch import Batch
from lecturelib.objectives.classification import Classification

CENTRES = torch.randn(3, 5, generator=torch.Generator().manual_seed(7))


def draw(rng: torch.Generator) -> Batch:
    """Twelve points."""
    label = torch.randint(3, (12,), generator=rng)
    return Batch(CENTRES[label] + 0.3 * torch.randn(12, 5, generator=rng), None, label)


def fresh(dropout: float = 0.0, width: int = 8) -> Classification:
    """The same weights each time."""
    torch.manual_seed(3)
    encoder = nn.Sequential(nn.Linear(5, width), nn.Tanh(), nn.Dropout(dropout))
    return Classification(encoder, dim=width, classes=3)


def weights(model: nn.Module) -> torch.Tensor:
    """All of them in a row."""
    return torch.cat([p.detach().flatten() for p in model.parameters()])
