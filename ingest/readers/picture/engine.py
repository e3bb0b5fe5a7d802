"""The models that find and read lines in pictures: PP-OCR as the package rapidocr carries it, run by OpenVINO.

They are loaded at the first picture, once in a process. Sizes are rounded up to a few, since OpenVINO prepares for each
size it meets, and keeps that in memory.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import storage.models  # noqa: F401  # keeps openvino from reporting its use
from storage.errors import UnreadableFile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[Any]  # bytes by height, width, and blue, green and red where it has colours
    Quad = NDArray[np.float32]  # the four corners of a line, clockwise from the one where its text begins

_THREADS = 2  # several processes read at once
_MODELS = {"find": "*_det_*.onnx", "turn": "*_cls_*.onnx", "read": "*_rec_*.onnx"}
_LONG, _SHORT = 1280, 992  # pixels in which lines are sought: pages, upright or lying, and squares
_MOST_ENLARGED = 2.0
_TALL = 48  # pixels of a line as it is read
_STEP = 160  # widths of a line are multiples of this
_WIDEST = 4800
_TURNED = 192  # pixels of a line that is asked whether it stands on its head


@cache
def engine() -> "Engine":
    """The engine of this process."""
    return Engine()


class Engine:
    """Finds lines in a picture, and reads them."""

    def __init__(self) -> None:
        import openvino
        import rapidocr
        from rapidocr.ch_ppocr_det.utils import DBPostProcess

        folder = Path(rapidocr.__file__).parent / "models"
        core = openvino.Core()
        options = {"INFERENCE_NUM_THREADS": _THREADS, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"}
        networks = {}
        for name, pattern in _MODELS.items():
            path = next(iter(sorted(folder.glob(pattern))), None)
            if path is None:
                raise UnreadableFile("is a picture, and the models to read it are missing: install rapidocr 3.10 anew.")
            networks[name] = core.read_model(path)
        signs = networks["read"].get_rt_info()["framework"]["character"].value.splitlines()
        self._signs = ["", *signs, " "]  # the first one stands for none
        self._finder, self._turner, self._reader = (
            core.compile_model(networks[name], "CPU", options) for name in _MODELS
        )
        self._regions: Any = DBPostProcess(
            thresh=0.3, box_thresh=0.5, max_candidates=1000, unclip_ratio=1.6, use_dilation=False, score_mode="fast"
        )

    def find(self, picture: "Pixels") -> "list[Quad]":
        """The lines of a picture."""
        import cv2
        import numpy as np

        height, width = picture.shape[:2]
        rows, columns = _canvas(height, width)
        scale = min(rows / height, columns / width, _MOST_ENLARGED)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        padded = cv2.copyMakeBorder(
            small, 0, rows - size[1], 0, columns - size[0], cv2.BORDER_CONSTANT, value=_background(small)
        )
        found = self._finder(_planes(padded)[None])[0]
        quads, _ = self._regions(found, (rows, columns))
        limits = np.array([width, height], dtype=np.float32)
        return [np.clip(quad.astype(np.float32) / scale, 0, limits) for quad in quads]

    def on_their_heads(self, lines: "Sequence[Pixels]") -> list[bool]:
        """Which of the lines are upside down, by a stretch in the middle of each."""
        return [bool(self._turner(_strip(_middle(line), _TURNED)[None])[0][0].argmax()) for line in lines]

    def read(self, lines: "Sequence[Pixels]") -> list[tuple[str, float]]:
        """The text of each line, and how sure that is, from 0 to 1."""
        answers: list[tuple[str, float]] = [("", 0.0)] * len(lines)
        for at in sorted(range(len(lines)), key=lambda at: lines[at].shape[1] / lines[at].shape[0]):
            height, width = lines[at].shape[:2]
            wide = min(-(-_TALL * width // (height * _STEP)) * _STEP, _WIDEST)
            answers[at] = self._text(self._reader([_strip(lines[at], wide)[None]], share_outputs=True)[0][0])
        return answers

    def _text(self, scores: Any) -> tuple[str, float]:
        """The likeliest sign of each step, where it is another one than in the step before."""
        best = scores.argmax(axis=1)
        new = best != 0
        new[1:] &= best[1:] != best[:-1]
        if not new.any():
            return "", 0.0
        return "".join(self._signs[sign] for sign in best[new]), float(scores.max(axis=1)[new].mean())


def _canvas(height: int, width: int) -> tuple[int, int]:
    if height > 1.15 * width:
        return _LONG, _SHORT
    return (_SHORT, _LONG) if width > 1.15 * height else (_LONG, _LONG)


def _background(picture: "Pixels") -> tuple[float, ...]:
    """The usual colour at the edges."""
    import numpy as np

    edges = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    return tuple(float(value) for value in np.median(edges, axis=0))


def _middle(line: "Pixels") -> "Pixels":
    height, width = line.shape[:2]
    beside = max(0, (width - height * _TURNED // _TALL) // 2)
    return line[:, beside : width - beside]


def _strip(line: "Pixels", width: int) -> Any:
    """A line as tall as the models want it, with nothing behind it up to a width."""
    import cv2
    import numpy as np

    filled = min(width, max(1, round(_TALL * line.shape[1] / line.shape[0])))
    strip = np.zeros((3, _TALL, width), dtype=np.float32)
    strip[:, :, :filled] = _planes(cv2.resize(line, (filled, _TALL)))
    return strip


def _planes(picture: Any) -> Any:
    """Colours as planes of numbers from -1 to 1."""
    import numpy as np

    return np.ascontiguousarray(picture.transpose(2, 0, 1), dtype=np.float32) / 127.5 - 1
