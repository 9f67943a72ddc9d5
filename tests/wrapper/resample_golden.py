#!/usr/bin/env python3
"""Makes resample.golden.json: what Pillow's bilinear resize gives for pseudo-random images of ragged sizes.

  pip install pillow==11.3.0
  python3 resample_golden.py

Pillow 13 takes rows before columns for some unequal ratios, which gives other last bits; 11.3 never does, nor do we.

The pixels come from Lehmer's generator, so that the test can make the same ones.
"""
import base64
import json
import pathlib

from PIL import Image


def pixels(n, seed):
    state, out = seed, bytearray()
    for _ in range(n):
        state = state * 48271 % 0x7FFFFFFF
        out.append((state >> 12) & 255)
    return bytes(out)


CASES = [  # width, height, channels, crop (x, y, width, height), new width, new height
    (7, 5, 3, None, 3, 3),
    (3, 4, 3, None, 8, 9),
    (16, 16, 3, None, 16, 16),
    (33, 17, 1, None, 16, 16),
    (5, 40, 3, None, 10, 7),
    (40, 5, 1, None, 7, 10),
    (64, 48, 3, (8, 0, 48, 48), 12, 12),
    (61, 47, 3, (3, 5, 31, 29), 10, 20),
    (1, 1, 3, None, 4, 4),
    (97, 101, 1, None, 1, 1),
    (200, 150, 3, (25, 0, 150, 150), 32, 32),
    (24, 24, "luma", None, 10, 10),
]

golden = []
for seed, (w, h, c, crop, nw, nh) in enumerate(CASES, 1):
    channels = 3 if c == "luma" else c
    image = Image.frombytes("L" if channels == 1 else "RGB", (w, h), pixels(w * h * channels, seed))
    if c == "luma":
        image = image.convert("L")
    if crop:
        x, y, cw, ch = crop
        image = image.crop((x, y, x + cw, y + ch))
    out = image.resize((nw, nh), Image.BILINEAR).tobytes()
    golden.append({"seed": seed, "width": w, "height": h, "channels": channels, "crop": crop, "luma": c == "luma",
                   "newWidth": nw, "newHeight": nh, "bytes": base64.b64encode(out).decode()})
path = pathlib.Path(__file__).with_name("resample.golden.json")
path.write_text("[\n" + ",\n".join(json.dumps(g) for g in golden) + "\n]\n")
