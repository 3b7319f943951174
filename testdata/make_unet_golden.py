#!/usr/bin/python3
"""Makes the golden files of package nn: what PyTorch says about the ADM U-Net and about its optimisers.

    apt install python3-torch          # Debian's: PyTorch 1.13, under /usr/bin/python3
    /usr/bin/python3 make_unet_golden.py

writes, beside itself,

    unet.safetensors        a small U-Net with attention on two levels, classes and resampling
    unet_tied.safetensors   one with 5x5 kernels tied over the quarter turns
    unet_presets.safetensors    the presets: digests of their parameters' names and shapes; digits-s run
    optim.safetensors       AdamW and RAdam, clipping and averages over 24 steps

and

    /usr/bin/python3 make_unet_golden.py IN.safetensors OUT.safetensors

reads a network's weights and inputs (x, t, y, dz) from IN, its configuration being there as the metadata's "torch", and
writes what PyTorch makes of them: z, and weights of its own, `new.NAME`, with their `new.z`. TestExchange in package nn
runs this if SPDIFF_PYTHON names a Python that has PyTorch.

Nothing is drawn at random and no weights are stored: parameter `name` holds formula(name, ...), integers hashed and
scaled by powers of two, which any language computes exactly. All but the time embedding, which the ADM code computes
in float32, is in double precision; what is stored is rounded to float32 at the end.

Files hold: x (N,C,H,W), t (N), y (N), dz (N,C,H,W), z = unet(x, t, y), and for each parameter the gradient of
sum(dz * z), `grad.NAME`. A tied kernel's gradient is summed over each orbit of taps: (out, in, orbits).
"""
import json
import math
import os
import struct
import sys

import numpy as np
import torch
from torch.nn import functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
MASK = (1 << 64) - 1


# Numbers that both sides know.

def fnv(text):
    """FNV-1a, 64 bits."""
    h = 0xCBF29CE484222325
    for b in text.encode():
        h = (h ^ b) * 0x100000001B3 & MASK
    return h


def noise(name, index):
    """Uniform numbers k/2^23 in [-1, 1): splitmix64 of fnv(name) + index."""
    with np.errstate(over="ignore"):
        z = (np.asarray(index, np.uint64) + np.uint64(fnv(name))) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
        z = z ^ z >> np.uint64(31)
    return ((z >> np.uint64(40)).astype(np.float64) - 2.0**23) / 2.0**23


def tensor(name, *shape):
    return torch.from_numpy(noise(name, np.arange(math.prod(shape))).reshape(shape))


def orbits(k, tied):
    """Raster index of each tap's orbit under the quarter turns, named by its smallest member."""
    taps = np.arange(k * k).reshape(k, k)
    return np.min([np.rot90(taps, n) for n in range(4 if tied else 1)], axis=0).ravel()


