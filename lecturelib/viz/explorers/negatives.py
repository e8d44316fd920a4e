"""Which of these is the hidden frame? Where the distractors come from, and the slide's loss."""

from typing import Any

import anywidget
import numpy as np
import traitlets
from numpy import ndarray

from lecturelib.adapt.codes import Occurrence
from lecturelib.viz.explorers.contrast import Contrast, Numbers, contrast_figure, slide_loss
from lecturelib.viz.explorers.pieces import RATE
from lecturelib.viz.explorers.stage import front_end, mimebundle
from lecturelib.viz.sound import mp3

KAPPAS = (0.05, 0.1, 0.2, 0.5, 1.0)  # the paper: 0.1
COUNTS = (1, 5, 10, 20, 50, 100)  # of distractors; the paper: 100
OUTLINE = 400  # points of the longest clip's outline


class Negatives(anywidget.AnyWidget):
    """The explorer, made by `negatives`. Set `place`, `others`, `seed` ..."""

    _esm, _css = front_end("heat", "clips", "negatives_picture", "negatives")
    about = traitlets.Dict().tag(sync=True)  # the clips and what is hidden in them
    place = traitlets.List(traitlets.Int()).tag(sync=True)  # clip and frame
    others = traitlets.Bool(False).tag(sync=True)  # distractors from other speakers
    seed = traitlets.Int(0).tag(sync=True)
    kappa = traitlets.Int(0).tag(sync=True)  # a stop of about["kappas"]
    count = traitlets.Int(0).tag(sync=True)  # a stop of about["counts"]
    keep = traitlets.Bool(False).tag(sync=True)  # distractors that equal the true frame
    result = traitlets.Dict().tag(sync=True)  # the last places that were drawn
    trouble = traitlets.Unicode().tag(sync=True)  # why none could be drawn
    contrast = traitlets.Instance(Contrast)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.on_msg(self._play)

    def _play(self, _: Any, asked: dict[str, Any], __: list) -> None:
        """The browser asks for a frame with what is around it: only what is heard travels."""
        place = Occurrence(*(int(number) for number in asked["clip"].split()))
        self.send(asked, [mp3(self.contrast.recordings.sound([place]), RATE)])

    @traitlets.validate("place", "kappa", "count")
    def _check_move(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        if name == "place":
            if tuple(value) not in self.contrast.places():
                raise ValueError(f"place={value} is no hidden frame: give [clip, frame] of one")
            return value
        last = len(self.about[f"{name}s"]) - 1
        if not 0 <= value <= last:
            raise ValueError(f"{name}={value} is none of 0 to {last}")
        return value

    @traitlets.observe("place", "others", "seed")
    def _draw(self, _: Any) -> None:
        place, most = Occurrence(*self.place), self.about["counts"][-1]
        try:
            drawn = list(self.contrast.draw(place, most, self.others, self.seed))
        except ValueError as error:
            self.trouble = str(error)
            return
        known = {"place": list(self.place), "others": self.others}
        known |= {"drawn": [list(one) for one in drawn]}
        with self.hold_sync():
            self.result = known | self.contrast.compare(place, drawn)
            self.trouble = ""

    def drawn(self) -> list[Occurrence]:
        """The true frame and the distractors that are shown."""
        places = [self.result["place"], *self.result["drawn"][: self.about["counts"][self.count]]]
        return [Occurrence(*place) for place in places]

    def numbers(self) -> Numbers:
        """The slide's equation for the frame and the distractors that are shown."""
        count = self.about["counts"][self.count]
        cosine = np.array(self.result["cosine"][: 1 + count])
        same = np.array(self.result["same"][:count])
        return slide_loss(cosine, same, self.about["kappas"][self.kappa], self.keep)

    def __repr__(self) -> str:
        clip, frame = self.result["place"]
        count = self.about["counts"][self.count]
        where = "other speakers" if self.result["others"] else "the same utterance"
        equal = sum(self.result["same"][:count])
        return (
            f"Negatives({self.about['names'][clip]}, frame {frame}: {count} distractors from "
            f"{where}, {equal} equal to it; loss {self.numbers().loss:.2f}, "
            f"chance {np.log(1 + count):.2f})"
        )

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return mimebundle(self, contrast_figure(self.contrast, self.drawn(), self.numbers()))


def negatives(contrast: Contrast, place: Occurrence | None = None) -> Negatives:
    """Which of these is the hidden frame? Choose where the distractors come from, and hear them.

    place  a hidden frame to start with; None: the middle one of the first clip that hides any

    Starts with distractors of the same utterance, kappa .1 and 50 of them. ValueError where the
    first ones cannot be drawn.
    """
    own = [one for one in contrast.places() if one.clip == contrast.places()[0].clip]
    longest = max(len(clip) for clip in contrast.recordings.clips)
    about = {
        "names": [contrast.recordings.name(clip) for clip in range(len(contrast.hidden))],
        "seconds": [len(clip) / RATE for clip in contrast.recordings.clips],
        "outlines": [outline(clip, longest) for clip in contrast.recordings.clips],
        "hidden": [one.astype(np.uint8).tobytes() for one in contrast.hidden],
        "kappas": list(KAPPAS),
        "counts": list(COUNTS),
    }
    widget = Negatives(contrast=contrast, about=about)
    widget.kappa, widget.count = KAPPAS.index(0.1), COUNTS.index(50)
    widget.place = list(place or own[len(own) // 2])
    if widget.trouble:
        raise ValueError(widget.trouble)
    return widget


def outline(clip: ndarray, longest: int) -> bytes:
    """The loudest sample of each stretch, a byte each; the longest clip has 400 stretches."""
    parts = np.array_split(np.abs(clip), max(1, round(OUTLINE * len(clip) / longest)))
    loud = np.array([part.max(initial=0) for part in parts])
    return np.rint(255 * loud / max(1e-6, loud.max())).astype(np.uint8).tobytes()
