"""What the people of the demo photograph, or would if they were not drawn."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from realtime.commands.town.brush import (
    BRICK,
    BRIGHT,
    CHALK,
    FOG,
    INK,
    LAMP,
    MOSS,
    NIGHT,
    PLUM,
    ROSE,
    SEA,
    Canvas,
    Colour,
    mix,
)

Paint = Callable[[Canvas], None]


def draw(scene: str, seed: int) -> bytes:
    """This scene as a JPEG; the same one for the same seed, but for its grain.

    Raises:
        KeyError: nobody draws such a scene.
    """
    width, height = _SIZES[seed % len(_SIZES)]
    canvas = Canvas(width, height, seed)
    SCENES[scene](canvas)
    return canvas.jpeg()


def harbour(c: Canvas) -> None:
    """Houses behind a quay, boats before it, all of it twice: the water is still."""
    warm = c.chance.random() < 0.5
    c.sky(mix(SEA, CHALK, 0.55), mix(LAMP, CHALK, 0.55) if warm else FOG, 0.6)
    sun = c.chance.uniform(0.2, 0.8)
    c.glow(sun, 0.3, 0.3, CHALK, 0.8)
    c.disc(sun, 0.3, 0.035, mix(LAMP, CHALK, 0.25))
    c.ridge(0.5, 0.12, mix(SEA, FOG, 0.55))
    water = mix(SEA, INK, 0.15)
    c.box(0, 0.6, 1, 1, water)
    x = -0.02
    while x < 1:
        wide, high = c.chance.uniform(0.06, 0.12), c.chance.uniform(0.14, 0.26)
        colour = mix(c.chance.choice((BRICK, CHALK, LAMP, ROSE, PLUM)), CHALK, 0.12)
        _house(c, x, 0.6, wide, high, colour)
        c.box(x, 0.6, x + wide, 0.6 + high * 0.8, mix(colour, water, 0.72))
        x += wide + 0.004
    c.box(0, 0.59, 1, 0.615, INK)
    _ripples(c, 0.63, mix(water, CHALK, 0.3))
    for _ in range(c.chance.randint(2, 4)):
        _boat(
            c, c.chance.uniform(0.1, 0.9), c.chance.uniform(0.72, 0.9), c.chance.uniform(0.7, 1.3)
        )


def bread(c: Canvas) -> None:
    """A loaf with its cuts, on a board, flour all around."""
    c.sky(mix(PLUM, INK, 0.55), mix(PLUM, INK, 0.3))
    c.area([(0, 0.62), (1, 0.56), (1, 1), (0, 1)], mix(LAMP, INK, 0.35))
    c.oval(0.5, 0.72, 0.4, 0.2, mix(LAMP, BRICK, 0.35))
    c.oval(0.5, 0.7, 0.4, 0.2, mix(LAMP, CHALK, 0.25))
    crust, light = mix(BRICK, INK, 0.18), mix(LAMP, CHALK, 0.5)
    tall = c.chance.uniform(0.25, 0.31)
    c.oval(0.5, 0.62, 0.32, tall * 0.95, mix(crust, INK, 0.35))
    c.oval(0.5, 0.57, 0.31, tall, crust)
    c.oval(0.48, 0.53, 0.27, tall * 0.78, mix(crust, LAMP, 0.4))
    cuts = c.chance.randint(3, 5)
    for cut in range(cuts):
        x = 0.5 + (cut - (cuts - 1) / 2) * 0.42 / cuts
        c.area([(x - 0.05, 0.63), (x - 0.016, 0.45), (x + 0.05, 0.36), (x + 0.01, 0.55)], light)
        c.line([(x - 0.05, 0.63), (x - 0.016, 0.45), (x + 0.05, 0.36)], mix(crust, INK, 0.3), 0.005)
    for _ in range(220):
        x, y = c.chance.gauss(0.5, 0.24), c.chance.gauss(0.72, 0.13)
        if y > 0.55:
            c.disc(x, y, c.chance.uniform(0.0008, 0.003), CHALK)


def hills(c: Canvas) -> None:
    """One ridge behind the other, each a little paler, and a sun or a moon."""
    evening = c.chance.random() < 0.5
    low = mix(ROSE, LAMP, 0.4) if evening else FOG
    c.sky(mix(PLUM, ROSE, 0.3) if evening else mix(SEA, CHALK, 0.45), low, 0.75)
    sun = c.chance.uniform(0.2, 0.8)
    c.glow(sun, 0.4, 0.35, CHALK, 0.9)
    c.disc(sun, 0.4, 0.045, CHALK if not evening else LAMP)
    near = c.chance.choice((SEA, MOSS, PLUM))
    for layer in range(6):
        share = layer / 5
        colour = mix(mix(low, near, 0.35), mix(near, INK, 0.6), share)
        points = c.ridge(0.46 + 0.1 * layer, 0.16 - 0.015 * layer, colour, 0.8 + 0.25 * layer)
        if layer >= 3:
            for x, y in points[c.chance.randint(0, 4) :: c.chance.randint(5, 9)]:
                _fir(c, x, y + 0.01, 0.02 + 0.012 * (layer - 3), mix(colour, INK, 0.25))
    for _ in range(c.chance.randint(3, 7)):
        x, y = c.chance.uniform(0.1, 0.9), c.chance.uniform(0.1, 0.35)
        c.line([(x - 0.014, y - 0.012), (x, y), (x + 0.014, y - 0.012)], INK, 0.0025)


def window(c: Canvas) -> None:
    """What is outside, a sill with plants, a cup, and rain if it must be."""
    rain = c.chance.random() < 0.55
    c.sky(mix(INK, FOG, 0.45) if rain else mix(SEA, CHALK, 0.5), FOG if rain else CHALK, 0.8)
    c.ridge(0.62, 0.1, mix(MOSS, FOG, 0.5))
    for step in range(7):
        x = step / 7 + c.chance.uniform(0, 0.03)
        _house(c, x, 0.76, 0.1, c.chance.uniform(0.1, 0.22), mix(INK, FOG, 0.45))
    c.box(0, 0.76, 1, 1, mix(MOSS, FOG, 0.3))
    if rain:
        for _ in range(240):
            x, y = c.chance.random(), c.chance.uniform(0, 0.82)
            c.line([(x, y), (x - 0.006, y + 0.035)], mix(CHALK, FOG, 0.3), 0.0016)
    frame = mix(CHALK, LAMP, 0.12)
    for left, top, right, bottom in ((0, 0, 0.06, 1), (0.94, 0, 1, 1), (0, 0, 1, 0.07)):
        c.box(left, top, right, bottom, frame)
    c.box(0.485, 0, 0.515, 0.85, frame)
    c.box(0, 0.38, 1, 0.41, frame)
    c.box(0, 0.82, 1, 0.87, mix(frame, INK, 0.12))
    c.box(0, 0.87, 1, 1, frame)
    for place in (0.16, 0.3):
        _plant(c, place, 0.83, c.chance.uniform(0.8, 1.2))
    _cup(c, c.chance.uniform(0.62, 0.82), 0.83)


def chart(c: Canvas) -> None:
    """A line that goes up and down, drawn on squared paper by someone who cares."""
    c.sky(CHALK, mix(CHALK, LAMP, 0.08))
    for step in range(1, 30):
        c.line([(step / 30, 0), (step / 30, 1)], mix(CHALK, SEA, 0.16), 0.001)
    for step in range(1, 20):
        c.line([(0, step / 20), (1, step / 20)], mix(CHALK, SEA, 0.16), 0.001)
    c.line([(0.1, 0.08), (0.1, 0.88), (0.94, 0.88)], INK, 0.005)
    value, points = c.chance.uniform(0.5, 0.7), []
    for step in range(25):
        value += c.chance.uniform(-0.1, 0.085) + (0.45 - value) * 0.08
        value = min(0.82, max(0.16, value))
        points.append((0.12 + 0.8 * step / 24, value))
    colour = c.chance.choice((BRICK, SEA, PLUM))
    c.area([(0.12, 0.878), *points, (0.92, 0.878)], mix(CHALK, colour, 0.18))
    c.line(points, colour, 0.008)
    for x, y in points[::3]:
        c.disc(x, y, 0.009, colour)
        c.disc(x, y, 0.0045, CHALK)
    top = min(points, key=lambda point: point[1])
    c.glow(top[0], top[1], 0.12, LAMP, 0.7)
    c.disc(top[0], top[1], 0.014, LAMP)
    c.disc(top[0], top[1], 0.007, INK)


def night(c: Canvas) -> None:
    """Stars, a lighthouse and its beam, and the sea that you hear but do not see."""
    c.sky(NIGHT, mix(NIGHT, SEA, 0.55), 0.8)
    for _ in range(260):
        x, y = c.chance.random(), c.chance.uniform(0, 0.7) ** 1.2
        bright = c.chance.random() ** 3
        c.disc(x, y, 0.0008 + 0.0022 * bright, mix(SEA, CHALK, 0.4 + 0.6 * bright))
    x, lamp = c.chance.uniform(0.22, 0.78), 0.36
    side = 1 if x < 0.5 else -1
    for wide, share in ((0.16, 0.1), (0.1, 0.2), (0.05, 0.34)):
        end = x + side * 0.9
        beam = mix(mix(NIGHT, SEA, 0.3), LAMP, share)
        c.area([(x, lamp), (end, lamp - 0.12 - wide), (end, lamp - 0.12 + wide)], beam)
    c.box(0, 0.78, 1, 1, mix(NIGHT, SEA, 0.25))
    _ripples(c, 0.8, mix(NIGHT, SEA, 0.6))
    c.ridge(0.86, 0.05, mix(NIGHT, INK, 0.5), 0.7)
    c.area([(x - 0.028, 0.86), (x - 0.018, 0.4), (x + 0.018, 0.4), (x + 0.028, 0.86)], CHALK)
    for step in (0, 2):
        top = 0.46 + step * 0.09
        half = 0.02 + step * 0.002
        c.box(x - half, top, x + half, top + 0.085, BRICK)
    c.box(x - 0.024, 0.385, x + 0.024, 0.405, INK)
    c.box(x - 0.014, 0.335, x + 0.014, 0.385, LAMP)
    c.area([(x - 0.02, 0.335), (x, 0.295), (x + 0.02, 0.335)], BRICK)
    c.glow(x, lamp, 0.2, LAMP, 0.9)


def regatta(c: Canvas) -> None:
    """Sails of every colour, and wind."""
    c.sky(mix(SEA, CHALK, 0.35), FOG, 0.5)
    for _ in range(4):
        x, y = c.chance.random(), c.chance.uniform(0.08, 0.3)
        for puff in range(5):
            c.oval(x + puff * 0.035, y - 0.014 * (puff % 2), 0.04, 0.03, mix(FOG, CHALK, 0.8))
    water = mix(SEA, INK, 0.2)
    c.box(0, 0.5, 1, 1, water)
    _ripples(c, 0.52, mix(water, CHALK, 0.35))
    boats = sorted((c.chance.uniform(0.54, 0.9), c.chance.uniform(0.05, 0.95)) for _ in range(9))
    for y, x in boats:
        _boat(c, x, y, 0.5 + (y - 0.5) * 4)


def garden(c: Canvas) -> None:
    """Pots on a bench, none of them alike."""
    c.sky(mix(CHALK, ROSE, 0.25), CHALK, 0.7)
    for row in range(5):
        for column in range(12):
            x = (column + (row % 2) / 2) / 11
            brick = mix(CHALK, ROSE, c.chance.uniform(0.25, 0.4))
            c.box(x - 0.042, row * 0.14 + 0.01, x + 0.042, row * 0.14 + 0.13, brick)
    c.box(0, 0.74, 1, 0.8, mix(LAMP, INK, 0.45))
    c.box(0, 0.8, 1, 1, mix(INK, MOSS, 0.25))
    for place in range(6):
        _plant(c, 0.1 + place * 0.16, 0.745, c.chance.uniform(1.3, 2.3))


def street(c: Canvas) -> None:
    """Tall narrow houses at dusk; someone is at home."""
    c.sky(mix(INK, PLUM, 0.55), ROSE, 0.8)
    c.glow(c.chance.uniform(0.2, 0.8), 0.12, 0.14, CHALK, 0.7)
    x = -0.03
    while x < 1:
        wide, high = c.chance.uniform(0.1, 0.16), c.chance.uniform(0.42, 0.68)
        _house(c, x, 0.86, wide, high, mix(c.chance.choice(BRIGHT), INK, 0.3), lit=0.6)
        x += wide + 0.003
    c.box(0, 0.86, 1, 1, mix(INK, NIGHT, 0.4))
    for lamp in range(4):
        x = 0.12 + lamp * 0.26
        c.line([(x, 0.94), (x, 0.66)], NIGHT, 0.006)
        c.disc(x, 0.65, 0.012, LAMP)
        c.glow(x, 0.65, 0.1, LAMP, 0.8)


def flags(c: Canvas) -> None:
    """Bunting between two masts, on a windy day."""
    c.sky(mix(SEA, CHALK, 0.4), mix(FOG, CHALK, 0.5))
    c.ridge(0.84, 0.05, mix(MOSS, SEA, 0.4))
    for row in range(4):
        top, sag = 0.1 + row * 0.17, c.chance.uniform(0.06, 0.14)
        count = c.chance.randint(9, 13)
        rope = [(x / 40, top + sag * (1 - (2 * x / 40 - 1) ** 2)) for x in range(41)]
        c.line(rope, INK, 0.0025)
        for place in range(count):
            x = (place + 0.5) / count
            y = top + sag * (1 - (2 * x - 1) ** 2)
            half, lean = 0.32 / count, c.chance.uniform(-0.012, 0.02)
            colour = BRIGHT[(place + row * 2) % len(BRIGHT)]
            c.area([(x - half, y), (x + half, y), (x + lean, y + 0.11)], colour)
            c.area([(x, y), (x + half, y), (x + lean, y + 0.11)], mix(colour, INK, 0.12))


SCENES: Final[dict[str, Paint]] = {
    paint.__name__: paint
    for paint in (harbour, bread, hills, window, chart, night, regatta, garden, street, flags)
}
_SIZES: Final = ((1200, 800), (1200, 900), (960, 1200), (1280, 720), (1000, 1000))


def _house(  # noqa: PLR0913 - where, how large, in which colour, who is at home
    c: Canvas, x: float, foot: float, wide: float, high: float, colour: Colour, lit: float = 0.15
) -> None:
    top = foot - high
    c.box(x, top, x + wide, foot, colour)
    roof = mix(colour, INK, 0.45)
    c.area([(x - 0.004, top), (x + wide / 2, top - wide * 0.55), (x + wide + 0.004, top)], roof)
    rows, columns = max(1, int(high / 0.085)), max(1, int(wide / 0.036))
    for row in range(rows):
        for column in range(columns):
            left = x + wide * (column + 0.3) / columns
            upper = top + high * (row + 0.25) / rows
            is_lit = c.chance.random() < lit
            glass = LAMP if is_lit else mix(colour, INK, 0.6)
            c.box(left, upper, left + wide * 0.42 / columns, upper + high * 0.5 / rows, glass)


def _boat(c: Canvas, x: float, y: float, scale: float) -> None:
    sail, hull = c.chance.choice((CHALK, LAMP, BRICK, ROSE, PLUM)), c.chance.choice((INK, BRICK))
    wide, high = 0.05 * scale, 0.13 * scale
    c.oval(x, y + 0.016 * scale, wide * 1.1, 0.012 * scale, mix(SEA, INK, 0.55))
    c.line([(x, y), (x, y - high * 1.1)], INK, 0.003 * scale)
    c.area([(x + 0.004, y - 0.012), (x + 0.004, y - high), (x + wide, y - 0.016)], sail)
    c.area(
        [(x - 0.004, y - 0.012), (x - 0.004, y - high * 0.8), (x - wide * 0.7, y - 0.016)],
        mix(sail, INK, 0.14),
    )
    keel = y + 0.02 * scale
    c.area([(x - wide, y), (x + wide, y), (x + wide * 0.7, keel), (x - wide * 0.7, keel)], hull)


def _ripples(c: Canvas, top: float, colour: Colour) -> None:
    for _ in range(90):
        y = c.chance.uniform(top, 1)
        x, wide = c.chance.random(), 0.01 + 0.06 * (y - top)
        c.line([(x - wide, y), (x + wide, y)], colour, 0.0018)


def _fir(c: Canvas, x: float, y: float, high: float, colour: Colour) -> None:
    for step in range(3):
        top = y - high * 2.2 + step * high * 0.6
        half = high * (0.22 + 0.12 * step)
        c.area([(x, top), (x + half, top + high), (x - half, top + high)], colour)


def _plant(c: Canvas, x: float, foot: float, scale: float) -> None:
    pot = c.chance.choice((BRICK, PLUM, SEA, mix(LAMP, BRICK, 0.4)))
    half, high = 0.032 * scale, 0.075 * scale
    leaf = mix(MOSS, c.chance.choice((INK, SEA, LAMP)), 0.3)
    stems = c.chance.randint(6, 10)
    for stem in range(stems):
        angle = math.pi * (0.12 + 0.76 * stem / (stems - 1))
        long = (0.1 + c.chance.uniform(0, 0.07)) * scale
        tip_x, tip_y = x + math.cos(angle) * long * 0.6, foot - high - math.sin(angle) * long
        c.line([(x, foot - high), (tip_x, tip_y)], mix(leaf, INK, 0.2), 0.003)
        c.oval(tip_x, tip_y, 0.011 * scale, 0.022 * scale, mix(leaf, CHALK, c.chance.random() / 4))
        if c.chance.random() < 0.3:
            c.disc(tip_x, tip_y - 0.02 * scale, 0.008 * scale, c.chance.choice((BRICK, LAMP, ROSE)))
    top, low = foot - high, foot
    c.area([(x - half, top), (x + half, top), (x + half * 0.7, low), (x - half * 0.7, low)], pot)
    c.box(x - half * 1.12, top - 0.006, x + half * 1.12, top + 0.016 * scale, mix(pot, CHALK, 0.15))


def _cup(c: Canvas, x: float, foot: float) -> None:
    c.disc(x + 0.05, foot - 0.065, 0.026, CHALK)
    c.disc(x + 0.05, foot - 0.065, 0.015, FOG)
    c.area(
        [(x - 0.05, foot - 0.12), (x + 0.05, foot - 0.12), (x + 0.035, foot), (x - 0.035, foot)],
        BRICK,
    )
    c.oval(x, foot - 0.12, 0.05, 0.014, mix(BRICK, INK, 0.4))
    for bend in (-0.018, 0.012):
        steam = [
            (x + bend + math.sin(step / 2.2) * 0.008, foot - 0.15 - step * 0.014)
            for step in range(9)
        ]
        c.line(steam, CHALK, 0.003)
