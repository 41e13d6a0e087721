"""The satellite's photograph of the land of `envs.recon`: what covers it, fires with smoke, and clouds."""

from functools import lru_cache

import numpy as np

from envs.scenes.recon import (
    BEACH,
    COLORS,
    FINE,
    FINER,
    FIRE,
    FOREST,
    GRASS,
    HAZE,
    HEAT,
    HEIGHT,
    HILLS,
    MOISTURE,
    NODES,
    ROCK,
    ROUGH,
    SAND,
    SEA,
    SIDE,
    VEIL,
    WATER,
    WOODED,
)

PIXELS = 128  # of the picture, along each edge: enlarged, and small to send


def _grid(corners, nodes):
    """A field in all pixels; `corners` are its own."""
    at = (np.arange(PIXELS) + 0.5) / PIXELS * (nodes - 1)
    low = np.minimum(at.astype(int), nodes - 2)
    part = at - low
    part = part * part * (3 - 2 * part)
    corners = np.asarray(corners, np.float64).reshape(nodes, nodes)
    rows = corners[low] * (1 - part[:, None]) + corners[low + 1] * part[:, None]
    return rows[:, low] * (1 - part) + rows[:, low + 1] * part


def _field(corners, which):
    """One of the fields in all pixels; `corners` are the bytes of all."""
    first, nodes = which * NODES * NODES, FINE if which == FINER else NODES
    return _grid(np.frombuffer(corners)[first : first + nodes * nodes], nodes)


def _grain(rng, cells, strength):
    """Noise in patches, `cells` along each edge."""
    patch = -(-PIXELS // cells)
    grain = rng.normal(0, strength, (cells, cells))
    return np.kron(grain, np.ones((patch, patch)))[:PIXELS, :PIXELS]


@lru_cache(maxsize=64)
def land_seen(corners, burning):
    """Colours `(PIXELS, PIXELS, 3)` of the land without clouds, and what covers each pixel."""
    rng = np.random.default_rng(np.frombuffer(corners, np.uint32)[:8])
    height = (1 - ROUGH) * _field(corners, HEIGHT) + ROUGH * _field(corners, FINER)
    rough = height + _grain(rng, 96, 0.006) + _grain(rng, 48, 0.006)
    wet = _field(corners, MOISTURE) + _grain(rng, 64, 0.02)
    kinds = np.where(wet > WOODED, FOREST, GRASS)
    kinds = np.where(rough > HILLS, ROCK, kinds)
    kinds = np.where(rough < BEACH, SAND, kinds)
    kinds = np.where(rough < SEA, WATER, kinds)
    image = COLORS[kinds]
    image[kinds == WATER] -= 190 * np.clip(SEA - height[kinds == WATER], 0, 0.2)[:, None] * (0.8, 1, 1)
    fields = np.stack([_grain(rng, 32, 13), _grain(rng, 32, 10), _grain(rng, 32, 7)], axis=2)
    for kind, texture in ((GRASS, fields), (FOREST, _grain(rng, 96, 9)[:, :, None])):
        image += np.where((kinds == kind)[:, :, None], texture, 0)
    image += np.where(kinds == ROCK, _grain(rng, 96, 9) + 160 * np.clip(height - HILLS, 0, 0.3), 0)[
        :, :, None
    ]
    down, right = np.gradient(height * PIXELS)
    light = np.clip(1 + 0.4 * (down + right), 0.7, 1.18)
    image *= np.where(kinds == WATER, 1.0, light)[:, :, None]
    heat = (_field(corners, HEAT) + _grain(rng, 64, 0.006) - burning) / 0.1
    alight = (heat > 0) & ((kinds == GRASS) | (kinds == FOREST))
    ember = np.clip(1.1 - 1.5 * heat, 0, 1) + 0.55 * (_grain(rng, 96, 1) > 0.9)
    ash, flame = np.array([52, 42, 38]), np.array([255, 132, 40])
    burnt = ash + np.clip(ember, 0, 1)[:, :, None] * (flame - ash)
    image = np.where(alight[:, :, None], burnt, image)
    smoke = np.roll(np.clip(1.2 * alight, 0, 1), (-9, 13), (0, 1))
    for axis in (0, 1, 0, 1):
        smoke = np.mean([np.roll(smoke, k, axis) for k in range(-5, 6)], axis=0)
    image += 0.45 * smoke[:, :, None] * (np.array([186, 182, 178]) - image)
    return image.astype(np.float32), np.where(alight, FIRE, kinds).astype(np.uint8)


@lru_cache(maxsize=64)
def _clouds(corners, dense):
    """How much of the ground each pixel's cloud hides, from 0 to 1."""
    rng = np.random.default_rng(np.frombuffer(corners, np.uint32)[8:16])
    fluff = np.sum([_grid(rng.uniform(-1, 1, n * n), n) / n for n in (14, 29, 57)], axis=0)
    return np.clip((_field(corners, HAZE) + 0.5 * fluff - dense) / VEIL, 0, 1).astype(np.float32)


@lru_cache(maxsize=64)
def photograph(land, clouds, known):
    """The satellite's picture, clear where `known` says that somebody was there, and how much is hidden."""
    import cv2

    clear = np.frombuffer(known, np.uint8).reshape(SIDE, SIDE).astype(np.float32)
    open_sky = cv2.resize(clear, (PIXELS, PIXELS), interpolation=cv2.INTER_LINEAR)
    veil = 0.94 * _clouds(*clouds) * (1 - np.minimum(1.4 * open_sky, 1))
    light = (1 - veil) * (1 - 0.42 * np.roll(veil, (7, 5), (0, 1)))
    image = land_seen(*land)[0] * light[:, :, None]
    white = veil * (1 - 0.056 * (1 - veil))
    image += white[:, :, None] * np.array([240, 243, 247], np.float32)
    return np.clip(image, 0, 255).astype(np.uint8), veil
