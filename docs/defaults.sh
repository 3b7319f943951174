#!/bin/bash
# Makes the rows of docs/defaults.md: each a training and the FD-digits of 1,000 samples.
#
#     docs/defaults.sh FOLDER-OF-MNIST OUT [NAME…]       rows of these names, or all; what OUT has is not made again
set -e
data=mnist:$1 out=$2
shift 2
mkdir -p "$out"
go build -o "$out" ./cmd/train ./cmd/evaluate
[ -e "$out/reference.npz" ] || "$out/evaluate" -samples "$data" -reference "$data" -limit 10000 -n 100 -group C4 -measure fd -statistics "$out/reference.npz" > "$out/reference.txt"
while read -r name flags; do
  [ $# -gt 0 ] && [[ " $* " != *" $name "* ]] && continue
  if [ ! -e "$out/$name.json" ]; then
    rm -rf "${out:?}/$name"
    # shellcheck disable=SC2086
    "$out/train" -data "$data" -rotate -preset digits-s -samples 0 -seed 1 -out "$out/$name" $flags > "$out/$name.log"
    "$out/evaluate" -model "$out/$name/model.safetensors" -reference "$out/reference.npz" -measure fd -n 1000 -solver dpm -steps 15 -json > "$out/$name.part" 2> "$out/$name.err"
    mv "$out/$name.part" "$out/$name.json"
  fi
  echo "$name	$(grep -oE '"fd(_low|_high)?": [0-9.]+' "$out/$name.json" | tr '\n' ' ')	$flags"
done <<'ROWS'
wt        -method wt -kernel 3 -batch 64 -steps 300 -times uniform
gc64      -method gc -batch 64 -steps 167 -times uniform
gc32      -method gc -batch 32 -steps 333 -times uniform
gc16      -method gc -batch 16 -steps 666 -times uniform
gc32v     -method gc -batch 32 -steps 333 -times uniform -predict v
gc32decay -method gc -batch 32 -steps 333 -times uniform -decay 333
gc32fall  -method gc -batch 32 -steps 333 -times uniform -fall 0.25
gc32snr   -method gc -batch 32 -steps 333 -times uniform -fall 0.25 -weight min-snr
gc32vsnr  -method gc -batch 32 -steps 333 -times uniform -fall 0.25 -predict v -weight min-snr
gc32logit -method gc -batch 32 -steps 333 -fall 0.25
gc32falls -method gc -batch 32 -steps 1000 -times uniform -fall 0.2
gc32logits -method gc -batch 32 -steps 1000 -fall 0.2
gclr4     -method gc -batch 32 -steps 1000 -fall 0.2 -lr 4e-3
gclr1     -method gc -batch 32 -steps 1000 -fall 0.2 -lr 1e-3
gcblock   -method gc -batch 32 -steps 1400 -fall 0.2 -blocks 1
gcblock1  -method gc -batch 32 -steps 1400 -fall 0.2 -blocks 1 -lr 1e-3
gcwide    -method gc -batch 32 -steps 480 -fall 0.2 -width 48
wtpin     -method wt -taps pinwheel -batch 32 -steps 480 -times uniform
ROWS
