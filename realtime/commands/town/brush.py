"""A canvas for flat, layered pictures in the colours of the house."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Iterable
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Point = tuple[float, float]

CHALK: Final = (244, 239, 228)
INK: Final = (29, 58, 64)
BRICK: Final = (200, 85, 61)
LAMP: Final = (240, 180, 64)
SEA: Final = (47, 130, 133)
MOSS: Final = (116, 139, 74)
PLUM: Final = (125, 79, 115)
FOG: Final = (226, 233, 231)
NIGHT: Final = (16, 33, 42)
ROSE: Final = (228, 164, 140)
BRIGHT: Final = (BRICK, LAMP, SEA, MOSS, PLUM)

_FINE: Final = 2  # drawn so many times larger, then reduced: smooth edges
_GRAIN: Final = 9


class Canvas:
    """A picture in the making. Places are fractions: (0, 0) is top left, (1, 1) bottom right."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.width, self.height = width * _FINE, height * _FINE
        self._image = Image.new("RGB", (self.width, self.height), CHALK)
        self._draw = ImageDraw.Draw(self._image)

    @property
    def ratio(self) -> float:
        """Width through height: a circle `r` wide is `r * ratio` high."""
        return self.width / self.height

    def sky(self, top: Colour, bottom: Colour, until: float = 1.0) -> None:
        """Fade from one colour to another, from the top down to `until`."""
        rows = int(self.height * until)
        column = Image.new("RGB", (1, rows))
        for row in range(rows):
            column.putpixel((0, row), mix(top, bottom, row / max(1, rows - 1)))
        self._image.paste(column.resize((self.width, rows)), (0, 0))

    def area(self, points: Iterable[Point], colour: Colour) -> None:
        """Fill a polygon."""
        self._draw.polygon([self._at(point) for point in points], fill=colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """Fill a rectangle."""
        self.area([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Fill a circle; the radius is a fraction of the width."""
        self.oval(x, y, radius, radius * self.ratio, colour)

    def oval(self, x: float, y: float, across: float, down: float, colour: Colour) -> None:
        """Fill an ellipse with these half axes."""
        left, top = self._at((x - across, y - down))
        right, bottom = self._at((x + across, y + down))
        self._draw.ellipse((left, top, right, bottom), fill=colour)

    def line(self, points: Iterable[Point], colour: Colour, thick: float = 0.004) -> None:
        """Draw through points; the thickness is a fraction of the width."""
        pixels = [self._at(point) for point in points]
        self._draw.line(pixels, fill=colour, width=max(1, round(thick * self.width)), joint="curve")

    def ridge(self, level: float, rise: float, colour: Colour, waves: float = 1.5) -> list[Point]:
        """Fill everything below a rolling line; its points, from left to right."""
        phase = [self.chance.uniform(0, math.tau) for _ in range(3)]
        points = []
        for step in range(101):
            x = step / 100
            y = sum(
                math.sin(x * math.tau * waves * (place + 1) * 0.6 + phase[place]) / (place + 1)
                for place in range(3)
            )
            points.append((x, level - rise * y / 2))
        self.area([(0, 1), *points, (1, 1)], colour)
        return points

    def glow(
        self, x: float, y: float, radius: float, colour: Colour, strength: float = 0.6
    ) -> None:
        """Light around a place, fading to nothing at `radius`."""
        small = Image.new("L", (64, 64), 0)
        ImageDraw.Draw(small).ellipse((20, 20, 44, 44), fill=int(255 * strength))
        small = small.filter(ImageFilter.GaussianBlur(9))
        size = max(2, int(radius * self.width * 2))
        mask = Image.new("L", self._image.size, 0)
        left, top = int(x * self.width - size / 2), int(y * self.height - size / 2)
        mask.paste(small.resize((size, size), Image.Resampling.BICUBIC), (left, top))
        self._image.paste(Image.new("RGB", self._image.size, colour), (0, 0), mask)

    def jpeg(self) -> bytes:
        """The finished picture, with a little grain, as a JPEG."""
        size = (self.width // _FINE, self.height // _FINE)
        reduced = self._image.reduce(_FINE)
        grain = Image.effect_noise(size, _GRAIN).convert("RGB")
        reduced = ImageChops.add(reduced, grain, 1, -128)
        file = io.BytesIO()
        reduced.save(file, "JPEG", quality=90)
        return file.getvalue()

    def _at(self, point: Point) -> Point:
        return point[0] * self.width, point[1] * self.height


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of the other colour, the rest of the first."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
