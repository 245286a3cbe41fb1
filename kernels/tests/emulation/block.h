// A grid of threads on one thread of the host. The threads of a block are fibers that change places
// where CUDA lets them wait for each other; which of them goes first is drawn anew each time, so
// that code with a missing barrier gives other results. Blocks run one after another, in any order.
#ifndef UDC_KERNELS_EMULATION_BLOCK_H
#define UDC_KERNELS_EMULATION_BLOCK_H

#include <array>
#include <cstdint>
#include <functional>

namespace udc::emulation {

constexpr unsigned kLanes = 32;

struct Index {
  unsigned x;
};

// Runs kernel for every thread of the grid; false if threads of a block wait for each other in
// vain.
bool run_grid(unsigned blocks, unsigned threads, const std::function<void()>& kernel);

// From here on for kernels only.
Index thread_index();
Index block_index();
void wait_for_block();  // __syncthreads: for all threads that have not returned
void wait_for_warp();   // __syncwarp

// Waits for the warp; gives the values of all its lanes. A lane that has returned has none: its
// value is an old one. It holds until the next exchange of the calling thread.
const std::array<uint64_t, kLanes>& exchange(uint64_t value);

}  // namespace udc::emulation

#endif  // UDC_KERNELS_EMULATION_BLOCK_H
