"""Real documents beside the project; tests that want them are skipped where they are not there."""

from pathlib import Path

DOCUMENTS = Path(__file__).parents[2] / "shared" / "data" / "docs"
