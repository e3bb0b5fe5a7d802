"""The models on disk: what there is, where it comes from, and how it becomes a folder that loads.

Importing `openvino` reports its use to its makers wherever the package openvino-telemetry is installed. With None in
its place that import fails, and OpenVINO takes its own silent stub. Whatever runs a model imports this package first.
"""

import sys

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None is Python's own mark for "refuse"
