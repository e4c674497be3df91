"""Pictures of the people themselves: a few shapes and colours each, and no two alike."""

from __future__ import annotations

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

SIDE: Final = 480  # pixels
_SKIN: Final = ((92, 58, 44), (141, 92, 66), (186, 128, 94), (222, 172, 136), (240, 206, 178))
_HAIR: Final = (NIGHT, (60, 38, 30), (116, 66, 38), LAMP, (150, 150, 148), BRICK)
_CLOUD: Final = (
    *((0.34, 0.36, 0.1), (0.4, 0.25, 0.1), (0.5, 0.21, 0.1), (0.6, 0.25, 0.1)),
    *((0.66, 0.36, 0.1), (0.31, 0.47, 0.085), (0.69, 0.47, 0.085)),
)
_SHORT: Final = (
    *((0.34, 0.42), (0.345, 0.3), (0.42, 0.235), (0.58, 0.235)),
    *((0.655, 0.3), (0.66, 0.42), (0.63, 0.34), (0.37, 0.34)),
)
_SCARF: Final = (
    *((0.345, 0.42), (0.37, 0.31), (0.44, 0.255), (0.5, 0.245)),
    *((0.56, 0.255), (0.63, 0.31), (0.655, 0.42)),
)
_PARTED: Final = (
    *((0.335, 0.44), (0.34, 0.3), (0.42, 0.23), (0.56, 0.225), (0.655, 0.3)),
    *((0.665, 0.44), (0.63, 0.35), (0.55, 0.3), (0.47, 0.29), (0.39, 0.34)),
)


