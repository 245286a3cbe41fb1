#include "block.h"

#include <setjmp.h>
#include <ucontext.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

namespace udc::emulation {
namespace {

constexpr size_t kStackBytes = 64 << 10;

enum class State { kReady, kWaitsForWarp, kWaitsForBlock, kReturned };

struct Thread {
  State state;
  bool has_started;
  unsigned exchanges;  // so far; neighbours may be one ahead, so two buffers are enough
  ucontext_t entry;
  jmp_buf place;  // where it waits: a jump spares the system calls of a change of contexts
  std::unique_ptr<char[]> stack;
};

struct Warp {
  unsigned slowness;  // it has one turn in so many, so that others come to be far ahead of it
  bool rests;
  std::array<std::array<uint64_t, kLanes>, 2> values;
};

class Block {
 public:
  Block(unsigned threads, const std::function<void()>& kernel, std::mt19937* random)
      : kernel_(kernel),
        random_(*random),
        threads_(threads),
        warps_((threads + kLanes - 1) / kLanes) {
    for (Thread& thread : threads_) thread.stack.reset(new char[kStackBytes]);
  }

  // False if no thread can go on although some have not returned.
  bool run(unsigned index) {
    index_ = index;
    for (Thread& thread : threads_) start(&thread);
    for (Warp& warp : warps_) warp.slowness = 1u << (random_() % 4);
    std::vector<unsigned> order(threads_.size());
    std::iota(order.begin(), order.end(), 0);
    while (count(State::kReturned, 0, threads_.size()) < threads_.size()) {
      if (!release() && count(State::kReady, 0, threads_.size()) == 0) return false;
      for (Warp& warp : warps_) warp.rests = random_() % warp.slowness != 0;
      std::shuffle(order.begin(), order.end(), random_);
      for (const unsigned i : order) {
        if (threads_[i].state == State::kReady && !warps_[i / kLanes].rests) resume(i);
      }
    }
    return true;
  }

  unsigned index() const { return index_; }
  unsigned running() const { return running_; }

  void wait(State state) {
    Thread& thread = threads_[running_];
    thread.state = state;
    if (_setjmp(thread.place) == 0) _longjmp(scheduler_, 1);
  }

  const std::array<uint64_t, kLanes>& exchange(uint64_t value) {
    auto& values = warps_[running_ / kLanes].values[threads_[running_].exchanges++ % 2];
    values[running_ % kLanes] = value;
    wait(State::kWaitsForWarp);
    return values;
  }

 private:
  [[noreturn]] static void enter();

  void start(Thread* thread) {
    thread->state = State::kReady;
    thread->has_started = false;
    thread->exchanges = 0;
    getcontext(&thread->entry);
    thread->entry.uc_stack.ss_sp = thread->stack.get();
    thread->entry.uc_stack.ss_size = kStackBytes;
    makecontext(&thread->entry, &Block::enter, 0);
  }

  void resume(unsigned i) {
    running_ = i;
    if (_setjmp(scheduler_) != 0) return;
    if (threads_[i].has_started) _longjmp(threads_[i].place, 1);
    threads_[i].has_started = true;
    setcontext(&threads_[i].entry);
  }

  size_t count(State state, size_t first, size_t end) const {
    return std::count_if(threads_.begin() + first, threads_.begin() + end,
                         [&](const Thread& thread) { return thread.state == state; });
  }

  // Lets threads go on that have waited for the last one; false if there are none.
  bool release() {
    bool any = release(State::kWaitsForBlock, 0, threads_.size());
    for (size_t first = 0; first < threads_.size(); first += kLanes) {
      const size_t end = std::min(first + kLanes, threads_.size());
      any = release(State::kWaitsForWarp, first, end) || any;
    }
    return any;
  }

  bool release(State waiting, size_t first, size_t end) {
    const size_t waiters = count(waiting, first, end);
    if (waiters == 0 || waiters + count(State::kReturned, first, end) < end - first) return false;
    for (size_t i = first; i < end; i++) {
      if (threads_[i].state == waiting) threads_[i].state = State::kReady;
    }
    return true;
  }

  const std::function<void()>& kernel_;
  std::mt19937& random_;
  std::vector<Thread> threads_;
  std::vector<Warp> warps_;
  jmp_buf scheduler_;
  unsigned index_ = 0;
  unsigned running_ = 0;
};

thread_local Block* current = nullptr;

void Block::enter() {
  current->kernel_();
  current->threads_[current->running_].state = State::kReturned;
  _longjmp(current->scheduler_, 1);
}

}  // namespace

bool run_grid(unsigned blocks, unsigned threads, const std::function<void()>& kernel) {
  static thread_local unsigned launches = 0;  // the same calls in the same order repeat a failure
  std::mt19937 random(launches++);
  Block block(threads, kernel, &random);
  std::vector<unsigned> order(blocks);
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), random);
  current = &block;
  const bool complete =
      std::all_of(order.begin(), order.end(), [&](unsigned index) { return block.run(index); });
  current = nullptr;
  return complete;
}

Index thread_index() { return {current->running()}; }
Index block_index() { return {current->index()}; }
void wait_for_block() { current->wait(State::kWaitsForBlock); }
void wait_for_warp() { current->wait(State::kWaitsForWarp); }
const std::array<uint64_t, kLanes>& exchange(uint64_t value) { return current->exchange(value); }

}  // namespace udc::emulation
