"""Run as a program by `synthetic.py`: lines of text come in as JSON, samples go out.

A process of its own, because eSpeak NG keeps state between utterances and is not thread-safe.
The C interface is documented in eSpeak NG's `speak_lib.h`; the numbers are its constants.
"""

import ctypes
import json
import struct
import sys

import espeakng_loader

SYNCHRONOUS, SPEED, PITCH, UTF8 = 2, 1, 3, 1
Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


def main() -> None:
    """[[text, voice, speed, pitch], ...] on stdin -> (byte count, 16-bit samples) on stdout."""
    espeak = ctypes.CDLL(espeakng_loader.get_library_path())
    espeak.espeak_Initialize(SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
    espeak.espeak_ng_SetRandSeed(ctypes.c_long(0))  # else it is the second of the clock
    heard = bytearray()

    @Callback
    def hear(samples, count, _events) -> int:
        if samples and count > 0:
            heard.extend(ctypes.string_at(samples, 2 * count))
        return 0

    espeak.espeak_SetSynthCallback(hear)
    for text, voice, speed, pitch in json.load(sys.stdin):
        heard.clear()
        say(espeak, text.encode(), voice, speed, pitch)
        sys.stdout.buffer.write(struct.pack("<I", len(heard)) + heard)


def say(espeak: ctypes.CDLL, text: bytes, voice: str, speed: int, pitch: int) -> None:
    """Speak one line; the samples arrive at the callback before this returns."""
    if espeak.espeak_SetVoiceByName(voice.encode()):
        sys.exit(f"there is no voice {voice!r}: a language such as en, de, es, fr, it, ru")
    espeak.espeak_SetParameter(SPEED, speed, 0)
    espeak.espeak_SetParameter(PITCH, pitch, 0)
    size = ctypes.c_size_t(len(text) + 1)
    if espeak.espeak_Synth(text, size, 0, 1, 0, UTF8, None, None):
        sys.exit(f"eSpeak NG could not speak {text.decode()!r}")


if __name__ == "__main__":
    main()
