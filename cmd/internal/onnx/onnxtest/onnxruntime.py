"""Stands in for onnxruntime where Python has none: the runtime is node's, by run.js, and onnx reads the metadata.

Only what docs/onnx.md calls is here. SPDIFF_ORT is the folder of node's modules, SPDIFF_RUN the script.
"""
import json
import os
import subprocess
import tempfile
from types import SimpleNamespace

import numpy as np
import onnx


class InferenceSession:
    def __init__(self, path, providers=None):
        self.path, self.model = os.path.abspath(path), onnx.load(path)
        self.node = subprocess.Popen(["node", os.environ["SPDIFF_RUN"], os.environ["SPDIFF_ORT"]],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def get_modelmeta(self):
        return SimpleNamespace(custom_metadata_map={p.key: p.value for p in self.model.metadata_props})

    def get_inputs(self):
        return [SimpleNamespace(name=i.name, shape=[d.dim_value or d.dim_param for d in i.type.tensor_type.shape.dim])
                for i in self.model.graph.input]

    def run(self, names, feed):
        with tempfile.TemporaryDirectory() as folder:
            inputs = {}
            for name, x in feed.items():
                assert x.dtype in (np.float32, np.int64), (name, x.dtype)
                file = os.path.join(folder, name)
                x.tofile(file)
                inputs[name] = {"type": str(x.dtype), "dims": x.shape, "file": file}
            out = os.path.join(folder, "out")
            print(json.dumps({"model": self.path, "inputs": inputs, "out": out}), file=self.node.stdin, flush=True)
            said, *dims = self.node.stdout.readline().split()
            assert said == "ok", dims
            return [np.fromfile(out, np.float32).reshape([int(d) for d in dims])]
