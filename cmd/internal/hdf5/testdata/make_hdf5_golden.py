"""Makes the golden files of package hdf5, a few KB each.

    python3 make_hdf5_golden.py FOLDER
    python3 make_hdf5_golden.py FOLDER many    # only many.h5, of 600 KB, which is not kept

Needs Debian 12's python3-h5py (3.7, with HDF5 1.10): one call goes to its libhdf5_serial.so.103. Element i of an array, counted in the order of C, is (7 i + i²/5) mod 251 (whole numbers; signed ones
minus 100), that over 8 (floating-point numbers), and the text "organ_I" for i.
"""
import ctypes
import os
import sys

import h5py
import numpy as np

folder = sys.argv[1]
SHAPE = (7, 5, 3)


def values(shape, dtype):
    i = np.arange(int(np.prod(shape)))
    v = (7 * i + i * i // 5) % 251
    kind = np.dtype(dtype).kind
    if kind == "f":
        v = v / 8
    elif kind == "i":
        v = v - 100
    elif kind == "b":
        v = v % 2
    return v.reshape(shape).astype(dtype)


def new(name, **how):
    return h5py.File(os.path.join(folder, name), "w", **how)


# Data blocks of an extensible array that have pages themselves.
if sys.argv[2:] == ["many"]:
    with new("many.h5", libver="latest") as f:
        for name, packed in (("growing", None), ("packed", "gzip")):
            d = f.create_dataset(name, (70000,), "u1", chunks=(1,), maxshape=(None,), compression=packed, fillvalue=250)
            d[0:300] = values((300,), "u1")
            d[60000:65000] = values((65000,), "u1")[60000:]
        d = f.create_dataset("fixed", (5000,), "u1", chunks=(1,), fillvalue=250)
        d[2100:2200] = values((2200,), "u1")[2100:]
    sys.exit()

# One file for each index of chunks; the extents are no multiples of the chunks'.
for libver in ("earliest", "latest"):
    with new(libver + ".h5", libver=libver) as f:
        shape = SHAPE
        f["contiguous"] = values(shape, "u1")
        f.create_dataset("chunked", data=values(shape, "<i2"), chunks=(2, 3, 2))  # latest: a fixed array
        f.create_dataset("packed", data=values(shape, "<u2"), chunks=(2, 3, 3), compression="gzip", shuffle=True, fletcher32=True)
        f.create_dataset("single", data=values(shape, "u1"), chunks=shape, compression="gzip")  # latest: a single chunk
        f.create_dataset("growing", data=values(shape, "u1"), chunks=(1, 5, 3), maxshape=(None, 5, 3))  # latest: an extensible array
        f.create_dataset("packed growing", data=values(shape, "u1"), chunks=(1, 5, 3), maxshape=(None, 5, 3), compression="gzip")
        f.create_group("group").create_dataset("inside", data=values((4,), "<i8"))
    with new(libver + "_fill.h5", libver=libver) as f:
        shape = SHAPE
        d = f.create_dataset("holes", shape, "u1", chunks=(2, 2, 2), fillvalue=7)
        d[2:4, 0:2, 0:2] = 9
        f.create_dataset("empty", shape, "<i4", fillvalue=-5)
    with new(libver + "_types.h5", libver=libver) as f:
        for t in ("i1", "u1", "<i2", ">i2", "<u2", ">u4", "<i4", ">i8", "<u8", "<f4", ">f4", "<f8", ">f8", "?"):
            f["a" + t.replace("<", "l").replace(">", "b").replace("?", "bool")[:5]] = values((6,), t)
            if len(f) == 7 and libver == "latest":
                break  # more links than a header holds
    with new(libver + "_texts.h5", libver=libver) as f:
        texts = [b"organ_%d" % i for i in range(11)]
        f["padded"] = np.array(texts, "S10")
        f.create_dataset("variable", data=[t.decode() for t in texts], dtype=h5py.string_dtype())
        f["scalar"] = 42

# An implicit index: allocated early, without filters; and texts of the two other kinds of padding.
with new("lowlevel.h5", libver="latest") as f:
    space = h5py.h5s.create_simple((5, 4))
    p = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    p.set_chunk((2, 3))
    p.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    d = h5py.h5d.create(f.id, b"implicit", h5py.h5t.NATIVE_UINT8, space, p)
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, values((5, 4), "u1"))
    p = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    p.set_layout(h5py.h5d.COMPACT)
    d = h5py.h5d.create(f.id, b"compact", h5py.h5t.STD_I16BE, space, p)
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, values((5, 4), "<i2"))
    for name, pad in ((b"terminated", h5py.h5t.STR_NULLTERM), (b"spaces", h5py.h5t.STR_SPACEPAD)):
        t = h5py.h5t.C_S1.copy()
        t.set_size(9)
        t.set_strpad(pad)
        d = h5py.h5d.create(f.id, name, t, h5py.h5s.create_simple((3,)))
        d.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([b"organ_0", b"organ_1", b"organ_2"], "S9"))

