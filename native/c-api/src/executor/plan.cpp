#include "executor/plan.h"

#include <algorithm>
#include <numeric>

namespace udc {
namespace {

// Staged rows should stay in a core's second-level cache together with the weights.
constexpr uint64_t kStripBytes = 192 << 10;
constexpr uint64_t kAlignment = 64;
constexpr uint64_t kBroadcastBytes = 4096;

uint64_t aligned(uint64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

// When a feature map is written first and read last, counted in steps; the picture comes before step 0.
struct Lifetime {
  uint64_t bytes;
  size_t first;
  size_t last;
};

std::vector<Lifetime> lifetimes(const Model& model, const std::vector<Shape>& shapes) {
  std::vector<Lifetime> maps;
  for (size_t i = 0; i < shapes.size(); ++i) {
    maps.push_back({aligned(shapes[i].elements() + kSlack), i, i});
  }
  for (size_t i = 0; i < model.nodeCount(); ++i) {
    const Node& node = model.node(i);
    maps[node.input].last = std::max(maps[node.input].last, i + 1);
    if (node.binary()) {
      maps[node.second].last = std::max(maps[node.second].last, i + 1);
    }
  }
  maps.back().last = shapes.size();
  return maps;
}

// Offsets by which no two maps that live at the same time overlap: the largest first, each at the lowest
// place that is free. *total gets the end of the last.
std::vector<uint64_t> place(const std::vector<Lifetime>& maps, uint64_t* total) {
  std::vector<size_t> order(maps.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return maps[a].bytes > maps[b].bytes; });
  std::vector<uint64_t> offsets(maps.size());
  std::vector<size_t> placed;  // by offset
  *total = 0;
  for (const size_t map : order) {
    uint64_t offset = 0;
    for (const size_t other : placed) {
      const bool together = maps[other].first <= maps[map].last && maps[map].first <= maps[other].last;
      if (together && offsets[other] < offset + maps[map].bytes &&
          offset < offsets[other] + maps[other].bytes) {
        offset = offsets[other] + maps[other].bytes;
      }
    }
    offsets[map] = offset;
    *total = std::max(*total, offset + maps[map].bytes);
    placed.insert(std::upper_bound(placed.begin(), placed.end(), map,
                                   [&](size_t a, size_t b) { return offsets[a] < offsets[b]; }),
                  map);
  }
  return offsets;
}

uint32_t padding(uint32_t in, uint32_t out, const Node& node) {
  const uint64_t needed = static_cast<uint64_t>(out - 1) * node.stride + node.kernel;
  return needed > in ? static_cast<uint32_t>((needed - in) / 2) : 0;
}

Staging stagingOf(const Node& node, const PackedLayer& layer) {
  if (node.operation == Operation::kDepthwise) {
    return Staging::kPairs;
  }
  if (layer.form == ConvolutionForm::kPairs) {
    return Staging::kWords;
  }
  return node.kernel == 1 ? Staging::kNone : Staging::kBytes;
}

// Sets how a weighted node's input is staged; the answer is the bytes that it takes.
uint64_t stage(const Node& node, const PackedLayer& layer, Step& step) {
  step.staging = stagingOf(node, layer);
  step.stripRows = step.out.height;
  if (step.staging == Staging::kNone) {
    return 0;
  }
  step.padTop = padding(step.in.height, step.out.height, node);
  step.padLeft = padding(step.in.width, step.out.width, node);
  step.stagedColumns = (step.out.width - 1) * node.stride + node.kernel;
  const uint64_t rowBytes =
      static_cast<uint64_t>(step.stagedColumns) * step.in.channels * stagedBytes(step.staging);
  const auto rows = [&node](uint64_t outRows) { return (outRows - 1) * node.stride + node.kernel; };
  const uint64_t fitting = std::max<uint64_t>(kStripBytes / rowBytes, node.kernel);
  step.stripRows =
      static_cast<uint32_t>(std::min<uint64_t>(step.out.height, (fitting - node.kernel) / node.stride + 1));
  return rows(step.stripRows) * rowBytes + kSlack;
}

uint64_t scratchBytes(const Node& node, const Model& model, size_t index, Step& step) {
  if (node.weighted()) {
    return stage(node, model.layer(index), step);
  }
  if (node.operation == Operation::kPool) {
    return step.in.channels * sizeof(int64_t);
  }
  return node.binary() ? std::max<uint64_t>(kBroadcastBytes, step.in.channels) : 0;
}

}  // namespace

Plan Plan::of(const Model& model, uint32_t height, uint32_t width) {
  const std::vector<Shape> shapes = model.shapes(height, width);
  Plan plan;
  plan.input = shapes.front();
  const std::vector<uint64_t> offsets = place(lifetimes(model, shapes), &plan.scratch);
  plan.image = offsets[0];
  uint64_t scratch = 0;
  for (size_t i = 0; i < model.nodeCount(); ++i) {
    const Node& node = model.node(i);
    Step step{};
    step.in = shapes[node.input];
    step.out = shapes[i + 1];
    step.input = offsets[node.input];
    step.second = offsets[node.second];
    step.output = offsets[i + 1];
    scratch = std::max(scratch, scratchBytes(node, model, i, step));
    plan.steps.push_back(step);
  }
  plan.arenaBytes = plan.scratch + aligned(scratch);
  return plan;
}

}  // namespace udc
