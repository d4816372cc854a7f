#!/usr/bin/env bash
# Compiles the shim between the TorchSharp subset and Debian's libtorch: build.sh <folder>.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
mkdir -p "$1"
g++ -std=c++17 -O2 -fPIC -shared -Wall shim.cpp -o "$1/libLibTorchSharp.so.new" -ltorch -ltorch_cpu -lc10
mv "$1/libLibTorchSharp.so.new" "$1/libLibTorchSharp.so"
