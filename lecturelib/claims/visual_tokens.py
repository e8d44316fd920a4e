"""What stood there: in pixels or in visual tokens? (Bao 2022, Table 4)"""

from lecturelib.claims import Card
from lecturelib.claims.small_vits import CODES, PROTOCOL, masked, probed, tokenized, untrained


def run(seed: int) -> dict[str, float]:
    """The same blocks hidden, two targets; the untrained network beside them."""
    numbers = {
        "visual tokens": probed(tokenized("blocks .4", seed), seed),
        "pixels": probed(masked("blocks .4", seed), seed),
        "untrained": probed(untrained(seed), seed),
    }
    return numbers | {"effect": numbers["visual tokens"] - numbers["pixels"]}


CARD = Card(
    name="visual_tokens",
    source="Bao et al. 2022, arXiv 2106.08254, Table 4",
    statement="Hidden visual tokens teach more than hidden pixels",
    paper_number="ImageNet fine-tuned: 82.86 with visual tokens, 81.04 with pixels",
    protocol=f"{PROTOCOL}; 40 % hidden in blocks; tokens: {CODES} centres of k-means (the paper: a "
    "discrete VAE), the encoder sees mask tokens; pixels: as MAE; linear probe with 50 labels a "
    "class",
    run=run,
    unit="points of accuracy, tokens minus pixels",
)
