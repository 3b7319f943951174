"""Makes small pictures of every format and what Pillow reads of them: formats.json, {name: [columns, rows, [bytes of RGB]]}."""
import io, json, os, struct
import numpy as np
from PIL import Image, ImageOps

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(1)
grey, colour = rng.integers(0, 256, (3, 5), np.uint8), rng.integers(0, 256, (3, 5, 3), np.uint8)
g, c = Image.fromarray(grey), Image.fromarray(colour)
out = {}

def keep(name, image, **how):
    path = os.path.join(here, name)
    image.save(path, **how)
    with Image.open(path) as read:
        read.load()  # which turns a TIFF already
        seen = (read if name.endswith("tif") else ImageOps.exif_transpose(read)).convert("RGB")
        out[name] = [seen.width, seen.height, np.asarray(seen).ravel().tolist()]

def exif(o):
    e = Image.Exif()
    e[0x112] = o
    return e.tobytes()

for kind in ("bmp", "tif"):
    keep("grey." + kind, g)
    keep("colour." + kind, c)
for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits"):
    keep(compression + ".tif", c, compression=compression)
keep("palette.gif", c.quantize(8))
keep("grey.gif", g)
keep("frames.gif", c.quantize(4), save_all=True, append_images=[g.convert("RGB").quantize(4)])
keep("lossless.webp", c, lossless=True, exact=True)
for o in range(2, 9):
    keep("turned%d.png" % o, c, exif=exif(o))
keep("turned6.webp", c, lossless=True, exact=True, exif=exif(6))
keep("turned7.tif", c, tiffinfo={274: 7})
flat = Image.new("RGB", (16, 8), (200, 30, 90))
patches = Image.new("RGB", (32, 16))
patches.paste((255, 255, 255), (16, 0, 32, 16))
keep("lossy.webp", patches, quality=95)  # black and white, whose numbers in the file are 16 and 235
keep("lossy_flat.webp", flat, quality=95)
patches.putalpha(Image.fromarray(np.repeat(np.repeat(np.uint8([[255, 128]]), 16, 0), 16, 1)))
keep("lossy_alpha.webp", patches, quality=95)  # white half transparent, laid over white: what RGB is without alpha
keep("turned8.jpg", flat, exif=exif(8), quality=95)
keep("progressive.jpg", flat, progressive=True, quality=95)
keep("cmyk.jpg", flat.convert("CMYK"), quality=95)
json.dump(out, open(os.path.join(here, "formats.json"), "w"))
