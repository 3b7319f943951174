// Runs ONNX files for the tests: node run.js NODE_MODULES. Each line on standard input is a request as JSON: the model, and the
// inputs, each {type, dims, file}, with numbers little-endian in the file; out is the file for those of the first output. Each answer
// is a line: ok and the dimensions, or what went wrong.
const ort = require(process.argv[2] + "/onnxruntime-node"), fs = require("fs");
const sessions = {};
async function answer(r) {
  sessions[r.model] ??= await ort.InferenceSession.create(r.model, { intraOpNumThreads: 2 });
  const feed = {};
  for (const [name, t] of Object.entries(r.inputs)) {
    const bytes = Uint8Array.from(fs.readFileSync(t.file)).buffer;
    feed[name] = new ort.Tensor(t.type, t.type === "int64" ? new BigInt64Array(bytes) : new Float32Array(bytes), t.dims);
  }
  const session = sessions[r.model], z = (await session.run(feed))[session.outputNames[0]];
  fs.writeFileSync(r.out, new Uint8Array(z.data.buffer, z.data.byteOffset, z.data.byteLength));
  return "ok " + z.dims.join(" ");
}
async function main() {
  for await (const line of require("readline").createInterface({ input: process.stdin })) {
    let said;
    try { said = await answer(JSON.parse(line)); } catch (e) { said = "error " + e.message.replace(/\s+/g, " "); }
    process.stdout.write(said + "\n");
  }
}
main();
