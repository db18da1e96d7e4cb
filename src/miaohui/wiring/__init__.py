"""How is the house put together? The composition root: the only place that names implementations; begin at `house`."""

from pathlib import Path

from miaohui.wiring.house import House, open_house

__all__ = ["House", "open_house", "static_folder"]


def static_folder(name: str) -> Path:
    """Built web pages inside the package."""
    return Path(__file__).parents[1] / "static" / name
