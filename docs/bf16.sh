#!/bin/bash
# Trains in bf16 and in float32, and prints the mean loss of the last 500 of 3,000 steps: the quality that docs/performance.md asks for.
#
#     docs/bf16.sh FOLDER-OF-MNIST OUT [METHOD…]       plain, wt; what was stopped goes on, what OUT has is not made again
set -e
data=mnist:$1 out=$2
shift 2
mkdir -p "$out"
go build -o "$out" ./cmd/train
[ $# -gt 0 ] || set -- plain wt
for method in "$@"; do
  for seed in 1 2 3; do
    for precision in float32 bf16; do
      run=$out/$method-$seed-$precision
      if compgen -G "$run/state-*" >/dev/null; then
        [ -e "$run/state-000003000.safetensors" ] || "$out/train" -resume "$run" -data "$data" -steps 3000 -samples 0 >> "$run.txt"
      else
        "$out/train" -data "$data" -rotate -preset digits-s -method "$method" -kernel 3 -precision "$precision" -seed "$seed" -steps 3000 -samples 0 -out "$run" > "$run.txt"
      fi
      awk -F, -v name="$method	$seed	$precision" 'NR > 1 && $1 > 2500 { n += $2; sum += $2*$3 } END { printf "%s	%.5f\n", name, sum/n }' "$run/log.csv"
    done
  done
done
