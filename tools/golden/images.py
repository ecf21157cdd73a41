#!/usr/bin/env python3
"""Images of every kind that PNG and JPEG have, each with what PIL makes of it.

    tools/golden/images.py          writes tests/io/images/NAME.{png,jpg} and NAME.rgb.png

NAME.rgb.png is PIL's convert("RGB") as a plain 8-bit PNG. Made with Pillow 13.0.0; the
sources of the PNG files are packed here by hand, since PIL cannot write most kinds.
"""
import io
import pathlib
import random
import struct
import sys
import warnings
import zlib

from PIL import Image

WIDTH, HEIGHT = 13, 7  # no multiple of anything; every pass of Adam7 has pixels
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
NAMES = {0: "grey", 2: "colour", 3: "palette", 4: "grey_alpha", 6: "colour_alpha"}
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
         (0, 1, 1, 2)]

draw = random.Random(1)
out = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "tests/io/images")
out.mkdir(parents=True, exist_ok=True)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def pack_row(samples, depth):
    if depth == 16:
        return b"\0" + struct.pack(f">{len(samples)}H", *samples)
    bits = "".join(format(v, f"0{depth}b") for v in samples)
    bits += "0" * (-len(bits) % 8)
    return b"\0" + bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def png(rows, depth, kind, interlaced, extra=b""):
    """rows: lists of pixels, each a list of samples."""
    if interlaced:
        passes = [[r[x0::dx] for r in rows[y0::dy]] for x0, y0, dx, dy in ADAM7]
    else:
        passes = [rows]
    raw = b"".join(pack_row([v for p in r for v in p], depth) for part in passes for r in part if r)
    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), depth, kind, 0, 0, interlaced)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(raw))
            + chunk(b"IEND", b""))


def pngs():
    for kind, depths in DEPTHS.items():
        for depth in depths:
            # Some palettes are shorter than their indices: the rest is black.
            colours = min(1 << depth, 200)
            # Around 255 the two bytes of 16-bit grey tell clipping from rounding.
            top = 400 if (kind, depth) == (0, 16) else 1 << depth
            rows = [[[draw.randrange(top) for _ in range(CHANNELS[kind])] for _ in range(WIDTH)]
                    for _ in range(HEIGHT)]
            extra = chunk(b"gAMA", struct.pack(">I", 45455))
            if kind == 3:
                extra += chunk(b"PLTE", draw.randbytes(3 * colours))
                extra += chunk(b"tRNS", draw.randbytes(min(colours, 9)))
            elif kind == 0:
                extra += chunk(b"tRNS", struct.pack(">H", rows[0][0][0]))
            elif kind == 2:
                extra += chunk(b"tRNS", struct.pack(">3H", *rows[0][0]))
            for interlaced in (0, 1):
                name = f"{NAMES[kind]}{depth}{'_interlaced' if interlaced else ''}.png"
                yield name, png(rows, depth, kind, interlaced, extra)


def one_pixel_pngs():
    for kind, depth, pixel in ((0, 1, [1]), (2, 8, [1, 2, 3]), (6, 16, [256, 513, 770, 9])):
        for interlaced in (0, 1):
            name = f"one_pixel_{NAMES[kind]}{depth}{'_interlaced' if interlaced else ''}.png"
            yield name, png([[pixel]], depth, kind, interlaced)


def jpeg(image, **options):
    file = io.BytesIO()
    image.save(file, "JPEG", **options)
    return file.getvalue()


def jpegs():
    small = Image.frombytes("RGB", (6, 5), draw.randbytes(90))
    image = small.resize((37, 29), Image.BICUBIC)
    inks = Image.frombytes("CMYK", (6, 5), draw.randbytes(120)).resize((37, 29), Image.BICUBIC)
    turned = Image.Exif()
    turned[0x0112] = 6
    yield "baseline444.jpg", jpeg(image, quality=90, subsampling=0)
    yield "baseline422.jpg", jpeg(image, quality=75, subsampling=1)
    yield "baseline420.jpg", jpeg(image, quality=75, subsampling=2)
    yield "progressive420.jpg", jpeg(image, quality=75, subsampling=2, progressive=True)
    yield "turned_by_exif.jpg", jpeg(image, exif=turned)
    yield "grey.jpg", jpeg(image.convert("L"))
    yield "grey_progressive.jpg", jpeg(image.convert("L"), progressive=True)
    yield "cmyk.jpg", jpeg(inks, quality=90)
    yield "cmyk_progressive.jpg", jpeg(inks, progressive=True)
    yield "one_pixel.jpg", jpeg(image.crop((0, 0, 1, 1)))
    yield "restarts.jpg", jpeg(image, restart_marker_blocks=2)
    yield "adobe_rgb.jpg", jpeg(image, keep_rgb=True)
    # Adobe's segment says what the four channels are: 0 is CMYK, 2 is YCCK. PIL writes neither
    # YCCK nor CMYK without that segment.
    adobe = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"
    plain = jpeg(inks, quality=90)
    assert plain.count(adobe + b"\x00") == 1
    yield "ycck.jpg", plain.replace(adobe + b"\x00", adobe + b"\x02")
    yield "cmyk_without_adobe.jpg", plain.replace(adobe + b"\x00", b"")


warnings.simplefilter("ignore")
for name, data in [*pngs(), *jpegs(), *one_pixel_pngs()]:
    (out / name).write_bytes(data)
    rgb = Image.open(io.BytesIO(data)).convert("RGB")
    plain = Image.frombytes("RGB", rgb.size, rgb.tobytes())  # without its tRNS and gAMA
    plain.save(out / f"{pathlib.Path(name).stem}.rgb.png")
