"""Makes the golden files of package lysto: Pillow's Lanczos of an image, 4 KB, and a data set like LYSTO's.

    python3 make_lysto_golden.py FOLDER

Needs numpy, Pillow and h5py. Byte i of the image of H rows and W columns of 3 channels is (7 i + i²/5) mod 251.
"""
import os
import sys

import h5py
import numpy as np
from PIL import Image

folder = sys.argv[1]


def image(n, first=0):
    i = first + np.arange(n * n * 3)
    return ((7 * i + i * i // 5) % 251).astype("u1").reshape(n, n, 3)


with open(os.path.join(folder, "lanczos.bin"), "wb") as f:
    for a, b in ((299, 16), (37, 16), (16, 37), (5, 8)):
        f.write(np.asarray(Image.fromarray(image(a)).resize((b, b), Image.LANCZOS)).tobytes())
with h5py.File(os.path.join(folder, "lysto.h5"), "w") as f:
    f["x"] = np.stack([image(16, 768 * k) for k in range(6)])
    f["y"] = np.arange(6)
    f["organ"] = np.array([b"colon_1", b"prostate_2", b"breast_3", b"colon_4", b"breast_5", b"prostate_6"])
with h5py.File(os.path.join(folder, "texts.h5"), "w", libver="latest") as f:
    f.create_dataset("x", data=image(16)[None], chunks=(1, 16, 16, 3), compression="gzip")
    f["y"] = [1]
    f.create_dataset("organ", data=["breast_1"], dtype=h5py.string_dtype())
