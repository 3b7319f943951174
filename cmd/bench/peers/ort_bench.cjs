// Times ONNX Runtime (npm install onnxruntime-node) on the files that export_onnx.py wrote: node ort_bench.cjs FOLDER [THREADS] [RUNS]
const fs = require("fs"), path = require("path"), ort = require("onnxruntime-node");
const [folder, threads = "2", runs = "7"] = process.argv.slice(2);
const shape = { "digits-s": [1, 28], "digits-m": [1, 28], cells: [3, 64] };
(async () => {
  for (const f of fs.readdirSync(folder).filter((f) => f.endsWith(".onnx"))) {
    const [, name, b, gflop] = f.match(/^([a-z-]+)\.(\d+)\.([\d.]+)\.onnx$/);
    const batch = +b, [c, side] = shape[name];
    const s = await ort.InferenceSession.create(path.join(folder, f),
      { intraOpNumThreads: +threads, interOpNumThreads: 1, graphOptimizationLevel: "all" });
    const fill = (n, g) => Float32Array.from({ length: n }, g);
    const feed = { x: new ort.Tensor("float32", fill(batch * c * side * side, () => Math.random() * 2 - 1), [batch, c, side, side]),
      t: new ort.Tensor("float32", fill(batch, () => Math.random() * 1000), [batch]) };
    if (s.inputNames.includes("y")) feed.y = new ort.Tensor("int64", new BigInt64Array(batch), [batch]);
    let best = Infinity;
    for (let i = 0; i <= +runs; i++) {
      const t = performance.now();
      await s.run(feed);
      if (i) best = Math.min(best, performance.now() - t);
    }
    console.log(JSON.stringify({ peer: "onnxruntime", case: `unet/${name}/forward`, batch, threads: +threads, ms: best,
      gflops: gflop / best * 1e3, peak_rss_mib: Math.round(process.resourceUsage().maxRSS / 1024) }));
  }
})();
