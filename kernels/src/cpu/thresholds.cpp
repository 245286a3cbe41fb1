// Exact k-th magnitudes for several sparsities at once, by radix selection over the bits of |w|.
//
// Three passes read the weights and count digits of 11, 10 and 10 bits; after each, every sparsity
// knows one more digit of its threshold and how many weights it still wants among those that share
// the digits so far. A fourth pass, only where a tie must be broken, finds the last one to survive.
#include <cstring>

#include "cpu/cpu_backend.h"
#include "cpu/partition.h"

namespace udc::kernels::cpu {
namespace {

constexpr int kPasses = 3;
constexpr int kShifts[kPasses] = {20, 10, 0};
constexpr int kDigits[kPasses] = {2048, 1024, 1024};
constexpr int64_t kChunk = 65536;

// Where the search for one sparsity of one layer stands.
struct Search {
  int64_t wanted;  // survivors among the weights that share the prefix; 0 when there is none
  uint32_t prefix;
  int32_t group;    // histogram of the current pass; sparsities with one prefix share one
  int64_t matches;  // weights that share the whole of the threshold, after the last pass
};

struct LayerSearch {
  Search searches[UDC_KERNELS_MAX_OPTIONS];
  int32_t groups;
  uint32_t group_prefixes[UDC_KERNELS_MAX_OPTIONS];
  int64_t* counts;  // [groups][digits of the pass]
};

uint32_t magnitude_bits(const float* weight) {
  uint32_t bits;
  std::memcpy(&bits, weight, sizeof bits);
  return bits & 0x7fffffffu;
}

int64_t counts_per_layer(int32_t options) { return std::max(2048, 1024 * options); }

// Gives sparsities that share a prefix the same group and clears the groups' counts.
void start_pass(int pass, int32_t options, LayerSearch* layer) {
  layer->groups = 0;
  for (int s = 0; s < options; s++) {
    Search& search = layer->searches[s];
    if (search.wanted == 0) continue;
    int32_t group = 0;
    while (group < layer->groups && layer->group_prefixes[group] != search.prefix) group++;
    if (group == layer->groups) layer->group_prefixes[layer->groups++] = search.prefix;
    search.group = group;
  }
  std::fill_n(layer->counts, static_cast<int64_t>(layer->groups) * kDigits[pass], int64_t{0});
}

void merge(const uint32_t* from, int64_t count, int64_t* into) {
  for (int64_t i = 0; i < count; i++) {
    if (from[i] != 0) __atomic_fetch_add(&into[i], from[i], __ATOMIC_RELAXED);
  }
}

// First digit: everybody counts. Two histograms, so that runs of one digit don't wait on each
// other.
void count_first(const float* weights, int64_t count, const LayerSearch& layer) {
  if (layer.groups == 0) return;
  uint32_t even[2048] = {}, odd[2048] = {};
  int64_t i = 0;
  for (; i + 2 <= count; i += 2) {
    even[magnitude_bits(weights + i) >> 20]++;
    odd[magnitude_bits(weights + i + 1) >> 20]++;
  }
  if (i < count) even[magnitude_bits(weights + i) >> 20]++;
  for (int d = 0; d < 2048; d++) even[d] += odd[d];
  merge(even, 2048, layer.counts);
}

// Second digit: a table from the first gives the group, the last group being that of no sparsity.
void count_second(const float* weights, int64_t count, const LayerSearch& layer) {
  if (layer.groups == 0) return;
  uint8_t groups[2048];
  std::memset(groups, layer.groups, sizeof groups);
  for (int32_t g = 0; g < layer.groups; g++) {
    groups[layer.group_prefixes[g]] = static_cast<uint8_t>(g);
  }
  uint32_t counts[(UDC_KERNELS_MAX_OPTIONS + 1) * 1024];
  std::memset(counts, 0, sizeof(uint32_t) * 1024 * (layer.groups + 1));
  for (int64_t i = 0; i < count; i++) {
    const uint32_t bits = magnitude_bits(weights + i);
    counts[groups[bits >> 20] * 1024 + ((bits >> 10) & 1023)]++;
  }
  merge(counts, int64_t{1024} * layer.groups, layer.counts);
}

// Third digit: few weights share 21 bits with a threshold, so look closer only at blocks with one.
void count_third(const float* weights, int64_t count, const LayerSearch& layer) {
  constexpr int64_t kBlock = 16;
  for (int64_t i = 0; i < count; i += kBlock) {
    const int64_t block = std::min(kBlock, count - i);
    uint32_t any = 0;
    for (int32_t g = 0; g < layer.groups; g++) {
      const uint32_t prefix = layer.group_prefixes[g];
      for (int64_t k = i; k < i + block; k++) any |= magnitude_bits(weights + k) >> 10 == prefix;
    }
    if (any == 0) continue;
    for (int64_t k = i; k < i + block; k++) {
      const uint32_t bits = magnitude_bits(weights + k);
      for (int32_t g = 0; g < layer.groups; g++) {
        if (bits >> 10 == layer.group_prefixes[g]) {
          __atomic_fetch_add(&layer.counts[g * 1024 + (bits & 1023)], 1, __ATOMIC_RELAXED);
        }
      }
    }
  }
}

// From the largest digit down, the one in which the wanted survivor lies.
void finish_pass(int pass, int32_t options, LayerSearch* layer) {
  const int digit_bits = pass == 0 ? 11 : 10;
  for (int s = 0; s < options; s++) {
    Search& search = layer->searches[s];
    if (search.wanted == 0) continue;
    const int64_t* counts = layer->counts + static_cast<int64_t>(search.group) * kDigits[pass];
    int digit = kDigits[pass] - 1;
    while (counts[digit] < search.wanted) search.wanted -= counts[digit--];
    search.prefix = search.prefix << digit_bits | static_cast<uint32_t>(digit);
    search.matches = counts[digit];
  }
}

int64_t last_surviving_tie(const udc_threshold_layer& layer, const Search& search) {
  int64_t left = search.wanted;
  for (int64_t i = 0;; i++) {
    if (magnitude_bits(layer.weights + i) == search.prefix && --left == 0) return i;
  }
}

void write_result(const udc_threshold_layer& layer, int s, const Search& search, int64_t wanted) {
  uint32_t bits = search.prefix;
  int64_t tie_limit = INT64_MAX;
  if (wanted == layer.count) {
    bits = 0;
  } else if (wanted == 0) {
    bits = 0x7fffffffu;
    tie_limit = -1;
  } else if (search.matches > search.wanted) {
    tie_limit = last_surviving_tie(layer, search);
  }
  std::memcpy(&layer.thresholds[s], &bits, sizeof bits);
  layer.tie_limits[s] = tie_limit;
}

}  // namespace

int64_t thresholds_workspace(ThresholdLayers layers, int32_t sparsity_options) {
  const int64_t counts = counts_per_layer(sparsity_options) * static_cast<int64_t>(sizeof(int64_t));
  return layers.count * (counts + static_cast<int64_t>(sizeof(LayerSearch)));
}

Failure thresholds(ThresholdLayers layers, int32_t sparsity_options, const Execution& execution) {
  const int32_t threads = thread_count(execution);
  LayerSearch* const searches = static_cast<LayerSearch*>(execution.workspace);
  int64_t* const counts = reinterpret_cast<int64_t*>(searches + layers.count);
  Partition partition;
  for (int64_t i = 0; i < layers.count; i++) {
    partition.add(Grid(1, layers[i].count, 1, kChunk));
    searches[i] = {};
    searches[i].counts = counts + i * counts_per_layer(sparsity_options);
    for (int s = 0; s < sparsity_options; s++) {
      // A sparsity that keeps all needs no search.
      const int64_t wanted = survivors(layers[i].sparsities[s], layers[i].count);
      searches[i].searches[s].wanted = wanted == layers[i].count ? 0 : wanted;
    }
  }
  for (int pass = 0; pass < kPasses; pass++) {
    for (int64_t i = 0; i < layers.count; i++) start_pass(pass, sparsity_options, &searches[i]);
    partition.for_each(threads, [&](const Unit& unit, int64_t) {
      const float* weights = layers[unit.layer].weights + unit.first_column;
      const LayerSearch& search = searches[unit.layer];
      if (pass == 0) count_first(weights, unit.columns, search);
      if (pass == 1) count_second(weights, unit.columns, search);
      if (pass == 2) count_third(weights, unit.columns, search);
    });
    for (int64_t i = 0; i < layers.count; i++) finish_pass(pass, sparsity_options, &searches[i]);
  }
  const int64_t results = layers.count * sparsity_options;
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (threads > 1 && results > 1)
  for (int64_t r = 0; r < results; r++) {
    const udc_threshold_layer& layer = layers[r / sparsity_options];
    const int s = static_cast<int>(r % sparsity_options);
    write_result(layer, s, searches[r / sparsity_options].searches[s],
                 survivors(layer.sparsities[s], layer.count));
  }
  return nullptr;
}

}  // namespace udc::kernels::cpu
