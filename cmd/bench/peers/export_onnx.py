"""Writes the U-Nets of adm_unet.py as ONNX files into a folder that exists: /usr/bin/python3 cmd/bench/peers/export_onnx.py OUT"""
import sys
import warnings

import torch

from adm_unet import PRESETS, UNet, macs

warnings.filterwarnings("ignore")
for name, (cfg, batch) in PRESETS.items():
    torch.manual_seed(0)
    args = [torch.randn(batch, cfg.cin, cfg.image, cfg.image), torch.rand(batch) * 1000]
    names = ["x", "t"]
    if cfg.classes:
        args.append(torch.zeros(batch, dtype=torch.long))
        names.append("y")
    path = f"{sys.argv[1]}/{name}.{batch}.{2e-9 * macs(cfg) * batch:.4f}.onnx"
    torch.onnx.export(UNet(cfg).eval(), tuple(args), path, opset_version=13, input_names=names, output_names=["out"])
    print(path)
