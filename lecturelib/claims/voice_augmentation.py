"""Noise, other voices, tones and rooms while training: what are they worth under noise?"""

from lecturelib.adapt.speakers import embed
from lecturelib.claims import Card
from lecturelib.claims.small_voices import PROTOCOL, error, noisy, said, trained


def run(seed: int) -> dict[str, float]:
    """Two networks, clean and noisy test clips."""
    tests = {"clean": said("test"), "noise": noisy(said("test"), seed)}
    numbers = {
        f"{kind}, {name}": error(embed(trained(kind, seed), clips), clips)
        for kind in ("clean", "augmented")
        for name, clips in tests.items()
    }
    return numbers | {"effect": numbers["clean, noise"] - numbers["augmented, noise"]}


CARD = Card(
    name="voice_augmentation",
    source="Snyder et al. 2018, ICASSP, Table 2",
    statement="Augmentation makes voice vectors that noise confuses less",
    paper_number="equal error rate, SITW and SRE16: 9.40, 8.00 % without, 6.00, 5.86 % with",
    protocol=f"{PROTOCOL}; white or pink noise, 5 dB softer, behind every test clip",
    run=run,
    unit="points of equal error rate under noise, without minus with augmentation",
)
