"""What the wav2vec family and data2vec hear: our speech, or a folder of yours."""

import torch

from lecturelib.data.corpora import LIBRISPEECH, unpacked
from lecturelib.data.speech_crops import SECONDS, crops, everybody
from lecturelib.data.streaming import SOUND, files, sound
from lecturelib.data.unread import unread
from lecturelib.pretraining import Source
from lecturelib.training import checkpoint

DATA = ("speech",)
STREAMS = ("librispeech", "speech_commands", "sound:FOLDER")
LICENCE = "CC BY-SA 4.0 (spoken digits), CC BY-SA 3.0 (telephone prompts)"
CARDS = {  # licence
    "librispeech": (f"librispeech.{LIBRISPEECH['train']}", "CC BY 4.0"),
    "speech_commands": ("speech_commands", "CC BY 4.0"),
}


def sounds(
    data: str, size: int, *, watched: int, seconds: float = SECONDS, rate: int = 8000
) -> Source:
    """One of DATA or STREAMS: `speech` fits into memory, everything else is read while training."""
    if data == "speech":
        return in_memory(size, watched)
    folder, licence = data.partition(":")[2], "its own"
    if data in CARDS:
        card, licence = CARDS[data]
        folder = unpacked(card, "SpeechCommands" if data == "speech_commands" else "")
    found = files(folder, SOUND)
    facts = {"data_sha256": found.digest, "data_source": data, "data_licence": licence}
    learn, watch = (
        unread(sound(paths, seconds=seconds, rate=rate), count)
        for paths, count in ((found.train, size), (found.validation, watched))
    )
    return Source(learn, watch(torch.Generator().manual_seed(0)).rows(slice(None)), facts)


def in_memory(size: int, watched: int) -> Source:
    """Spoken digits and telephone prompts, 8 kHz, in crops of 3 seconds."""
    heard, unheard = everybody("train"), everybody("validation")
    facts = {
        "data_sha256": checkpoint.digest(torch.cat([one.wave for one in heard])),
        "data_source": "; ".join(sorted({one.source for one in heard})),
        "data_licence": LICENCE,
    }
    held_out = crops(unheard, watched)(torch.Generator().manual_seed(0))
    return Source(crops(heard, size), held_out, facts)
