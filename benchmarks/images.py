"""Training steps of image models: ViT beside the fastest of three others, VGG beside torchvision's.

Cross-entropy, backward and AdamW (PyTorch's fused one, as in our loop); dropout 0.
"""

from collections.abc import Callable
from importlib.util import find_spec
from statistics import median
from time import process_time
from typing import Any

import torch
import torch.nn.functional as F
import torchvision
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from transformers import ViTConfig, ViTForImageClassification

from benchmarks.case import Case
from lecturelib.published import from_reference

SIDE, PATCH, DIM, DEPTH, HEADS, CLASSES = 32, 4, 192, 4, 3, 10
VIT_BATCH, VGG_BATCH, VGG_HIDDEN = 32, 16, 256


def hugging_face() -> nn.Module:
    """Its fused attention (sdpa) is the default."""
    return ViTForImageClassification(
        ViTConfig(
            image_size=SIDE,
            patch_size=PATCH,
            hidden_size=DIM,
            num_hidden_layers=DEPTH,
            num_attention_heads=HEADS,
            intermediate_size=4 * DIM,
            layer_norm_eps=1e-6,
            num_labels=CLASSES,
        )
    )


def of_torchvision() -> nn.Module:
    """Its classifier starts at 0, where all else has no gradient: here it does not."""
    m = torchvision.models.VisionTransformer(
        SIDE, PATCH, DEPTH, HEADS, DIM, 4 * DIM, num_classes=CLASSES
    )
    nn.init.normal_(m.heads.head.weight, std=0.02)
    return m


def of_timm() -> nn.Module:
    """Only where it is installed: pip install timm."""
    from timm.models.vision_transformer import VisionTransformer

    return VisionTransformer(
        SIDE, PATCH, num_classes=CLASSES, embed_dim=DIM, depth=DEPTH, num_heads=HEADS
    )


def vits() -> dict[str, nn.Module]:
    """The peers by name, all of the same sizes."""
    made = {"Hugging Face ViT, sdpa": hugging_face, "torchvision ViT": of_torchvision}
    if find_spec("timm"):
        made["timm ViT"] = of_timm
    return {name: make().train() for name, make in made.items()}


def vgg() -> nn.Module:
    """torchvision's VGG16 with narrow linear layers: 120 M more would only be work for AdamW."""
    m = torchvision.models.vgg16(num_classes=CLASSES, init_weights=False, dropout=0.0)
    m.classifier[0], m.classifier[3] = nn.Linear(25088, VGG_HIDDEN), nn.Linear(*2 * [VGG_HIDDEN])
    m.classifier[6] = nn.Linear(VGG_HIDDEN, CLASSES)
    return m.train()


def examples(batch: int, like: nn.Module) -> tuple[Tensor, Tensor]:
    """Pictures of noise, and labels."""
    rng, one = torch.Generator().manual_seed(0), next(like.parameters())
    images = torch.rand(batch, 3, SIDE, SIDE, generator=rng)
    return images.to(one), torch.randint(CLASSES, (batch,), generator=rng).to(one.device)


def loss_of(model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of whatever gives logits, alone or in an answer of Hugging Face's."""
    out: Any = model(images)
    return F.cross_entropy(out if isinstance(out, Tensor) else out.logits, labels)


def stepper(model: nn.Module, batch: int) -> Callable[[], Tensor]:
    """One training step on the same examples, again and again; it gives the loss before it."""
    images, labels = examples(batch, model)
    optimiser = torch.optim.AdamW(model.parameters(), fused=True)

    def step() -> Tensor:
        loss = loss_of(model, images, labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.detach()

    return step


def seconds(step: Callable[[], Tensor]) -> float:
    """CPU seconds of a step, the median of three; one before them warms up."""
    times = []
    for _ in range(4):
        began = process_time()
        step()
        times.append(process_time() - began)
    return median(times[1:])


def step_flops(peer: nn.Module, batch: int) -> int:
    """Of a step, counted on the meta device: shapes without numbers, so that nothing is held."""
    images, labels = examples(batch, peer.to("meta"))
    with FlopCounterMode(display=False) as counter:
        loss_of(peer, images, labels).backward()
    return counter.get_total_flops()


def vit_step() -> Case:
    """32 pictures of 32x32 in 64 patches; dim 192, depth 4, 3 heads."""
    torch.manual_seed(0)
    times = {name: seconds(stepper(m, VIT_BATCH)) for name, m in vits().items()}
    best = min(times, key=lambda name: times[name])
    return Case(
        stepper(from_reference(of_torchvision().train()), VIT_BATCH),
        stepper(vits()[best], VIT_BATCH),
        f"{best}, the fastest of {len(times)}",
        goal=0.9,
        flops=step_flops(of_torchvision(), VIT_BATCH),
    )


def vgg_step() -> Case:
    """16 pictures of 32x32."""
    torch.manual_seed(0)
    reference = vgg()
    return Case(
        stepper(from_reference(reference), VGG_BATCH),
        stepper(reference, VGG_BATCH),
        f"torchvision VGG16, linear layers {VGG_HIDDEN} wide",
        goal=0.9,
        flops=step_flops(vgg(), VGG_BATCH),
    )
