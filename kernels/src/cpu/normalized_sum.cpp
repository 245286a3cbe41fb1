// Sums of normalized maps. A map is seen as rows of a width that is a multiple of its channels and,
// where these are few, of every register, so that no channel is left over in a row. Rows are cut
// into units by shape alone; a unit's sums are floats, one for each column, and are added up in
// float64 in the units' order.
#include "cpu/normalized_sum.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cpu/cpu_backend.h"
#include "cpu/row_kernels.h"

namespace udc::kernels::cpu {
namespace {

// The units of a map.
struct Rows {
  int64_t count;  // elements of the map
  int64_t width;
  int64_t per_unit;  // elements of a unit

  explicit Rows(const udc_normalized_sum& s) : count(s.positions * s.channels) {
    constexpr int64_t kColumns = 64;  // a multiple of four registers of every instruction set
    constexpr int64_t kWide = 256;    // where a rest no longer matters
    const int64_t repeats = s.channels < kWide ? kColumns / std::gcd(s.channels, kColumns) : 1;
    width = repeats * s.channels;
    // Sums of at most 128 floats; at least 16, so that a unit's sums are small beside it.
    per_unit = width * std::clamp<int64_t>(16384 / width, 16, 128);
  }

  int64_t units() const { return (count + per_unit - 1) / per_unit; }
};

constexpr int32_t kTermsAtOnce = 2;          // of the sums of a pass
constexpr int32_t kSums = 1 + kTermsAtOnce;  // of such a pass; moments are two
constexpr int32_t kColumnArrays = 3;         // of each term

// The arrays of the workspace.
struct Workspace {
  double* totals;  // [kSums][width], of all units
  float* sums;     // [units][kSums][width]
  float* columns;  // [terms][kColumnArrays][width]
  float* shifts;   // [width]

  Workspace(const Rows& rows, int32_t terms, void* start) {
    totals = static_cast<double*>(start);
    sums = reinterpret_cast<float*>(totals + kSums * rows.width);
    columns = sums + rows.units() * kSums * rows.width;
    shifts = columns + terms * kColumnArrays * rows.width;
  }

  static int64_t bytes(const Rows& rows, int32_t terms) {
    const int64_t floats = rows.units() * kSums + terms * kColumnArrays + 1;
    return rows.width * (kSums * static_cast<int64_t>(sizeof(double)) +
                         floats * static_cast<int64_t>(sizeof(float)));
  }
};

// One call's way through the maps.
class Pass {
 public:
  Pass(const udc_normalized_sum& s, const Execution& execution)
      : s_(s),
        rows_(s),
        work_(rows_, s.term_count, execution.workspace),
        kernels_(row_kernels(execution)),
        threads_(thread_count(execution)),
        whole_() {
    whole_.width = rows_.width;
    whole_.terms = s.term_count;
    whole_.rectify = s.rectify;
    whole_.residual = s.residual;
    whole_.output = s.output;
    whole_.output_gradient = s.output_gradient;
    whole_.residual_gradient = s.residual_gradient;
    whole_.shifts = work_.shifts;
    for (int32_t k = 0; k < s.term_count; k++) {
      whole_.maps[k] = s.terms[k].map;
      whole_.map_gradients[k] = s.terms[k].map_gradient;
      whole_.scales[k] = column(k, 0);
      if (!s.given_statistics) {
        whole_.slopes[k] = column(k, 1);
        whole_.offsets[k] = column(k, 2);
      }
    }
  }

  void forward() {
    if (!s_.given_statistics) {
      for (int32_t k = 0; k < s_.term_count; k++) measure(k);
    }
    set_scales();
    for (int64_t c = 0; c < s_.channels; c++) {
      double shift = 0;
      for (int32_t k = 0; k < s_.term_count; k++) {
        const udc_normalized_term& term = s_.terms[k];
        shift += term.shift[c] - term.mean[c] * (term.scale[c] * inverse_deviation(k, c));
      }
      work_.shifts[c] = static_cast<float>(shift);
    }
    repeat(work_.shifts);
    for_each_unit(whole_,
                  [&](const NormalizedRun& run, int64_t) { kernels_.normalized_forward(run); });
  }

  void backward() {
    set_scales();
    for (int32_t k = 0; k < s_.term_count; k += kTermsAtOnce) {
      if (needs_sums(k)) send_back(k, std::min(kTermsAtOnce, s_.term_count - k));
    }
    for_each_unit(whole_,
                  [&](const NormalizedRun& run, int64_t) { kernels_.normalized_backward(run); });
  }

 private:
  float* column(int32_t term, int32_t array) {
    return work_.columns + (term * kColumnArrays + array) * rows_.width;
  }

  double inverse_deviation(int32_t term, int64_t channel) const {
    return 1 / std::sqrt(static_cast<double>(s_.terms[term].variance[channel]) + s_.epsilon);
  }

  // What the maps are multiplied by, and their gradients.
  void set_scales() {
    for (int32_t k = 0; k < s_.term_count; k++) {
      for (int64_t c = 0; c < s_.channels; c++) {
        column(k, 0)[c] = static_cast<float>(s_.terms[k].scale[c] * inverse_deviation(k, c));
      }
      repeat(column(k, 0));
    }
  }

  // Fills the columns behind the first channels with what these have.
  void repeat(float* columns) const {
    for (int64_t c = s_.channels; c < rows_.width; c++) columns[c] = columns[c - s_.channels];
  }

