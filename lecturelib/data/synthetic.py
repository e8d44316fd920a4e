"""Synthetic speech, always called so: eSpeak NG says any text, in many languages and voices."""

import json
import struct
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import NamedTuple

import espeakng_loader
import torch
from jaxtyping import Float
from torch import Tensor

RATE = 22_050  # what eSpeak NG produces
SOURCE = "synthetic speech (eSpeak NG)"
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

# Stand-ins for the speakers of fsdd and for the voices of prompts.
FSDD_VOICES = {
    "george": "en+m1", "jackson": "en-us+m3", "nicolas": "en+f2",
    "yweweler": "en+f4", "lucas": "en-us+m7", "theo": "en+Andrea",
}  # fmt: skip
PROMPT_VARIANTS = ("m1", "f2", "m4", "f4")

# Sentences of our own for five languages: each opening with each of its endings.
_SENTENCES = {
    "en": (
        ("Please press", "The code is", "We repeat:", "Your number is", "Wait for", "Line"),
        ("one", "two, five", "seven", "nine, zero", "three, eight", "four, six, two"),
    ),
    "es": (
        ("Por favor marque", "El código es", "Repetimos:", "Su número es", "Espere el", "Línea"),
        ("uno", "dos, cinco", "siete", "nueve, cero", "tres, ocho", "cuatro, seis, dos"),
    ),
    "fr": (
        ("Veuillez appuyer sur", "Le code est", "Nous répétons :", "Votre numéro est",
         "Attendez le", "Ligne"),
        ("un", "deux, cinq", "sept", "neuf, zéro", "trois, huit", "quatre, six, deux"),
    ),
    "it": (
        ("Prego premere", "Il codice è", "Ripetiamo:", "Il suo numero è", "Attenda il", "Linea"),
        ("uno", "due, cinque", "sette", "nove, zero", "tre, otto", "quattro, sei, due"),
    ),
    "ru": (
        ("Пожалуйста, нажмите", "Ваш код", "Повторяем:", "Ваш номер", "Ожидайте", "Линия"),
        ("один", "два, пять", "семь", "девять, ноль", "три, восемь", "четыре, шесть, два"),
    ),
}  # fmt: skip


class Line(NamedTuple):
    """What to say and how: speed in words a minute (80-450), pitch on eSpeak's scale (0-99).

    voice: a language ("de"), or a language and a variant ("en+f3").
    """

    text: str
    voice: str
    speed: int = 175
    pitch: int = 50


def sentences(language: str) -> list[str]:
    """36 short sentences in the manner of telephone prompts, written for this course."""
    return [f"{opening} {ending}." for opening, ending in product(*_SENTENCES[language])]


def variants() -> list[str]:
    """The voice variants that any language can be spoken with."""
    return sorted(p.name for p in Path(espeakng_loader.get_data_path(), "voices", "!v").iterdir())


def speak(lines: list[Line]) -> list[Float[Tensor, " samples"]]:
    """Each line as a wave in -1 ... 1 at RATE.

    An utterance depends a little on those before it in the same call, as a person's does; the
    same call repeats exactly. Raises ValueError on empty text and on an unknown voice.
    """
    for line in lines:
        _check(line)
    program = str(Path(__file__).with_name("espeak.py"))
    child = subprocess.run(
        [sys.executable, program], input=json.dumps(lines).encode(), capture_output=True
    )
    if child.returncode:
        raise ValueError(child.stderr.decode().strip().splitlines()[-1])
    return _split(child.stdout)


def _check(line: Line) -> None:
    if not line.text.strip():
        raise ValueError(f"text={line.text!r} has nothing to say: drop empty lines first")
    variant = line.voice.partition("+")[2]
    if variant and variant not in variants():  # eSpeak NG would silently take the usual voice
        raise ValueError(f"eSpeak NG has no variant {variant!r}: one of {', '.join(variants())}")
    if not (80 <= line.speed <= 450 and 0 <= line.pitch <= 99):
        raise ValueError(f"speed={line.speed}, pitch={line.pitch}: within 80-450 and 0-99, please")


def _split(data: bytes) -> list[Tensor]:
    waves, at = [], 0
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at)
        at += 4
        pcm = torch.frombuffer(bytearray(data[at : at + size]), dtype=torch.int16)
        waves.append(pcm.float() / 32_768)
        at += size
    return waves
