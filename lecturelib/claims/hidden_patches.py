"""What fourteen minutes without a label are worth: beside nothing, raw pixels, and labels.

One pre-training (the shipped one); a seed draws labels and the untrained weights.
"""

from lecturelib.claims import Card
from lecturelib.claims.small_vits import probed, read, tuned, untrained
from lecturelib.pretraining import mae, vit


def run(seed: int) -> dict[str, float]:
    """Probes and fine-tuning on the same labels."""
    starts = {
        "untrained": untrained(seed),
        "hidden patches": mae.Mean(mae.shipped().model),
        "labels of other classes": vit.shipped().encoder,
    }
    numbers = {f"probe, {name}": probed(encoder, seed) for name, encoder in starts.items()}
    numbers["probe, raw pixels"] = read(lambda pixels: pixels.flatten(1), seed)
    numbers |= {f"tuned, {name}": tuned(encoder, seed) for name, encoder in starts.items()}
    rival = max(numbers["probe, untrained"], numbers["probe, raw pixels"])
    return numbers | {"effect": numbers["probe, hidden patches"] - rival}


CARD = Card(
    name="hidden_patches",
    source="He et al. 2022, arXiv 2111.06377, Table 1a",
    statement="Hidden patches alone teach features that a linear layer can use",
    paper_number="ImageNet, ViT-L, linear probe of MAE: 73.5 %; no untrained network beside it",
    protocol="CIFAR-10; 4 layers of 128, 3,000 steps of 128 training pictures of all classes "
    "without labels; read on 5 classes with 50 labels each, 2,000 test pictures; judged against "
    "the better of the untrained network and raw pixels; a seed draws labels and untrained weights",
    run=run,
    unit="points of accuracy, hidden patches minus the better of untrained and raw pixels",
)