# Addresses and lengths of four bytes, after a block of the user's.
p = h5py.h5p.create(h5py.h5p.FILE_CREATE)
p.set_sizes(4, 4)
p.set_userblock(512)
with h5py.File(h5py.h5f.create(os.path.join(folder, "small.h5").encode(), h5py.h5f.ACC_TRUNC, p)) as f:
    f["contiguous"] = values(SHAPE, "u1")
    f.create_dataset("packed", data=values(SHAPE, "<u2"), chunks=(2, 3, 3), compression="gzip")
    f.create_dataset("variable", data=["organ_0", "organ_1"], dtype=h5py.string_dtype())
    f.create_dataset("empty", (3,), "u1", chunks=(2,), fillvalue=7)

# A superblock of version 1, which a file has whose trees of chunks have nodes of other than 64 children, here 16 (h5py has no call for
# that); and one of version 2.
p = h5py.h5p.create(h5py.h5p.FILE_CREATE)
if ctypes.CDLL("libhdf5_serial.so.103").H5Pset_istore_k(ctypes.c_int64(p.id), 8) < 0:
    sys.exit("H5Pset_istore_k failed")
for version, f in (1, h5py.File(h5py.h5f.create(os.path.join(folder, "version1.h5").encode(), h5py.h5f.ACC_TRUNC, p))), (2, new("version2.h5", libver=("v108", "v108"))):
    f["contiguous"] = values(SHAPE, "u1")
    f.create_dataset("chunked", data=values(SHAPE, "<i2"), chunks=(1, 1, 2))  # 70 chunks, of more than a node
    f.create_dataset("packed", data=values(SHAPE, "<u2"), chunks=(2, 3, 3), compression="gzip", shuffle=True)
    f.create_group("group").create_dataset("inside", data=values((4,), "<i8"))
    f.close()
    with open(os.path.join(folder, "version%d.h5" % version), "rb") as b:
        assert b.read(9)[8] == version

# Indexes of more than a page of 1,024 chunks, in blocks of blocks.
with new("pages.h5", libver="latest") as f:
    f.create_dataset("fixed", data=values((1100,), "u1"), chunks=(1,))
    f.create_dataset("growing", data=values((1100,), "u1"), chunks=(1,), maxshape=(None,))

# Arrays that may grow: chunks are counted over the largest shape, an axis without an end before the others.
with new("growing.h5", libver="latest") as f:
    how = dict(data=values(SHAPE, "u1"), chunks=(2, 3, 2))
    f.create_dataset("fixed", maxshape=(20, 13, 7), **how)
    f.create_dataset("packed", maxshape=(20, 13, 7), compression="gzip", **how)
    f.create_dataset("first", maxshape=(None, 13, 7), **how)
    f.create_dataset("middle", maxshape=(20, None, 7), **how)
    f.create_dataset("last", maxshape=(20, 13, None), compression="gzip", **how)
    d = f.create_dataset("smaller", data=values((9, 5, 3), "u1"), chunks=(2, 3, 2), maxshape=(20, 13, None))
    d.resize(SHAPE)
    p = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    p.set_chunk((2, 3, 2))
    p.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    d = h5py.h5d.create(f.id, b"implicit", h5py.h5t.NATIVE_UINT8, h5py.h5s.create_simple(SHAPE, (20, 13, 7)), p)
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, values(SHAPE, "u1"))

# What is not read.
with new("not_tree2.h5", libver="latest") as f:
    f.create_dataset("tree", data=values((4, 4), "u1"), chunks=(2, 2), maxshape=(None, None))
    f.create_dataset("lzf", data=values((64,), "u1"), chunks=(32,), compression="lzf")
    f["compound"] = np.zeros(2, [("a", "u1"), ("b", "f4")])
    f["soft"] = h5py.SoftLink("/tree")
    f["complex"] = np.zeros(2, "c8")
    f["half"] = np.zeros(2, "f2")
with new("not_dense.h5", libver="latest") as f:
    for i in range(10):
        f["a%d" % i] = i

# What LYSTO's training.h5 has, small.
with new("lysto.h5") as f:
    f["x"] = values((6, 20, 20, 3), "u1")
    f["y"] = np.arange(6)
    f["organ"] = np.array([b"colon_1", b"prostate_2", b"breast_3", b"colon_4", b"breast_5", b"prostate_6"])
