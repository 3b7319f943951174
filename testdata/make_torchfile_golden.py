#!/usr/bin/python3
"""Makes the golden files of package torchfile: tensors as PyTorch's torch.save writes them, in several layouts.

    apt install python3-torch          # Debian's: PyTorch 1.13, under /usr/bin/python3
    /usr/bin/python3 make_torchfile_golden.py

writes into ../tensor/torchfile/testdata

    state.pt       the state dict of a module: parameters, BatchNorm's buffers, attributes that are to be ignored
    types.pt       every type of numbers, as a table in a table with values beside them, in pickle's protocol 4
    views.pt       shared storages, transposed, sliced, expanded, empty and zero-dimensional tensors
    nn.pt          nn.Parameters in a list, beside numbers, texts and None
    legacy.pt, legacyviews.pt      those of state and views in the format of PyTorch before 1.6
    danger.pt      a pickle that calls os.system
    script.pt      a TorchScript program

and beside each but the last two, with the same name, a .safetensors file with the same tensors as contiguous float32, in order.

    /usr/bin/python3 make_torchfile_golden.py IN.pt OUT.safetensors

does the same for any file, and

    /usr/bin/python3 make_torchfile_golden.py N FOLDER

writes N pairs of files, 0.pt, 0.safetensors and so on, with tensors of random types and layouts. TestExchange in package
torchfile runs that if SPDIFF_PYTHON names a Python that has PyTorch.
"""
import collections
import json
import os
import random
import struct
import sys

import numpy as np
import torch

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tensor", "torchfile", "testdata")


def flatten(name, value, tensors, metadata):
    """Tensors and values by their way through tables and lists."""
    if isinstance(value, (dict, list, tuple)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            flatten(f"{name}.{key}" if name else str(key), item, tensors, metadata)
    elif isinstance(value, torch.Tensor):
        tensors[name] = value.detach().to(torch.float32).contiguous().numpy()
    else:
        metadata[name] = str(value)


def write(path, tensors, metadata):
    """Writes a safetensors file: length of header, header as JSON, data."""
    header, data = {"__metadata__": metadata}, b""
    for key, value in tensors.items():
        value = np.asarray(value, "<f4")
        header[key] = dict(dtype="F32", shape=value.shape, data_offsets=[len(data), len(data) + value.nbytes])
        data += value.tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def restate(source, target):
    tensors, metadata = {}, {}
    flatten("", torch.load(source), tensors, metadata)
    write(target, tensors, metadata)


def save(name, value, **how):
    path = os.path.join(HERE, name)
    torch.save(value, path + ".pt", **how)
    restate(path + ".pt", path + ".safetensors")


def state():
    """A module of each usual kind; BatchNorm counts in int64."""
    net = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.BatchNorm2d(3), torch.nn.Linear(4, 2).half())
    return collections.OrderedDict(state_dict=net.state_dict(), step=1200, lr=1e-4, name="a network")


TYPES = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
         torch.uint8, torch.bool]


def types():
    x = torch.tensor([-3.7, 0, 1e-7, 1, 100.26, 6e4])
    ints = {d: x.clamp(0, 127).to(d) for d in TYPES}
    floats = {d: x.to(d) for d in TYPES[:4]}
    table = {str(d)[6:]: v for d, v in {**ints, **floats}.items()}
    return {"big": {"tables": table, "ten": 10, "minus": -70000, "long": 1 << 40, "yes": True}, 7: torch.ones(1), "none": None}


def views():
    a = torch.arange(60, dtype=torch.float32).reshape(3, 4, 5)
    h = torch.arange(12, dtype=torch.float16)
    return {"whole": a, "transposed": a.permute(2, 0, 1), "row": a[1, 2], "column": a[:, 1:3, 3], "every second": a[..., ::2],
            "number": a[2, 3, 4], "expanded": h[3:5, None].expand(2, 6), "one": torch.tensor(2.5), "empty": torch.zeros(0, 3),
            "late": h[7:], "same": a, "diagonal": a[0].diagonal(), "channels last": torch.randn(2, 3, 2, 2).to(memory_format=torch.channels_last)}


def parameters():
    p = torch.nn.Parameter(torch.arange(6.).reshape(2, 3))
    return [p, {"p": torch.nn.Parameter(p[0].detach().clone(), requires_grad=False)}, (1, 2.5, "text ε", None, False), []]


class Danger:
    def __reduce__(self):
        return os.system, ("echo never",)


def arbitrary(seed, path):
    """Tensors of random types and strides, in a random protocol."""
    rng = random.Random(seed)
    torch.manual_seed(seed)
    table = {}
    for i in range(20):
        shape = [rng.randint(0 if rng.random() < 0.1 else 1, 5) for _ in range(rng.randint(0, 4))]
        x = (torch.randn(shape) * 10).to(rng.choice(TYPES))
        table[f"x{i}"] = x
        if shape:
            table[f"turned {i}"] = x.permute(rng.sample(range(len(shape)), len(shape)))
            table[f"half {i}"] = x[shape[0] // 2:]
            table[f"wide {i}"] = x.unsqueeze(0).expand(2, *shape)
    torch.save({"a": table, "b": [table, seed]}, path, pickle_protocol=rng.randint(2, 5))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        if not sys.argv[1].isdigit():
            sys.exit(restate(*sys.argv[1:]))
        for seed in range(int(sys.argv[1])):
            path = os.path.join(sys.argv[2], str(seed))
            arbitrary(seed, path + ".pt")
            restate(path + ".pt", path + ".safetensors")
        sys.exit()
    torch.manual_seed(1)
    os.makedirs(HERE, exist_ok=True)
    save("state", state())
    save("types", types(), pickle_protocol=4)
    save("views", views())
    save("nn", parameters())
    torch.save({"x": Danger()}, os.path.join(HERE, "danger.pt"))
    save("legacy", state(), _use_new_zipfile_serialization=False)
    save("legacyviews", views(), _use_new_zipfile_serialization=False)
    torch.jit.script(torch.nn.Linear(2, 2)).save(os.path.join(HERE, "script.pt"))
