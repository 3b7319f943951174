"""A PyTorch statement of the ADM U-Net, the yardstick for nn.UNet.

Same architecture and the same state-dict keys as the U-Net of Dhariwal and
Nichol (2021), which the paper's own code uses too, so one weight file serves
this module, that code and nn.UNet where all have the same settings: Config.of
reads those of a config.json, and that code has 32 groups and 3x3 kernels. Of a
training with -augmentation leave out map_augment.weight. Nothing here is fast
on purpose: it is what a PyTorch user would write and run.
"""
import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Config:
    image: int = 28              # side of the square input, pixels
    cin: int = 1
    cout: int = 1
    width: int = 64              # channels of the first level
    mult: tuple = (1, 2, 4)
    blocks: int = 2              # residual blocks per level
    attention: tuple = (4,)      # downsampling factors with self-attention
    head: int = 32               # channels per attention head
    dropout: float = 0.0
    classes: int = 0             # 0: unconditional
    groups: int = 32             # of every GroupNorm
    kernel: int = 3              # taps across a convolution kernel

    @classmethod
    def of(cls, n):
        """The settings that a config.json, or a model file's metadata under "config", has as "network"."""
        return cls(image=n["image_height"], cin=n["in"], cout=n["out"], width=n["width"], mult=tuple(n["mult"]),
                   blocks=n["blocks"], attention=tuple(n["attention"] or ()), head=n["head"], dropout=n["dropout"],
                   classes=n["classes"] + n.get("no_class", False), groups=n["groups"], kernel=n["kernel"])


PRESETS = {
    "digits-s": (Config(width=32, mult=(1, 2, 2), blocks=2, attention=(4,), head=32), 64),
    "digits-m": (Config(width=64, mult=(1, 2, 4), blocks=2, attention=(4,), head=32), 32),
    "cells": (Config(image=64, cin=3, cout=3, width=64, mult=(1, 2, 2, 2), blocks=1,
                     attention=(2, 4, 8), head=32, classes=3), 8),
}


