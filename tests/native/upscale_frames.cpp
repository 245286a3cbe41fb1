// upscale_frames MODEL.udc WIDTH HEIGHT gray|yuv420p|rgb24 [THREADS]: raw frames from standard input, upscaled, to
// standard output. With yuv420p the network upscales the luma, and chroma is interpolated linearly. For instance:
//
//   ffmpeg -i in.mp4 -f rawvideo -pix_fmt yuv420p - | upscale_frames sr.udc 640 360 yuv420p 4 |
//     ffmpeg -f rawvideo -pix_fmt yuv420p -s 1280x720 -i - out.mp4
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <udc/udc.h>

namespace {

using Bytes = std::vector<uint8_t>;

void check(udc_status status, const udc_error& error) {
  if (status != UDC_OK) {
    throw std::runtime_error(error.message);
  }
}

struct Closer {
  void operator()(udc_model* model) const { udc_model_close(model); }
  void operator()(udc_session* session) const { udc_session_destroy(session); }
};

struct Size {
  size_t width;
  size_t height;

  size_t pixels() const { return width * height; }
  Size times(size_t factor) const { return {width * factor, height * factor}; }
  Size chroma() const { return {(width + 1) / 2, (height + 1) / 2}; }
};

// Weight of the second of two neighbours, in units of 1 / (2 * factor), for output position `at`.
struct Between {
  size_t first;
  size_t second;
  size_t weight;

  Between(size_t at, size_t factor, size_t extent) {
    const size_t doubled = std::max(2 * at + 1, factor) - factor; // centres of pixels lie on each other
    first = std::min(doubled / (2 * factor), extent - 1);
    second = std::min(first + 1, extent - 1);
    weight = doubled % (2 * factor);
  }
};

void interpolate(const uint8_t* from, Size in, size_t factor, Size out, uint8_t* to) {
  const size_t whole = 2 * factor;
  for (size_t y = 0; y < out.height; ++y) {
    const Between rows(y, factor, in.height);
    for (size_t x = 0; x < out.width; ++x) {
      const Between columns(x, factor, in.width);
      const auto row = [&](size_t at) {
        const uint8_t* line = from + at * in.width;
        return line[columns.first] * (whole - columns.weight) + line[columns.second] * columns.weight;
      };
      const size_t sum = row(rows.first) * (whole - rows.weight) + row(rows.second) * rows.weight;
      to[y * out.width + x] = static_cast<uint8_t>((sum + whole * whole / 2) / (whole * whole));
    }
  }
}

// One thread's upscaler of frames.
class Upscaler {
 public:
  Upscaler(const udc_model& model, Size in, const std::string& format) : in_(in), chroma_(format == "yuv420p") {
    udc_error error;
    udc_model_info info;
    check(udc_model_describe(&model, &info, &error), error);
    channels_ = info.input.channels;
    factor_ = info.upscaling;
    if (factor_ == 0 || channels_ != (format == "rgb24" ? 3 : 1)) {
      throw std::runtime_error("the model does not upscale " + format);
    }
    const udc_session_options options = {sizeof options, static_cast<uint32_t>(in.height),
                                         static_cast<uint32_t>(in.width)};
    udc_session* session = nullptr;
    check(udc_session_create(&model, &options, &session, &error), error);
    session_.reset(session);
  }

  size_t inputBytes() const { return bytes(in_); }

  Bytes upscaled(const Bytes& frame) const {
    const Size out = in_.times(factor_);
    Bytes result(bytes(out));
    udc_error error;
    check(udc_session_upscale_pixels(session_.get(), frame.data(), in_.pixels() * channels_, in_.width * channels_,
                                     result.data(), out.pixels() * channels_, out.width * channels_, &error),
          error);
    for (size_t plane = 0; chroma_ && plane < 2; ++plane) {
      interpolate(frame.data() + in_.pixels() + plane * in_.chroma().pixels(), in_.chroma(), factor_, out.chroma(),
                  result.data() + out.pixels() + plane * out.chroma().pixels());
    }
    return result;
  }

 private:
  size_t bytes(Size size) const { return size.pixels() * channels_ + (chroma_ ? 2 * size.chroma().pixels() : 0); }

  Size in_;
  bool chroma_;
  size_t channels_ = 1;
  size_t factor_ = 1;
  std::unique_ptr<udc_session, Closer> session_;
};

// Reads as many frames as there are threads, upscales them at the same time, writes them in order.
void run(const std::vector<Upscaler>& upscalers) {
  std::vector<Bytes> frames(upscalers.size(), Bytes(upscalers.front().inputBytes()));
  std::vector<Bytes> results(upscalers.size());
  std::vector<std::string> failures(upscalers.size());
  size_t count = upscalers.size();
  while (count == upscalers.size()) {
    for (count = 0; count < upscalers.size(); ++count) {
      const size_t read = std::fread(frames[count].data(), 1, frames[count].size(), stdin);
      if (read == 0) {
        break;
      }
      if (read != frames[count].size()) {
        throw std::runtime_error("the last frame is cut short");
      }
    }
    std::vector<std::thread> threads;
    for (size_t i = 0; i < count; ++i) {
      threads.emplace_back([&, i] {
        try {
          results[i] = upscalers[i].upscaled(frames[i]);
        } catch (const std::exception& e) {
          failures[i] = e.what();
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    for (size_t i = 0; i < count; ++i) {
      if (!failures[i].empty()) {
        throw std::runtime_error(failures[i]);
      }
      if (std::fwrite(results[i].data(), 1, results[i].size(), stdout) != results[i].size()) {
        throw std::runtime_error("standard output cannot be written");
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string format = argc > 4 ? argv[4] : "";
  const long width = argc > 3 ? std::atol(argv[2]) : 0;
  const long height = argc > 3 ? std::atol(argv[3]) : 0;
  const long threads = argc > 5 ? std::atol(argv[5]) : 1;
  const bool known = format == "gray" || format == "yuv420p" || format == "rgb24";
  if (argc < 5 || argc > 6 || width < 1 || height < 1 || threads < 1 || threads > 256 || !known) {
    std::fputs("usage: upscale_frames MODEL.udc WIDTH HEIGHT gray|yuv420p|rgb24 [THREADS]\n", stderr);
    return 2;
  }
  try {
    udc_error error;
    udc_model* opened = nullptr;
    check(udc_model_open_file(argv[1], nullptr, &opened, &error), error);
    const std::unique_ptr<udc_model, Closer> model(opened);
    std::vector<Upscaler> upscalers;
    for (long i = 0; i < threads; ++i) {
      upscalers.emplace_back(*model, Size{static_cast<size_t>(width), static_cast<size_t>(height)}, format);
    }
    run(upscalers);
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "upscale_frames: %s\n", e.what());
    return 1;
  }
}