  template <typename Work>
  void for_each_unit(const NormalizedRun& whole, const Work& work) const {
    const int64_t units = rows_.units();
#pragma omp parallel for schedule(static) num_threads(threads_) if (threads_ > 1 && units > 1)
    for (int64_t unit = 0; unit < units; unit++) {
      NormalizedRun run = whole;
      const int64_t first = unit * rows_.per_unit;
      run.count = std::min(rows_.per_unit, rows_.count - first);
      const auto move = [first](auto*& pointer) {
        if (pointer) pointer += first;
      };
      for (int32_t k = 0; k < run.terms; k++) {
        move(run.maps[k]);
        move(run.map_gradients[k]);
      }
      move(run.residual);
      move(run.output);
      move(run.output_gradient);
      move(run.residual_gradient);
      work(run, unit);
    }
  }

  // Has work(run, sums) sum up each unit, [sums][width], and adds all of it up by channel.
  template <typename Work>
  void total(const NormalizedRun& whole, int32_t sums, const Work& work) {
    const int64_t size = sums * rows_.width;
    for_each_unit(whole, [&](const NormalizedRun& run, int64_t unit) {
      float* const own = work_.sums + unit * size;
      std::fill_n(own, size, 0.0f);
      work(run, own);
    });
    std::fill_n(work_.totals, size, 0.0);
    for (int64_t unit = 0; unit < rows_.units(); unit++) {
      const float* const own = work_.sums + unit * size;
      for (int64_t i = 0; i < size; i++) work_.totals[i] += own[i];
    }
    for (int32_t sum = 0; sum < sums; sum++) {
      double* const totals = work_.totals + sum * rows_.width;
      for (int64_t c = s_.channels; c < rows_.width; c++) totals[c % s_.channels] += totals[c];
    }
  }

  // Mean and variance of a map, from the distances to a value that lies among its own, so that
  // little is lost where it is far from zero.
  void measure(int32_t k) {
    float* const pivots = column(k, 0);
    constexpr int64_t kSamples = 16;
    const int64_t samples = std::clamp<int64_t>(s_.positions, 1, kSamples);
    std::fill_n(pivots, s_.channels, 0.0f);
    for (int64_t i = 0; i < samples && s_.positions > 0; i++) {
      const float* const sample = s_.terms[k].map + s_.positions * i / samples * s_.channels;
      for (int64_t c = 0; c < s_.channels; c++) pivots[c] += sample[c];
    }
    for (int64_t c = 0; c < s_.channels; c++) pivots[c] /= static_cast<float>(samples);
    repeat(pivots);
    NormalizedRun whole = whole_;
    whole.maps[0] = s_.terms[k].map;
    total(whole, 2, [&](const NormalizedRun& run, float* sums) {
      kernels_.normalized_moments(run, pivots, sums);
    });
    const double n = static_cast<double>(std::max<int64_t>(1, s_.positions));
    for (int64_t c = 0; c < s_.channels; c++) {
      const double distance = work_.totals[c] / n;
      const double square = work_.totals[rows_.width + c] / n;
      s_.terms[k].mean[c] = static_cast<float>(pivots[c] + distance);
      // Not std::max, which would make a NaN zero.
      const double variance = square - distance * distance;
      s_.terms[k].variance[c] = static_cast<float>(variance < 0 ? 0 : variance);
    }
  }

  bool needs_sums(int32_t first) const {
    const int32_t end = std::min(first + kTermsAtOnce, s_.term_count);
    for (int32_t k = first; k < end; k++) {
      if (!s_.given_statistics || s_.terms[k].scale_gradient || s_.terms[k].shift_gradient) {
        return true;
      }
    }
    return false;
  }

  // The gradients of some terms' scales and shifts, and how their maps' follow from G.
  void send_back(int32_t first, int32_t terms) {
    NormalizedRun whole = whole_;
    whole.terms = terms;
    for (int32_t k = 0; k < terms; k++) {
      whole.maps[k] = s_.terms[first + k].map;
      whole.offsets[k] = column(first + k, 2);
      std::copy_n(s_.terms[first + k].mean, s_.channels, column(first + k, 2));
      repeat(column(first + k, 2));
    }
    total(whole, 1 + terms,
          [&](const NormalizedRun& run, float* sums) { kernels_.normalized_sums(run, sums); });
    for (int32_t k = 0; k < terms; k++) {
      finish(first + k, work_.totals, work_.totals + (1 + k) * rows_.width);
    }
  }

  // From the sums of G and of G * (map - mean), by channel.
  void finish(int32_t k, const double* sums, const double* products) {
    const udc_normalized_term& term = s_.terms[k];
    const double n = static_cast<double>(std::max<int64_t>(1, s_.positions));
    for (int64_t c = 0; c < s_.channels; c++) {
      const double inverse = inverse_deviation(k, c);
      if (term.shift_gradient) term.shift_gradient[c] = static_cast<float>(sums[c]);
      if (term.scale_gradient) {
        term.scale_gradient[c] = static_cast<float>(products[c] * inverse);
      }
      const double scale = term.scale[c] * inverse;
      const double slope = -scale * inverse * inverse * products[c] / n;
      column(k, 1)[c] = static_cast<float>(slope);
      column(k, 2)[c] = static_cast<float>(-scale * sums[c] / n - slope * term.mean[c]);
    }
    repeat(column(k, 1));
    repeat(column(k, 2));
  }

  const udc_normalized_sum& s_;
  const Rows rows_;
  const Workspace work_;
  const RowKernels& kernels_;
  const int32_t threads_;
  NormalizedRun whole_;
};

}  // namespace

int64_t normalized_sum_workspace(const udc_normalized_sum& sum) {
  return Workspace::bytes(Rows(sum), sum.term_count);
}

Failure normalized_sum_forward(const udc_normalized_sum& sum, const Execution& execution) {
  Pass(sum, execution).forward();
  return nullptr;
}

Failure normalized_sum_backward(const udc_normalized_sum& sum, const Execution& execution) {
  Pass(sum, execution).backward();
  return nullptr;
}

}  // namespace udc::kernels::cpu
