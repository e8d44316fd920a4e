"""Say it yourself: a mask over one's own voice, its codes, what CTC hears in it, and the text."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import anywidget
import numpy as np
import traitlets
from jaxtyping import Float
from numpy import ndarray

from lecturelib.viz.explorers.clips import HOP, RATE, Clip, Wave, check_frames, outline, piece
from lecturelib.viz.explorers.stage import front_end, mimebundle
from lecturelib.viz.hearing import Heard, hearing_figure
from lecturelib.viz.sound import mp3

LONGEST = 10.0  # seconds: of a longer clip no frame could be seen
WEIGHTS = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0)  # of the language model
WIDTHS = (1, 2, 4, 8, 16, 32)  # of the beam


@runtime_checkable
class Decoder(Protocol):
    """A listener that can also search: a beam of some width, a language model of some weight."""

    def decode(self, log_p: Float[ndarray, "frames classes"], weight: float, width: int) -> str:
        """The best text that the beam finds."""
        ...


class SayIt(anywidget.AnyWidget):
    """The explorer, made by `say_it`. Set `clip`, `frame` (-1: none), `weight`, `width` (stops)."""

    _esm, _css = front_end("heat", "clips", "own_clip", "say_it_picture", "say_it")
    about = traitlets.Dict().tag(sync=True)  # listeners and stops
    clips = traitlets.List(traitlets.Dict()).tag(sync=True)  # names, words and lengths
    clip = traitlets.Int().tag(sync=True)
    result = traitlets.Dict().tag(sync=True)  # what each listener heard in the clip
    decoded = traitlets.List(traitlets.Unicode()).tag(sync=True)  # by the sliders, one a listener
    frame = traitlets.Int(-1).tag(sync=True)
    weight = traitlets.Int(2).tag(sync=True)
    width = traitlets.Int(3).tag(sync=True)
    trouble = traitlets.Unicode().tag(sync=True)  # why a clip was refused
    listeners = traitlets.Dict()  # name -> what hears a wave
    heard = traitlets.List()  # every Clip and what each listener Heard

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.on_msg(self._answer)

    def add(self, clip: Clip) -> int:
        """Let all listeners hear one more clip and give its number; ValueError where one cannot.

        It is kept in this kernel only, never in the notebook.
        """
        if clip.seconds > LONGEST:
            text = f"{clip.name} lasts {clip.seconds:.1f} s: at most {LONGEST:g} s can be shown"
            raise ValueError(text)
        heard = [listen(clip.wave) for listen in self.listeners.values()]
        for name, one in zip(self.listeners, heard, strict=True):
            check_frames(name, len(one.log_p), clip.wave)
        self.heard = [*self.heard, (clip, heard)]
        facts = {"name": clip.name, "text": clip.text, "seconds": clip.seconds}
        self.clips = [*self.clips, facts]
        return len(self.clips) - 1

    def _answer(self, _: Any, asked: dict[str, Any], buffers: list) -> None:
        """The browser asks for a clip or a piece of it to play, or brings one of the reader's."""
        if "clip" in asked:
            number, *frames = map(int, asked["clip"].split())
            wave = self.heard[number][0].wave
            self.send(asked, [piece(wave, *frames) if frames else mp3(wave, RATE)])
            return
        wave = np.frombuffer(bytes(buffers[0]), "<f4").copy()  # models warn of read-only arrays
        try:
            self.clip = self.add(Clip(asked["name"], wave))
        except ValueError as error:
            self.trouble = str(error)

    @traitlets.validate("clip", "frame", "weight", "width")
    def _check_move(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        counts = {"clip": len(self.clips), "weight": len(WEIGHTS), "width": len(WIDTHS)}
        counts["frame"] = max([one["frames"] for one in self.result.get("heard", [])], default=0)
        least = -1 if name == "frame" else 0
        if not least <= value < counts[name]:
            raise ValueError(f"{name}={value}: it must be from {least} to {counts[name] - 1}")
        return value

    @traitlets.observe("clip")
    def _show(self, _: Any = None) -> None:
        clip, heard = self.heard[self.clip]
        with self.hold_sync():
            self.frame, self.trouble = -1, ""
            facts = [told(one) for one in heard]
            self.result = {"clip": self.clip, "outline": outline(clip.wave), "heard": facts}
            self._decode()

    @traitlets.observe("weight", "width")
    def _decode(self, _: Any = None) -> None:
        stop = {"weight": WEIGHTS[self.weight], "width": WIDTHS[self.width]}
        pairs = zip(self.listeners.values(), self.heard[self.clip][1], strict=True)
        self.decoded = [
            listen.decode(one.log_p, **stop) if isinstance(listen, Decoder) else ""
            for listen, one in pairs
        ]

    def __repr__(self) -> str:
        clip, heard = self.heard[self.clip]
        read = [
            f"{name} reads {list(one.texts.values())[-1]!r}"
            for name, one in zip(self.listeners, heard, strict=True)
        ]
        return f"SayIt({clip.name!r}, {clip.seconds:.1f} s: {'; '.join(read)})"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        clip, heard = self.heard[self.clip]
        return mimebundle(self, hearing_figure(clip, dict(zip(self.listeners, heard, strict=True))))


def say_it(listeners: Mapping[str, Callable[[Wave], Heard]], clips: Sequence[Clip]) -> SayIt:
    """Choose a clip, record or bring one: a mask over it, its codes, CTC's posteriors, the text.

    listeners  by name, side by side: each hears a wave of 8,000 Hz and gives what it Heard. One
               that is a Decoder, too, reads again whenever a slider is moved.

    ValueError for no listener, no clip, and a clip that a listener cannot hear.
    """
    if not listeners or not clips:
        text = f"{len(listeners)} listeners and {len(clips)} clips: give one of each at least"
        raise ValueError(text)
    about = {"listeners": list(listeners), "rate": RATE, "longest": LONGEST, "hop": HOP / RATE}
    about["decodes"] = [isinstance(listen, Decoder) for listen in listeners.values()]
    about["stops"] = [[f"{one:g}" for one in stops] for stops in (WEIGHTS, WIDTHS)]
    widget = SayIt(listeners=dict(listeners), about=about)
    for clip in clips:
        widget.add(clip)
    widget._show()
    return widget


def told(heard: Heard) -> dict[str, Any]:
    """What the browser knows of one listener: bytes for the rows, words for the rest."""
    codes = None if heard.codes is None else heard.codes.T.astype("<u2").tobytes()
    return {
        "frames": len(heard.log_p),
        "hidden": heard.hidden.astype(np.uint8).tobytes(),
        "codes": codes,
        "p": np.rint(255 * heard.p).clip(0, 255).astype(np.uint8).tobytes(),
        "signs": heard.signs,
        "rows": heard.rows(),
        "letters": [list(one) for one in heard.letters()],
        "texts": [list(one) for one in heard.texts.items()],
    }
