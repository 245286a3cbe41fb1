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

// What a network mixes: sparsities has as many values as mix.sparsity_options.
struct Options {
  udc_mix_options mix;
  double sparsities[UDC_KERNELS_MAX_OPTIONS];
};

inline const Options kSearchOptions = {{{2, 3, 4, 5, 6, 8, 0, 0}, 6, 5, 0},
                                       {0, 0.5, 0.75, 0.875, 0.94}};
// As many as there can be.
inline const Options kMostOptions = {{{2, 3, 4, 5, 6, 7, 8, 16}, 8, 8, 1},
                                     {0, 0.25, 0.5, 0.625, 0.75, 0.875, 0.94, 1}};

class Network {
 public:
  // As a test, every tensor starts at another offset from an aligned address, weights have ties, and
  // most tensors have masks, zero points and factors, which the others do without.
  Network(Device* device, const std::vector<Shape>& shapes, uint64_t seed, bool is_test,
          const Options& with = kSearchOptions)
      : options(with), device_(device), engine_(seed), is_test_(is_test) {
    for (const Shape& shape : shapes) add(shape);
    udc_kernels_execution run = device->execution();
    udc_kernels_error error = {};
    int64_t most = 0, bytes = 0;
    const int64_t count = static_cast<int64_t>(shapes.size());
    udc_kernels_mix_backward_workspace(mix.data(), count, &options.mix, &run, &bytes, &error);
    most = std::max(most, bytes);
    udc_kernels_thresholds_workspace(thresholds.data(), count, options.mix.sparsity_options, &run,
                                     &bytes, &error);
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
  std::vector<udc_mask_layer> masks;  // tests only
  const Options options;
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
    const int64_t offset = is_test_ ? static_cast<int64_t>(owned_.size() % 4) : 0;
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
    const int bit_options = options.mix.bit_options;
    const int sparsity_options = options.mix.sparsity_options;
    weights += count;
    std::vector<float> steps = uniforms(shape.channels * bit_options, 0.5f, 2);
    for (size_t i = 0; i < steps.size(); i++) {
      const int32_t bits = options.mix.bit_widths[i % bit_options];
      steps[i] *= 0.2f / static_cast<float>((1 << (bits - 1)) - 1);
    }
    std::vector<float> values = normals(count, 0.1f);
    // Where the network is a test, ties: a third of the weights share few magnitudes.
    for (int64_t i = 0; is_test_ && i < count; i += 3) {
      values[i] = 0.0625f * static_cast<float>(i % 5);
    }
    udc_mix_layer layer = {};
    layer.weights = upload(values);
    layer.mixed = upload(std::vector<float>(count));
    layer.steps = upload(steps);
    layer.bit_probabilities = upload(uniforms(bit_options, 0, 1));
    layer.sparsity_probabilities = upload(uniforms(sparsity_options, 0, 1));
    float* const limits = upload(std::vector<float>(sparsity_options));
    int64_t* const ties = upload(std::vector<int64_t>(sparsity_options));
    layer.thresholds = limits;
    layer.tie_limits = ties;
    layer.channels = shape.channels;
    layer.per_channel = shape.per_channel;
    layer.mixed_gradient = upload(normals(count, 1));
    layer.weight_gradient = upload(std::vector<float>(count));
    layer.bit_gradient = upload(std::vector<float>(bit_options));
    layer.sparsity_gradient = upload(std::vector<float>(sparsity_options));
    layer.step_gradient = upload(std::vector<float>(steps.size()));
    if (is_test_) {
      layer.mask = upload(uniforms(shape.per_channel, 0, 1));
      layer.channel_mask = upload(uniforms(shape.channels, 0, 1));
      layer.mask_gradient = upload(std::vector<float>(shape.per_channel));
      layer.channel_mask_gradient = upload(std::vector<float>(shape.channels));
    }
    mix.push_back(layer);
    thresholds.push_back({layer.weights, count, options.sparsities, limits, ties});
    float* const row_steps = upload(uniforms(shape.channels, 0.01f, 0.05f));
    quantize.push_back({layer.weights, row_steps, nullptr, layer.mixed, shape.channels,
                        shape.per_channel, 4, 0, layer.mixed_gradient, layer.weight_gradient,
                        layer.step_gradient});
    activations.push_back({layer.weights, layer.mixed, row_steps, nullptr, count, -128, 127,
                           layer.mixed_gradient, layer.weight_gradient, layer.step_gradient});
    normalize.push_back({layer.mixed, nullptr, shape.channels, shape.per_channel});
    if (is_test_) add_for_test(values, layer);
  }

  // What the search's steps do without, and tensors of their own for what works in place.
  void add_for_test(const std::vector<float>& values, const udc_mix_layer& layer) {
    const size_t i = masks.size();
    const int64_t count = static_cast<int64_t>(values.size());
    if (i % 3 > 0) {
      std::vector<uint8_t> mask(count);
      for (uint8_t& value : mask) value = engine_() % 2;
      quantize[i].mask = upload(mask);
      quantize[i].straight_through_mask = i % 3 == 2;
      const int32_t zero_points[] = {-128, 31, 127};
      activations[i].zero_point = upload(std::vector<int32_t>{zero_points[i / 3 % 3]});
    }
    normalize[i].weights = upload(values);
    if (i % 2 == 0) normalize[i].factors = upload(std::vector<float>(layer.channels));
    const size_t sparsity = i % options.mix.sparsity_options;
    masks.push_back({upload(values), upload(std::vector<uint8_t>(count)),
                     layer.thresholds + sparsity, layer.tie_limits + sparsity, count});
  }

  Device* device_;
  std::mt19937_64 engine_;
  bool is_test_;
  std::vector<void*> owned_;
};

inline void require_ok(udc_kernels_status status, const udc_kernels_error& error) {
  if (status != UDC_KERNELS_OK) stop(error.message);
}

}  // namespace udc::kernels::bench

#endif  // UDC_KERNELS_BENCH_NETWORK_H
