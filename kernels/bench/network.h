// A random network in a device's memory, with all that the kernels read and write.
#ifndef UDC_KERNELS_BENCH_NETWORK_H
#define UDC_KERNELS_BENCH_NETWORK_H

#include <memory>
#include <random>

#include "device.h"

namespace udc::kernels::bench {

struct Shape {
  int64_t channels;
  int64_t per_channel;
};

inline const udc_mix_options kOptions = {{2, 3, 4, 5, 6, 8, 0, 0}, 6, 5, 0};
inline const double kSparsities[5] = {0, 0.5, 0.75, 0.875, 0.94};

class Network {
 public:
  // With misalign, every tensor starts at another offset from an aligned address.
  Network(Device* device, const std::vector<Shape>& shapes, uint64_t seed, bool misalign)
      : device_(device), engine_(seed), misalign_(misalign) {
    for (const Shape& shape : shapes) add(shape);
    udc_kernels_execution run = device->execution();
    udc_kernels_error error = {};
    int64_t most = 0, bytes = 0;
    const int64_t count = static_cast<int64_t>(shapes.size());
    udc_kernels_mix_backward_workspace(mix.data(), count, &kOptions, &run, &bytes, &error);
    most = std::max(most, bytes);
    udc_kernels_thresholds_workspace(thresholds.data(), count, 5, &run, &bytes, &error);
    most = std::max(most, bytes);
    udc_kernels_quantize_backward_workspace(quantize.data(), count, &run, &bytes, &error);
    most = std::max(most, bytes);
    udc_kernels_activation_backward_workspace(activations.data(), count, &run, &bytes, &error);
    most = std::max(most, bytes);
    execution = run;
    execution.workspace = device->allocate(most + 16);
    execution.workspace_bytes = most;
    owned_.push_back(execution.workspace);
  }
  ~Network() {
    for (void* memory : owned_) device_->release(memory);
  }
  Network(const Network&) = delete;

  std::vector<udc_mix_layer> mix;
  std::vector<udc_threshold_layer> thresholds;
  std::vector<udc_quantize_layer> quantize;
  std::vector<udc_activation_tensor> activations;
  std::vector<udc_normalize_layer> normalize;
  udc_kernels_execution execution;
  int64_t weights = 0;

  template <typename T>
  std::vector<T> download(const T* from, int64_t count) const {
    std::vector<T> values(count);
    device_->copy_out(values.data(), from, count * static_cast<int64_t>(sizeof(T)));
    return values;
  }

 private:
  template <typename T>
  T* upload(const std::vector<T>& values) {
    const int64_t offset = misalign_ ? static_cast<int64_t>(owned_.size() % 4) : 0;
    const int64_t bytes = static_cast<int64_t>(values.size() * sizeof(T));
    void* memory = device_->allocate(bytes + 4 * static_cast<int64_t>(sizeof(T)));
    owned_.push_back(memory);
    T* start = static_cast<T*>(memory) + offset;
    if (bytes > 0) device_->copy_in(start, values.data(), bytes);
    return start;
  }

  std::vector<float> normals(int64_t count, float scale) {
    std::normal_distribution<float> normal(0, scale);
    std::vector<float> values(count);
    for (float& value : values) value = normal(engine_);
    return values;
  }
  std::vector<float> uniforms(int64_t count, float low, float high) {
    std::uniform_real_distribution<float> uniform(low, high);
    std::vector<float> values(count);
    for (float& value : values) value = uniform(engine_);
    return values;
  }

  void add(const Shape& shape) {
    const int64_t count = shape.channels * shape.per_channel;
    weights += count;
    std::vector<float> steps = uniforms(shape.channels * 6, 0.5f, 2);
    for (size_t i = 0; i < steps.size(); i++) {
      steps[i] *= 0.2f / static_cast<float>((1 << (kOptions.bit_widths[i % 6] - 1)) - 1);
    }
    std::vector<float> values = normals(count, 0.1f);
    // Where the network is a test, ties: a third of the weights share few magnitudes.
    for (int64_t i = 0; misalign_ && i < count; i += 3) {
      values[i] = 0.0625f * static_cast<float>(i % 5);
    }
    udc_mix_layer layer = {};
    layer.weights = upload(values);
    layer.mixed = upload(std::vector<float>(count));
    layer.steps = upload(steps);
    layer.bit_probabilities = upload(uniforms(6, 0, 1));
    layer.sparsity_probabilities = upload(uniforms(5, 0, 1));
    float* const limits = upload(std::vector<float>(5));
    int64_t* const ties = upload(std::vector<int64_t>(5));
    layer.thresholds = limits;
    layer.tie_limits = ties;
    layer.channels = shape.channels;
    layer.per_channel = shape.per_channel;
    layer.mixed_gradient = upload(normals(count, 1));
    layer.weight_gradient = upload(std::vector<float>(count));
    layer.bit_gradient = upload(std::vector<float>(6));
    layer.sparsity_gradient = upload(std::vector<float>(5));
    layer.step_gradient = upload(std::vector<float>(steps.size()));
    if (misalign_) {
      layer.mask = upload(uniforms(shape.per_channel, 0, 1));
      layer.channel_mask = upload(uniforms(shape.channels, 0, 1));
      layer.mask_gradient = upload(std::vector<float>(shape.per_channel));
      layer.channel_mask_gradient = upload(std::vector<float>(shape.channels));
    }
    mix.push_back(layer);
    thresholds.push_back({layer.weights, count, kSparsities, limits, ties});
    float* const row_steps = upload(uniforms(shape.channels, 0.01f, 0.05f));
    quantize.push_back({layer.weights, row_steps, nullptr, layer.mixed, shape.channels,
                        shape.per_channel, 4, 0, layer.mixed_gradient, layer.weight_gradient,
                        layer.step_gradient});
    activations.push_back({layer.weights, layer.mixed, row_steps, nullptr, count, -128, 127,
                           layer.mixed_gradient, layer.weight_gradient, layer.step_gradient});
    normalize.push_back({layer.mixed, nullptr, shape.channels, shape.per_channel});
  }

  Device* device_;
  std::mt19937_64 engine_;
  bool misalign_;
  std::vector<void*> owned_;
};

inline void require_ok(udc_kernels_status status, const udc_kernels_error& error) {
  if (status != UDC_KERNELS_OK) stop(error.message);
}

}  // namespace udc::kernels::bench

#endif  // UDC_KERNELS_BENCH_NETWORK_H
