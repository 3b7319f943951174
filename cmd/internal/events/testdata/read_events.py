"""Reads a TensorBoard event file by the specification alone, checking every CRC, and prints one line an event.

    python3 read_events.py events.out.tfevents.*  > golden.txt

Needs nothing but Python. CRC-32C is computed bit by bit, and the messages are taken apart by their wire format:
https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details, event.proto and summary.proto.
"""
import hashlib
import struct
import sys
import zlib


def crc32c(data):
    c = 0xFFFFFFFF
    for byte in data:
        c ^= byte
        for _ in range(8):
            c = c >> 1 ^ (0x82F63B78 if c & 1 else 0)
    return c ^ 0xFFFFFFFF


def masked(data):
    c = crc32c(data)
    return ((c >> 15 | c << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    at = 0
    while at < len(data):
        length, = struct.unpack_from("<Q", data, at)
        assert struct.unpack_from("<I", data, at + 8) == (masked(data[at:at + 8]),), "CRC of a length"
        body = data[at + 12:at + 12 + length]
        assert struct.unpack_from("<I", data, at + 12 + length) == (masked(body),), "CRC of a record"
        yield body
        at += 16 + length


def varint(b, at):
    v = shift = 0
    while True:
        v |= (b[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if b[at - 1] < 128:
            return v, at


def fields(b):
    at, out = 0, []
    while at < len(b):
        key, at = varint(b, at)
        wire = key & 7
        if wire == 0:
            v, at = varint(b, at)
        elif wire == 1:
            v, at = struct.unpack_from("<d", b, at)[0], at + 8
        elif wire == 2:
            n, at = varint(b, at)
            v, at = b[at:at + n], at + n
            assert len(v) == n
        elif wire == 5:
            v, at = struct.unpack_from("<f", b, at)[0], at + 4
        else:
            raise ValueError(wire)
        out.append((key >> 3, v))
    return out


def png_size(b):
    """Width and height of a PNG whose first chunk's CRC is right."""
    assert b[:8] == b"\x89PNG\r\n\x1a\n" and b[12:16] == b"IHDR"
    assert struct.unpack(">I", b[29:33])[0] == zlib.crc32(b[12:29])
    return struct.unpack(">II", b[16:24])


for body in records(open(sys.argv[1], "rb").read()):
    event = dict(fields(body))
    line = [f"time {event[1]:.3f}", f"step {event.get(2, 0)}"]
    if 3 in event:
        line.append("version " + event[3].decode())
    if 7 in event:
        line.append(f"session status {dict(fields(event[7]))[1]}")
    for number, v in fields(event.get(5, b"")):
        assert number == 1
        v = dict(fields(v))
        if 2 in v:
            line.append(f"{v[1].decode()} = {v[2]:.6g}")
        if 4 in v:
            i = dict(fields(v[4]))
            assert png_size(i[4]) == (i[2], i[1]), "the picture has another size"
            line.append(f"{v[1].decode()}: {i[1]} rows, {i[2]} columns, {i[3]} channels, sha256 {hashlib.sha256(i[4]).hexdigest()[:16]}")
    print(", ".join(line))