def timestep_embedding(t, dim):
    freq = torch.exp(-math.log(10000.0) * torch.arange(dim // 2) / (dim // 2))
    arg = t[:, None].float() * freq[None]
    return torch.cat([arg.cos(), arg.sin()], 1)


def convolution(cfg, cin, cout, kind=nn.Conv2d):
    return kind(cin, cout, cfg.kernel, padding=cfg.kernel // 2)


class Resample(nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        if self.factor == 2:
            return F.interpolate(x, scale_factor=2, mode="nearest")
        return F.avg_pool2d(x, 2)


class ResBlock(nn.Module):
    def __init__(self, cfg, cin, cout, resample=None):
        super().__init__()
        self.in_layers = nn.Sequential(nn.GroupNorm(cfg.groups, cin), nn.SiLU(), convolution(cfg, cin, cout))
        self.resample = resample
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(4 * cfg.width, 2 * cout))
        self.out_layers = nn.Sequential(nn.GroupNorm(cfg.groups, cout), nn.SiLU(), nn.Dropout(cfg.dropout),
                                        convolution(cfg, cout, cout))
        self.skip_connection = nn.Identity() if cin == cout else nn.Conv2d(cin, cout, 1)

    def forward(self, x, emb):
        norm, act, conv = self.in_layers
        h = act(norm(x))
        if self.resample is not None:
            h, x = self.resample(h), self.resample(x)
        h = conv(h)
        scale, shift = self.emb_layers(emb)[:, :, None, None].chunk(2, 1)
        norm, *rest = self.out_layers
        h = norm(h) * (1 + scale) + shift
        for layer in rest:
            h = layer(h)
        return self.skip_connection(x) + h


class Attention(nn.Module):
    def __init__(self, cfg, c):
        super().__init__()
        self.head = min(cfg.head, c)
        self.norm = nn.GroupNorm(cfg.groups, c)
        self.qkv = nn.Conv1d(c, 3 * c, 1)
        self.proj_out = nn.Conv1d(c, c, 1)

    def forward(self, x, emb):
        b, c, h, w = x.shape
        x = x.reshape(b, c, h * w)
        q, k, v = self.qkv(self.norm(x)).reshape(b * c // self.head, 3 * self.head, h * w).split(self.head, 1)
        s = self.head ** -0.25
        a = torch.softmax((q * s).transpose(1, 2) @ (k * s), -1)
        y = (v @ a.transpose(1, 2)).reshape(b, c, h * w)
        return (x + self.proj_out(y)).reshape(b, c, h, w)


class InputConv(nn.Conv2d):
    def forward(self, x, emb):
        return super().forward(x)


class UNet(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.cfg = cfg
        emb = 4 * cfg.width
        self.time_embed = nn.Sequential(nn.Linear(cfg.width, emb), nn.SiLU(), nn.Linear(emb, emb))
        if cfg.classes:
            self.label_emb = nn.Embedding(cfg.classes, emb)
        c = int(cfg.mult[0] * cfg.width)
        self.input_blocks = nn.ModuleList([nn.ModuleList([convolution(cfg, cfg.cin, c, InputConv)])])
        skips, ds = [c], 1
        for level, m in enumerate(cfg.mult):
            for _ in range(cfg.blocks):
                stage = [ResBlock(cfg, c, m * cfg.width)]
                c = m * cfg.width
                if ds in cfg.attention:
                    stage.append(Attention(cfg, c))
                self.input_blocks.append(nn.ModuleList(stage))
                skips.append(c)
            if level < len(cfg.mult) - 1:
                self.input_blocks.append(nn.ModuleList([ResBlock(cfg, c, c, Resample(0.5))]))
                skips.append(c)
                ds *= 2
        self.middle_block = nn.ModuleList([ResBlock(cfg, c, c), Attention(cfg, c), ResBlock(cfg, c, c)])
        self.output_blocks = nn.ModuleList()
        for level, m in reversed(list(enumerate(cfg.mult))):
            for i in range(cfg.blocks + 1):
                stage = [ResBlock(cfg, c + skips.pop(), m * cfg.width)]
                c = m * cfg.width
                if ds in cfg.attention:
                    stage.append(Attention(cfg, c))
                if level and i == cfg.blocks:
                    stage.append(ResBlock(cfg, c, c, Resample(2)))
                    ds //= 2
                self.output_blocks.append(nn.ModuleList(stage))
        self.out = nn.Sequential(nn.GroupNorm(cfg.groups, c), nn.SiLU(), convolution(cfg, c, cfg.cout))

    def forward(self, x, t, y=None):
        emb = self.time_embed(timestep_embedding(t, self.cfg.width))
        if self.cfg.classes:
            emb = emb + self.label_emb(y)
        kept = []
        for stage in self.input_blocks:
            for layer in stage:
                x = layer(x, emb)
            kept.append(x)
        for layer in self.middle_block:
            x = layer(x, emb)
        for stage in self.output_blocks:
            x = torch.cat([x, kept.pop()], 1)
            for layer in stage:
                x = layer(x, emb)
        return self.out(x)


def macs(cfg):
    """Multiply-adds of convolutions, linear layers and attention in one forward pass of one image."""
    net, total = UNet(cfg), [0]

    def count(m, args, out):
        if isinstance(m, (nn.Conv2d, nn.Conv1d)):
            total[0] += out.numel() * m.in_channels * math.prod(m.kernel_size)
        elif isinstance(m, nn.Linear):
            total[0] += out.numel() * m.in_features
        elif isinstance(m, Attention):
            n = out.shape[2] * out.shape[3]
            total[0] += 2 * n * n * out.shape[1]
    for m in net.modules():
        m.register_forward_hook(count)
    with torch.no_grad():
        net(torch.zeros(1, cfg.cin, cfg.image, cfg.image), torch.zeros(1), torch.zeros(1, dtype=torch.long))
    return total[0]
