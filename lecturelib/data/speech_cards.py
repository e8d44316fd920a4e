"""The cards of recorded speech; synthetic speech has no file and no card."""

from lecturelib.data.card import GITHUB, Card

LIBRISPEECH = "http://www.openslr.org/resources/12/"
PROMPTS = "https://downloads.asterisk.org/pub/telephony/sounds/releases/"


def _prompts(language: str, size: int, licence: str) -> Card:
    url = f"{PROMPTS}asterisk-core-sounds-{language}-wav-1.6.1.tar.gz"
    return Card(f"prompts.{language}", url, "manifest", size, licence, "apt", "synthetic speech")


SPEECH = (
    Card(
        "fsdd",
        GITHUB + "Jakobovski/free-spoken-digit-dataset/archive/v1.0.10.tar.gz",
        "sha256:feb479fad3a37883c3d21ed7f982281c2dd1c18d5aefd7e8a5d50f58023392aa",
        15_602_882,
        "CC BY-SA 4.0",
        "download",
        "synthetic speech",
    ),
    _prompts("en", 18_272_864, "CC BY-SA 3.0 (Allison Smith)"),
    _prompts("es", 23_767_256, "CC BY-SA 3.0 (Allison Smith)"),
    _prompts("fr", 18_516_060, "CC BY-SA 3.0 (June Wallack)"),
    _prompts("it", 18_262_124, "CC BY-SA 3.0 (Carlo Flora)"),
    _prompts("ru", 18_788_860, "CC BY 3.0 (Maxim Topal)"),
    Card(
        "librispeech.train-clean-100",
        LIBRISPEECH + "train-clean-100.tar.gz",
        "sha256:d4ddd1d5a6ab303066f14971d768ee43278a5f2a0aa43dc716b0e64ecbbbf6e2",
        6_387_309_499,
        "CC BY 4.0",
        "download",
    ),
    Card(
        "librispeech.dev-clean",
        LIBRISPEECH + "dev-clean.tar.gz",
        "sha256:76f87d090650617fca0cac8f88b9416e0ebf80350acb97b343a85fa903728ab3",
        337_926_286,
        "CC BY 4.0",
        "download",
    ),
    Card(
        "librispeech.test-clean",
        LIBRISPEECH + "test-clean.tar.gz",
        "sha256:39fde525e59672dc6d1551919b1478f724438a95aa55f874b576be21967e6c23",
        346_663_984,
        "CC BY 4.0",
        "download",
    ),
    Card(
        "speech_commands",
        "http://download.tensorflow.org/data/speech_commands_v0.02.tar.gz",
        "sha256:af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
        2_428_923_189,
        "CC BY 4.0",
        "download",
    ),
)
