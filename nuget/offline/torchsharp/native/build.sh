#!/usr/bin/env bash
# Compiles the shim between the TorchSharp subset and Debian's libtorch: build.sh <folder>.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
mkdir -p "$1"
# OpenBLAS stands before libtorch in the search order, so that its gemm is used whatever libblas.so.3 points to.
g++ -std=c++17 -O1 -fPIC -shared -Wall -I/usr/include/torch/csrc/api/include shim.cpp -o "$1/libLibTorchSharp.so.new" \
  -Wl,--no-as-needed -l:libopenblas.so.0 -ltorch -ltorch_cpu -lc10
mv "$1/libLibTorchSharp.so.new" "$1/libLibTorchSharp.so"