def portrait(seed: int) -> bytes:
    """Somebody, as a square JPEG; the same person for the same seed."""
    c = Canvas(SIDE, SIDE, seed * 7919 + 11)
    ground = mix(c.chance.choice((*BRIGHT, FOG)), CHALK, c.chance.uniform(0.25, 0.5))
    c.sky(mix(ground, CHALK, 0.25), ground)
    if seed % 3 == 0:
        c.disc(
            c.chance.uniform(0.2, 0.8), c.chance.uniform(0.15, 0.4), 0.22, mix(ground, LAMP, 0.5)
        )
    elif seed % 3 == 1:
        c.ridge(0.72, 0.16, mix(ground, c.chance.choice((SEA, MOSS, PLUM)), 0.55))
    skin = _SKIN[(seed * 3 + seed // 5) % len(_SKIN)]
    hair = _HAIR[(seed * 5 + seed // 6) % len(_HAIR)]
    cut = seed % 7
    _behind(c, cut, hair)
    _body(c, skin)
    c.oval(0.5, 0.43, 0.155, 0.19, skin)
    for side in (-1, 1):
        c.oval(0.5 + side * 0.155, 0.44, 0.024, 0.04, mix(skin, BRICK, 0.12))
    _face(c, skin, hair, has_beard=cut in (0, 4) and seed % 2 == 0)
    _before(c, cut, hair)
    return c.jpeg()


def _body(c: Canvas, skin: Colour) -> None:
    cloth = c.chance.choice((BRICK, SEA, PLUM, INK, MOSS, LAMP, CHALK))
    c.box(0.44, 0.5, 0.56, 0.72, mix(skin, INK, 0.14))
    c.oval(0.5, 0.98, 0.34, 0.3, cloth)
    c.oval(0.5, 0.69, 0.085, 0.055, mix(skin, INK, 0.14))
    kind = c.chance.randint(0, 3)
    dark = mix(cloth, INK if cloth != INK else CHALK, 0.22)
    if kind == 0:  # a striped one
        for stripe in range(4):
            y = 0.81 + stripe * 0.055
            c.line([(0.27, y), (0.73, y)], mix(dark, CHALK, 0.6), 0.016)
    elif kind == 1:  # a scarf
        c.oval(0.5, 0.71, 0.13, 0.06, c.chance.choice(BRIGHT))
    elif kind == 2:  # a collar
        c.area([(0.41, 0.68), (0.5, 0.78), (0.43, 0.82)], mix(cloth, CHALK, 0.5))
        c.area([(0.59, 0.68), (0.5, 0.78), (0.57, 0.82)], mix(cloth, CHALK, 0.5))
    else:  # straps
        for side in (-1, 1):
            c.line([(0.5 + side * 0.14, 0.7), (0.5 + side * 0.12, 1)], dark, 0.03)


def _face(c: Canvas, skin: Colour, hair: Colour, *, has_beard: bool) -> None:
    shade = mix(skin, NIGHT, 0.75)
    if has_beard:
        c.oval(0.5, 0.53, 0.135, 0.11, hair)
        c.oval(0.5, 0.45, 0.13, 0.1, skin)
    for side in (-1, 1):
        x = 0.5 + side * 0.06
        c.disc(x, 0.42, 0.0135, shade)
        c.line([(x - 0.026, 0.385), (x, 0.377), (x + 0.026, 0.385)], mix(hair, shade, 0.6), 0.008)
        c.oval(0.5 + side * 0.095, 0.485, 0.026, 0.018, mix(skin, BRICK, 0.25))
    c.line([(0.5, 0.42), (0.488, 0.475), (0.503, 0.478)], mix(skin, shade, 0.35), 0.008)
    smile = c.chance.uniform(0.008, 0.022)
    c.line(
        [(0.455, 0.522), (0.478, 0.522 + smile), (0.522, 0.522 + smile), (0.545, 0.522)],
        mix(BRICK, shade, 0.4),
        0.01,
    )
    if c.chance.random() < 0.35:
        for side in (-1, 1):
            x = 0.5 + side * 0.062
            c.line(
                [
                    (x - 0.04, 0.4),
                    (x + 0.04, 0.4),
                    (x + 0.034, 0.45),
                    (x - 0.034, 0.45),
                    (x - 0.04, 0.4),
                ],
                INK,
                0.008,
            )
        c.line([(0.478, 0.41), (0.522, 0.41)], INK, 0.008)


def _behind(c: Canvas, cut: int, hair: Colour) -> None:
    """What hangs down at the back, by the cut of the hair."""
    if cut == 1:  # long
        c.oval(0.5, 0.46, 0.21, 0.25, hair)
        c.box(0.3, 0.46, 0.7, 0.76, hair)
    elif cut == 2:  # a bun
        c.disc(0.5, 0.2, 0.075, hair)
    elif cut == 3:  # a cloud
        for x, y, radius in _CLOUD:
            c.disc(x, y, radius, hair)
    elif cut == 5:  # a headscarf
        cloth = mix(hair, c.chance.choice((SEA, PLUM, ROSE)), 0.85)
        c.oval(0.5, 0.44, 0.22, 0.26, cloth)
        c.area([(0.3, 0.5), (0.7, 0.5), (0.76, 0.82), (0.24, 0.82)], cloth)
    elif cut == 6:  # two plaits
        for place in range(10):
            side, knot = place % 2 * 2 - 1, place // 2
            c.disc(0.5 + side * (0.19 + 0.008 * knot), 0.46 + 0.062 * knot, 0.038, hair)


def _before(c: Canvas, cut: int, hair: Colour) -> None:
    """What lies on the forehead, and what is worn on it."""
    if cut in (0, 4):  # short
        c.area(_SHORT, hair)
        c.oval(0.5, 0.27, 0.14, 0.06, hair)
        if cut == 4:  # under a cap
            cloth = c.chance.choice(BRIGHT)
            c.oval(0.5, 0.27, 0.165, 0.09, cloth)
            c.box(0.33, 0.27, 0.67, 0.325, mix(cloth, INK, 0.3))
    elif cut == 3:  # the cloud's edge
        for x, y in ((0.41, 0.27), (0.5, 0.25), (0.59, 0.27)):
            c.disc(x, y, 0.06, hair)
    elif cut == 5:  # the scarf's edge
        c.line(_SCARF, mix(hair, CHALK, 0.35), 0.028)
    else:
        c.area(_PARTED, hair)
