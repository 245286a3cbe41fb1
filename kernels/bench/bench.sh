#!/bin/sh
# Builds the kernels, checks them against a float64 reference and times them, on the CPU and on a GPU
# where one answers. Needs a C++ compiler with OpenMP; nvcc, where it is found, adds the GPU. Options
# go to kernels_bench: --json, --check, --most WEIGHTS, --device cpu|cuda. The last runs on that device
# alone; with cuda it ends with 1 where no GPU can be checked. BUILD names the folder to build in.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
build=${BUILD:-$root/build/bench}
cxx=${CXX:-c++}
mkdir -p "$build"

includes="-I$root/include -I$root/src"
flags="-std=c++17 -O3 -fPIC -fopenmp -Wall -Wextra -Wno-psabi $includes"
objects=
for source in "$root"/src/api/*.cpp "$root"/src/cpu/*.cpp; do
  object=$build/$(basename "$(dirname "$source")")_$(basename "$source" .cpp).o
  special=
  case $(uname -m) in
    x86_64)
      special=-DUDC_KERNELS_HAVE_X86
      case $source in
        *_avx2.cpp) special="$special -mavx2 -mfma" ;;
        *_avx512.cpp) special="$special -mavx512f -mavx512dq -mavx512vl -mavx512bw -mfma" ;;
      esac
      ;;
    *) case $source in *_avx2.cpp | *_avx512.cpp) continue ;; esac ;;
  esac
  "$cxx" $flags $special -c "$source" -o "$object"
  objects="$objects $object"
done

# Where toolkits are installed and along PATH, as ../cmake/cuda.cmake looks for it.
nvcc=
for candidate in "${CUDA_HOME:+$CUDA_HOME/bin/nvcc}" "${CUDA_PATH:+$CUDA_PATH/bin/nvcc}" nvcc \
  /usr/local/cuda/bin/nvcc; do
  if [ -z "$nvcc" ] && [ -n "$candidate" ] && command -v "$candidate" > /dev/null; then
    nvcc=$candidate
  fi
done

if [ -n "$nvcc" ]; then
  # The device's own architecture if it can be asked, else those of the library that is shipped.
  arch=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2> /dev/null | head -n 1 | tr -d .) || arch=
  case $arch in
    [0-9]*) codes="-gencode arch=compute_$arch,code=sm_$arch" ;;
    *) codes="-gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=[sm_90,compute_90]" ;;
  esac
  "$nvcc" -std=c++17 -O3 $codes --threads 0 -Xptxas -warn-spills -Xcompiler -fPIC,-fvisibility=hidden \
    --cudart static $includes -shared "$root"/src/cuda/*.cu -o "$build/libudc_kernels_cuda.so"
  "$nvcc" -std=c++17 -O3 -x cu -DUDC_BENCH_CUDA -Xcompiler -fopenmp $includes -c \
    "$here/kernels_bench.cpp" -o "$build/kernels_bench.o"
  "$nvcc" --cudart static -Xcompiler -fopenmp "$build/kernels_bench.o" $objects -ldl \
    -o "$build/kernels_bench"
else
  "$cxx" $flags "$here/kernels_bench.cpp" $objects -ldl -o "$build/kernels_bench"
fi
exec "$build/kernels_bench" "$@"
