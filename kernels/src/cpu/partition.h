// The fixed partition of a network's tensors into units of work. It depends on shapes alone, never
// on the number of threads, so that sums over units in their order always give the same bits.
#ifndef UDC_KERNELS_CPU_PARTITION_H
#define UDC_KERNELS_CPU_PARTITION_H

#include <algorithm>
#include <cstdint>
#include <vector>

namespace udc::kernels::cpu {

// Some rows of a tensor and a range of their columns.
struct Unit {
  int64_t layer;
  int64_t index;  // within the layer
  int64_t first_row;
  int64_t rows;
  int64_t first_column;
  int64_t columns;
};

// One tensor as a grid of units, rows before columns.
class Grid {
 public:
  Grid(int64_t rows, int64_t columns, int64_t rows_per_unit, int64_t columns_per_unit)
      : rows_(rows),
        columns_(columns),
        rows_per_unit_(std::max<int64_t>(1, rows_per_unit)),
        columns_per_unit_(std::max<int64_t>(1, columns_per_unit)) {}

  // About 16 Ki elements per unit: some ten microseconds of work, and well inside a core's cache.
  static Grid of(int64_t rows, int64_t columns) {
    constexpr int64_t kTarget = 16384;
    if (columns > 4 * kTarget) return Grid(rows, columns, 1, kTarget);
    return Grid(rows, columns, columns > 0 ? kTarget / columns : 1, columns);
  }

  bool empty() const { return rows_ == 0 || columns_ == 0; }
  int64_t row_parts() const { return empty() ? 0 : (rows_ - 1) / rows_per_unit_ + 1; }
  int64_t column_parts() const { return empty() ? 0 : (columns_ - 1) / columns_per_unit_ + 1; }
  int64_t units() const { return row_parts() * column_parts(); }
  int64_t rows_per_unit() const { return rows_per_unit_; }

  Unit unit(int64_t layer, int64_t index) const {
    const int64_t first_row = index / column_parts() * rows_per_unit_;
    const int64_t first_column = index % column_parts() * columns_per_unit_;
    return {layer,        index,
            first_row,    std::min(rows_per_unit_, rows_ - first_row),
            first_column, std::min(columns_per_unit_, columns_ - first_column)};
  }

 private:
  int64_t rows_;
  int64_t columns_;
  int64_t rows_per_unit_;
  int64_t columns_per_unit_;
};

// All units of all tensors, numbered through.
class Partition {
 public:
  void add(const Grid& grid) {
    grids_.push_back(grid);
    first_.push_back(first_.back() + grid.units());
  }

  int64_t units() const { return first_.back(); }
  int64_t first_unit(int64_t layer) const { return first_[layer]; }
  const Grid& grid(int64_t layer) const { return grids_[layer]; }

  Unit unit(int64_t number) const {
    const auto after = std::upper_bound(first_.begin(), first_.end(), number);
    const int64_t layer = after - first_.begin() - 1;
    return grids_[layer].unit(layer, number - first_[layer]);
  }

  // Calls work(unit, number) for every unit.
  template <typename Work>
  void for_each(int32_t threads, const Work& work) const {
    const int64_t count = units();
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (count > 1 && threads > 1)
    for (int64_t number = 0; number < count; number++) work(unit(number), number);
  }

 private:
  std::vector<Grid> grids_;
  std::vector<int64_t> first_{0};
};

}  // namespace udc::kernels::cpu

#endif  // UDC_KERNELS_CPU_PARTITION_H
