// Memory and time on the CPU and on a GPU, so that checks and measurements are written once.
#ifndef UDC_KERNELS_BENCH_DEVICE_H
#define UDC_KERNELS_BENCH_DEVICE_H

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#ifdef UDC_BENCH_CUDA
#include <cuda_runtime.h>
#endif

#include "udc/kernels.h"

namespace udc::kernels::bench {

[[noreturn]] inline void stop(const std::string& reason) {
  std::fprintf(stderr, "kernels_bench: %s\n", reason.c_str());
  std::exit(1);
}

class Device {
 public:
  virtual ~Device() = default;
  virtual std::string name() const = 0;
  virtual void* allocate(int64_t bytes) = 0;
  virtual void release(void* memory) = 0;
  virtual void copy_in(void* to, const void* from, int64_t bytes) = 0;
  virtual void copy_out(void* to, const void* from, int64_t bytes) = 0;
  // A copy within the device's memory, as fast as the device can: the ceiling of every kernel here.
  virtual void copy(void* to, const void* from, int64_t bytes) = 0;
  virtual udc_kernels_execution execution() = 0;
  virtual bool is_cuda() const = 0;
  // Median seconds of one call, each of them on another of the given sets of inputs.
  virtual double seconds_per_call(int sets, const std::function<void(int)>& call) = 0;
};

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

class Cpu : public Device {
 public:
  std::string name() const override { return "cpu"; }
  void* allocate(int64_t bytes) override { return std::aligned_alloc(64, (bytes / 64 + 1) * 64); }
  void release(void* memory) override { std::free(memory); }
  void copy_in(void* to, const void* from, int64_t bytes) override { std::memcpy(to, from, bytes); }
  void copy_out(void* to, const void* from, int64_t bytes) override {
    std::memcpy(to, from, bytes);
  }
  void copy(void* to, const void* from, int64_t bytes) override {
    constexpr int64_t kPiece = 65536;
    const int64_t pieces = (bytes + kPiece - 1) / kPiece;
#pragma omp parallel for if (pieces > 1)
    for (int64_t i = 0; i < pieces; i++) {
      std::memcpy(static_cast<char*>(to) + i * kPiece, static_cast<const char*>(from) + i * kPiece,
                  std::min(kPiece, bytes - i * kPiece));
    }
  }
  udc_kernels_execution execution() override { return {}; }
  bool is_cuda() const override { return false; }
  double seconds_per_call(int sets, const std::function<void(int)>& call) override {
    for (int set = 0; set < sets; set++) call(set);
    std::vector<double> rounds;
    for (int round = 0; round < 9; round++) {
      const auto start = std::chrono::steady_clock::now();
      for (int set = 0; set < sets; set++) call(set);
      const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
      rounds.push_back(elapsed.count() / sets);
    }
    return median(rounds);
  }
};

#ifdef UDC_BENCH_CUDA

inline void require(cudaError_t error, const char* what) {
  if (error != cudaSuccess) stop(std::string(what) + ": " + cudaGetErrorString(error));
}

class Cuda : public Device {
 public:
  explicit Cuda(udc_kernels_cuda* kernels) : kernels_(kernels) {
    require(cudaStreamCreate(&stream_), "cudaStreamCreate");
  }
  std::string name() const override {
    cudaDeviceProp properties;
    require(cudaGetDeviceProperties(&properties, 0), "cudaGetDeviceProperties");
    return properties.name;
  }
  void* allocate(int64_t bytes) override {
    void* memory = nullptr;
    require(cudaMalloc(&memory, bytes + 16), "cudaMalloc");
    return memory;
  }
  void release(void* memory) override { require(cudaFree(memory), "cudaFree"); }
  void copy_in(void* to, const void* from, int64_t bytes) override {
    require(cudaMemcpy(to, from, bytes, cudaMemcpyHostToDevice), "copy to the device");
  }
  void copy_out(void* to, const void* from, int64_t bytes) override {
    require(cudaStreamSynchronize(stream_), "a kernel");
    require(cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToHost), "copy from the device");
  }
  void copy(void* to, const void* from, int64_t bytes) override {
    require(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream_), "copy");
  }
  udc_kernels_execution execution() override {
    udc_kernels_execution result = {};
    result.cuda = kernels_;
    result.stream = stream_;
    return result;
  }
  bool is_cuda() const override { return true; }
  // One graph holds a call on each set, so that the host's work is not measured; capturing it also
  // proves that the kernels can be captured.
  double seconds_per_call(int sets, const std::function<void(int)>& call) override {
    cudaGraph_t graph;
    cudaGraphExec_t calls;
    // Kernels are loaded when they first run, which a capture may not allow.
    call(0);
    require(cudaStreamSynchronize(stream_), "a kernel");
    require(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeGlobal), "capture");
    for (int set = 0; set < sets; set++) call(set);
    require(cudaStreamEndCapture(stream_, &graph), "the end of capture");
    require(cudaGraphInstantiate(&calls, graph, 0), "cudaGraphInstantiate");
    cudaEvent_t start, end;
    require(cudaEventCreate(&start), "cudaEventCreate");
    require(cudaEventCreate(&end), "cudaEventCreate");
    for (int i = 0; i < 3; i++) require(cudaGraphLaunch(calls, stream_), "cudaGraphLaunch");
    std::vector<double> rounds;
    for (int round = 0; round < 15; round++) {
      require(cudaEventRecord(start, stream_), "cudaEventRecord");
      require(cudaGraphLaunch(calls, stream_), "cudaGraphLaunch");
      require(cudaEventRecord(end, stream_), "cudaEventRecord");
      require(cudaEventSynchronize(end), "a kernel");
      float milliseconds = 0;
      require(cudaEventElapsedTime(&milliseconds, start, end), "cudaEventElapsedTime");
      rounds.push_back(milliseconds * 1e-3 / sets);
    }
    cudaEventDestroy(start);
    cudaEventDestroy(end);
    cudaGraphExecDestroy(calls);
    cudaGraphDestroy(graph);
    return median(rounds);
  }

 private:
  udc_kernels_cuda* kernels_;
  cudaStream_t stream_;
};

#endif  // UDC_BENCH_CUDA

}  // namespace udc::kernels::bench

#endif  // UDC_KERNELS_BENCH_DEVICE_H
