#!/bin/bash
# Measures what docs/performance.md asks of a machine with AMX, in some three minutes of 16 cores: run it there twice, and take the best.
#
#     docs/tiles.sh [BENCH] [PYTHON] > tiles.txt       BENCH: a static binary of cmd/bench, where there is no Go; PYTHON: one with PyTorch 2
set -e
bench=${1:+$(realpath "$1")} python=$2
cd "$(dirname "$0")/.."
if [ -z "$1" ]; then
  bench=$(mktemp -d)/bench
  CGO_ENABLED=0 go build "-o=$bench" ./cmd/bench
fi
peer() { [ -z "$python" ] || "$python" cmd/bench/peers/torch_bench.py "$@" --bf16 --channels-last || echo "PyTorch has no figure of $*" >&2; }
plain="unet/digits-s unet/digits-m unet/cells"
tied="unet-wt/digits-s unet-wt/digits-m unet-wt/cells"

"$bench" -threads 1 -runs 3 fma
"$bench" -json -threads 1 -runs 20 -precision bf16 conv3x3 tied3x3
peer conv --threads 1 --runs 20
for precision in float32 bf16; do
  "$bench" -json -threads 2 -runs 3 -precision $precision $plain $tied
  for threads in 1 "$(nproc)"; do
    "$bench" -json -threads "$threads" -runs 3 -precision $precision unet/digits-m unet/cells
  done
done
for threads in 2 "$(nproc)"; do peer unet --threads "$threads" --runs 3; done
"$bench" -threads 1 -runs 3 -precision bf16 -profile -shapes unet/digits-m/train unet/cells/train