def formula(name, shape, tied):
    """Parameter `name`: 1 + u/4 for the gain of a norm, u/4 for a bias, else u / 2^e, 4^e about the fan in."""
    index = np.arange(math.prod(shape)).reshape(shape)
    if len(shape) == 4:
        index = (index.reshape(-1, shape[2] * shape[3])[:, orbits(shape[2], tied)]).reshape(shape)
    u = noise(name, index)
    if len(shape) == 1:
        return (1.0 if name.endswith("weight") else 0.0) + u / 4
    return u / 2.0 ** (math.prod(shape[1:]).bit_length() // 2)


class Parameters(dict):
    """Parameters by name, made when they are first asked for."""

    def __init__(self, tied=False):
        self.tied = tied
        self.used = set()

    def __call__(self, name, *shape):
        self.used.add(name)
        if name not in self:
            self[name] = torch.from_numpy(formula(name, shape, self.tied)).requires_grad_()
        assert self[name].shape == shape, f"{name} is {list(self[name].shape)}, not {list(shape)}"
        return self[name]


# The ADM U-Net (Dhariwal & Nichol 2021, appendix; github.com/openai/guided-diffusion) as functions.

def linear(p, name, x, cout):
    return F.linear(x, p(name + ".weight", cout, x.shape[1]), p(name + ".bias", cout))


def conv(p, name, x, cout, k):
    return F.conv2d(x, p(name + ".weight", cout, x.shape[1], k, k), p(name + ".bias", cout), padding=k // 2)


def norm(p, name, x, groups):
    c = x.shape[1]
    return F.group_norm(x, groups, p(name + ".weight", c), p(name + ".bias", c), 1e-5)


def resample(x, by):
    if by == "up":
        return x.repeat_interleave(2, 2).repeat_interleave(2, 3)
    return F.avg_pool2d(x, 2) if by == "down" else x


def resblock(p, name, cfg, x, emb, cout, by=None):
    h = resample(F.silu(norm(p, name + ".in_layers.0", x, cfg["groups"])), by)
    h = conv(p, name + ".in_layers.2", h, cout, cfg["kernel"])
    film = linear(p, name + ".emb_layers.1", F.silu(emb), 2 * cout)[:, :, None, None]
    h = norm(p, name + ".out_layers.0", h, cfg["groups"]) * (1 + film[:, :cout]) + film[:, cout:]
    h = conv(p, name + ".out_layers.3", F.silu(h), cout, cfg["kernel"])
    x = resample(x, by)
    return h + (x if x.shape[1] == cout else conv(p, name + ".skip_connection", x, cout, 1))


def attention(p, name, cfg, x):
    n, c, height, width = x.shape
    head = min(cfg["head"], c)
    u = norm(p, name + ".norm", x, cfg["groups"]).flatten(2)
    qkv = F.conv1d(u, p(name + ".qkv.weight", 3 * c, c, 1), p(name + ".qkv.bias", 3 * c))
    q, k, v = qkv.reshape(n, c // head, 3, head, -1).unbind(2)
    a = torch.softmax(torch.einsum("nhcs,nhct->nhst", q, k) / math.sqrt(head), -1)
    u = torch.einsum("nhst,nhct->nhcs", a, v).reshape(n, c, -1)
    u = F.conv1d(u, p(name + ".proj_out.weight", c, c, 1), p(name + ".proj_out.bias", c))
    return x + u.reshape(x.shape)


def embedding(p, cfg, t, y):
    half, width = cfg["width"] // 2, cfg["width"]
    freq = torch.exp(-math.log(10000.0) * torch.arange(half) / half)
    arg = t.float()[:, None] * freq
    emb = torch.cat([arg.cos(), arg.sin()], 1).double()
    emb = linear(p, "time_embed.2", F.silu(linear(p, "time_embed.0", emb, 4 * width)), 4 * width)
    return emb + p("label_emb.weight", cfg["classes"], 4 * width)[y] if cfg["classes"] else emb


def unet(p, cfg, x, t, y):
    emb = embedding(p, cfg, t, y)
    width, top = cfg["width"], len(cfg["mult"]) - 1
    x = conv(p, "input_blocks.0.0", x, cfg["mult"][0] * width, cfg["kernel"])
    kept = [x]
    for level, m in enumerate(cfg["mult"]):
        for _ in range(cfg["blocks"]):
            name = f"input_blocks.{len(kept)}"
            x = resblock(p, name + ".0", cfg, x, emb, m * width)
            if 2**level in cfg["attention"]:
                x = attention(p, name + ".1", cfg, x)
            kept.append(x)
        if level < top:
            x = resblock(p, f"input_blocks.{len(kept)}.0", cfg, x, emb, x.shape[1], "down")
            kept.append(x)
    x = resblock(p, "middle_block.0", cfg, x, emb, x.shape[1])
    x = attention(p, "middle_block.1", cfg, x)
    x = resblock(p, "middle_block.2", cfg, x, emb, x.shape[1])
    number = 0
    for level in range(top, -1, -1):
        for i in range(cfg["blocks"] + 1):
            name = f"output_blocks.{number}"
            x = resblock(p, name + ".0", cfg, torch.cat([x, kept.pop()], 1), emb, cfg["mult"][level] * width)
            if 2**level in cfg["attention"]:
                x = attention(p, name + ".1", cfg, x)
            if level and i == cfg["blocks"]:
                last = 2 if 2**level in cfg["attention"] else 1
                x = resblock(p, f"{name}.{last}", cfg, x, emb, x.shape[1], "up")
            number += 1
    return conv(p, "out.2", F.silu(norm(p, "out.0", x, cfg["groups"])), cfg["cout"], cfg["kernel"])


# Files.

def save(name, tensors, **metadata):
    """Writes a safetensors file, beside this script if its name is relative: length of header, header as JSON, data."""
    header, data = {"__metadata__": {k: v if isinstance(v, str) else json.dumps(v) for k, v in metadata.items()}}, b""
    for key, value in tensors.items():
        value = np.asarray(value, "<f4")
        header[key] = dict(dtype="F32", shape=value.shape, data_offsets=[len(data), len(data) + value.nbytes])
        data += value.tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(HERE, name), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)
    print(f"{name}: {8 + len(text) + len(data)} bytes")


def load(path):
    """Reads a safetensors file of float32 numbers."""
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = f.read()
    metadata = header.pop("__metadata__")
    cut = {k: np.frombuffer(data[slice(*v["data_offsets"])], "<f4").reshape(v["shape"]) for k, v in header.items()}
    return {k: torch.from_numpy(v.astype(np.float64)) for k, v in cut.items()}, metadata


def problem(cfg, n):
    """The inputs of one run of the network."""
    x = tensor("x", n, cfg["cin"], cfg["image"], cfg["image"])
    t = 500 + 500 * tensor("t", n)
    y = torch.from_numpy((np.arange(n) * 2 + 1) % max(cfg["classes"], 1))
    return x, t.float(), y, tensor("dz", n, cfg["cout"], cfg["image"], cfg["image"])


def run(cfg, n, tied=False):
    p, (x, t, y, dz) = Parameters(tied), problem(cfg, n)
    z = unet(p, cfg, x, t, y)
    (dz * z).sum().backward()
    return p, dict(x=x, t=t, y=y, dz=dz, z=z.detach())


def over_orbits(grad):
    """(out, in, k, k) to (out, in, orbits), orbits in the order of their first taps."""
    rows = orbits(grad.shape[2], True)
    flat = grad.flatten(2)
    return torch.stack([flat[:, :, rows == first].sum(2) for first in np.unique(rows)], 2)


SMALL = dict(image=12, cin=4, cout=3, width=8, mult=(1, 2), blocks=1, attention=(1, 2), head=4, classes=3, groups=4,
             kernel=3)
TIED = dict(image=12, cin=1, cout=1, width=8, mult=(1, 2), blocks=1, attention=(2,), head=32, classes=0, groups=4,
            kernel=5)
PRESETS = {
    "digits-xs": dict(image=28, cin=1, cout=1, width=32, mult=(1, 2, 2), blocks=1, attention=(4,), head=32, classes=0,
                      groups=32, kernel=3),
    "digits-s": dict(image=28, cin=1, cout=1, width=32, mult=(1, 2, 2), blocks=2, attention=(4,), head=32, classes=0,
                     groups=32, kernel=3),
    "digits-m": dict(image=28, cin=1, cout=1, width=64, mult=(1, 2, 4), blocks=2, attention=(4,), head=32, classes=0,
                     groups=32, kernel=3),
    "cells": dict(image=64, cin=3, cout=3, width=64, mult=(1, 2, 2, 2), blocks=1, attention=(2, 4, 8), head=32,
                  classes=3, groups=32, kernel=3),
}


def golden_small():
    p, tensors = run(SMALL, 2)
    save("unet.safetensors", {**tensors, **{"grad." + k: v.grad for k, v in p.items()}}, config=SMALL)


def golden_tied():
    p, tensors = run(TIED, 2, tied=True)
    grads = {"grad." + k: over_orbits(v.grad) if v.dim() == 4 and v.shape[2] > 1 else v.grad for k, v in p.items()}
    save("unet_tied.safetensors", {**tensors, **grads}, config=TIED)


def golden_presets():
    """Names, shapes and sizes of the presets; digits-s at its real size, of each gradient g its length and eight
    products with fixed vectors v of independent uniform elements: a relative error e of g, in whatever direction,
    shows as one of about e·|g|·|v|/sqrt(n)."""
    digest, tensors = {}, {}
    for name, cfg in PRESETS.items():
        p, result = run(cfg, 1)
        listing = "".join(f"{k} {list(v.shape)}\n" for k, v in sorted(p.items()))
        digest[name] = f"{sum(v.numel() for v in p.values())} parameters, listing {fnv(listing):016x}"
        if name == "digits-s":
            tensors = result
            for k, v in p.items():
                probes = torch.stack([tensor(f"probe {i} {k}", v.numel()) for i in range(8)])
                tensors["grad." + k] = torch.cat([v.grad.norm()[None], probes @ v.grad.flatten()])
    save("unet_presets.safetensors", tensors, **digest)


def golden_optim():
    """24 steps on 40 numbers: gradients of changing length, clipped at length 1, so that some are and some are not.

    Weight decay is decoupled for both. This version's RAdam would add it to the gradient, so it is done by hand, as
    later versions' decoupled_weight_decay=True does.
    """
    tensors = {}
    for name, make in [("adamw", torch.optim.AdamW), ("radam", torch.optim.RAdam)]:
        p = tensor("p", 40).requires_grad_()
        average = p.detach().clone()
        by_hand = 0.1 if name == "radam" else 0.0
        rule = make([p], lr=0.01, betas=(0.9, 0.99), eps=1e-3, weight_decay=0.1 - by_hand)
        path = []
        for step in range(24):
            p.grad = tensor(f"g{step}", 40) * (0.1 + 0.02 * step)
            torch.nn.utils.clip_grad_norm_([p], 1.0)
            with torch.no_grad():
                p.mul_(1 - 0.01 * by_hand)
            rule.step()
            average = 0.9 * average + 0.1 * p.detach()
            path += [torch.stack([p.detach().clone(), average])]
        tensors[name] = torch.stack(path)
    save("optim.safetensors", tensors)


def exchange(source, target):
    given, metadata = load(source)
    cfg = json.loads(metadata["torch"])
    x, t, y, _ = (given.pop(k) for k in ("x", "t", "y", "dz"))
    theirs, ours = Parameters(), Parameters()
    theirs.update(given)
    with torch.no_grad():
        z, new = unet(theirs, cfg, x, t, y.long()), unet(ours, cfg, x, t, y.long())
    assert theirs.used == set(given), f"names differ: {sorted(theirs.used ^ set(given))}"
    save(target, {"z": z, "new.z": new, **{"new." + k: v.detach() for k, v in ours.items()}})


if __name__ == "__main__":
    torch.set_num_threads(2)
    if len(sys.argv) == 3:
        exchange(*sys.argv[1:])
        sys.exit()
    golden_small()
    golden_tied()
    golden_presets()
    golden_optim()
