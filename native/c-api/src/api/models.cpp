#include <algorithm>
#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "api/handles.h"

using udc::checkStruct;
using udc::fail;
using udc::guarded;
using udc::required;

namespace {

// No option may lift these: sizes within them are computed without overflow.
constexpr uint64_t kMostWeights = UINT64_C(1) << 30;
constexpr uint64_t kMostFeatureBytes = UINT64_C(1) << 31;

struct OpenOptions {
  udc::Limits limits;
  int32_t instructions = UDC_INSTRUCTIONS_BEST;

  explicit OpenOptions(const udc_open_options* options) {
    if (options == nullptr) {
      return;
    }
    checkStruct(*options, "options");
    const auto set = [](auto& limit, auto value) { limit = value == 0 ? limit : value; };
    set(limits.fileBytes, options->max_file_bytes);
    set(limits.weights, options->max_weights);
    set(limits.featureBytes, options->max_feature_bytes);
    set(limits.nodes, options->max_nodes);
    limits.weights = std::min(limits.weights, kMostWeights);
    limits.featureBytes = std::min(limits.featureBytes, kMostFeatureBytes);
    instructions = options->instructions;
  }
};

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// A path as messages begin with it: of a long one the end, so that room remains for the reason.
std::string shown(const std::string& path) {
  constexpr size_t kMost = 120;
  return path.size() <= kMost ? path : "..." + path.substr(path.size() - kMost);
}

std::vector<uint8_t> readFile(const char* path, uint64_t limit) {
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path, "rb"));
  if (file == nullptr) {
    const int reason = errno;
    fail(UDC_IO, "%s: cannot be opened: %s", shown(path).c_str(), std::strerror(reason));
  }
  // Read in pieces, so that a file without an end, such as a device, meets the limit and not the memory's
  // end.
  std::vector<uint8_t> bytes;
  size_t piece = size_t{64} << 10;
  while (true) {
    const size_t before = bytes.size();
    bytes.resize(before + piece);
    const size_t count = std::fread(bytes.data() + before, 1, piece, file.get());
    bytes.resize(before + count);
    if (bytes.size() > limit) {
      fail(UDC_LIMIT_EXCEEDED, "%s: found more than the limit of %" PRIu64 " bytes", shown(path).c_str(),
           limit);
    }
    if (count < piece) {
      break;
    }
    piece = std::min<size_t>(bytes.size(), size_t{16} << 20);
  }
  if (std::ferror(file.get()) != 0) {
    const int reason = errno;
    fail(UDC_IO, "%s: cannot be read: %s", shown(path).c_str(), std::strerror(reason));
  }
  return bytes;
}

udc_model* open(udc::Bytes bytes, const OpenOptions& options) {
  const udc::Kernels& kernels = udc::kernelsFor(options.instructions);
  udc::UdcFile file = udc::UdcFile::parse(bytes, options.limits, udc::Digests::kChecked);
  return new udc_model{udc::Model(std::move(file), options.limits, kernels)};
}

udc_tensor tensorOf(const udc::Shape& shape, const udc::Quantization& quantization) {
  return {shape.height, shape.width, shape.channels, quantization.scale, quantization.zeroPoint};
}

template <size_t N>
void copyText(const std::string& text, char (&to)[N]) {
  std::snprintf(to, N, "%s", text.c_str());
}

}  // namespace

udc_status udc_model_open_file(const char* path, const udc_open_options* options, udc_model** model,
                               udc_error* error) {
  return guarded(error, [&] {
    const OpenOptions resolved(options);
    udc_model*& result = required(model, "model");
    const std::vector<uint8_t> bytes = readFile(&required(path, "path"), resolved.limits.fileBytes);
    try {
      result = open({bytes.data(), bytes.size()}, resolved);
    } catch (const udc::Failure& failure) {
      throw udc::Failure(failure.status(), shown(path) + ": " + failure.what());
    }
  });
}

udc_status udc_model_open_memory(const void* bytes, size_t size, const udc_open_options* options,
                                 udc_model** model, udc_error* error) {
  return guarded(error, [&] {
    udc_model*& result = required(model, "model");
    result = open({&required(static_cast<const uint8_t*>(bytes), "bytes"), size}, OpenOptions(options));
  });
}

void udc_model_close(udc_model* model) { delete model; }

udc_status udc_model_describe(const udc_model* model, udc_model_info* info, udc_error* error) {
  return guarded(error, [&] {
    const udc::Model& network = required(model, "model").model;
    const udc::UdcFile& file = network.file();
    udc_model_info result{};
    result.input = tensorOf(file.shapes.front(), file.quantizations.front());
    result.output = tensorOf(file.shapes.back(), file.quantizations.back());
    result.class_count = static_cast<uint32_t>(file.classNames.size());
    result.upscaling = network.upscaling();
    result.any_size = network.anySize() ? 1 : 0;
    result.instructions = network.kernels().instructions;
    result.node_count = static_cast<uint32_t>(network.nodeCount());
    result.weight_count = network.weightCount();
    for (const uint64_t bytes : file.layerBytes) {
      result.encoded_bytes += bytes;
    }
    result.macs = network.macs();
    copyText(file.task, result.task);
    copyText(file.npu, result.npu);
    required(info, "info") = result;
  });
}

udc_status udc_model_class_name(const udc_model* model, uint32_t index, char* name, size_t capacity,
                                size_t* bytes, udc_error* error) {
  return guarded(error, [&] {
    const std::vector<std::string>& names = required(model, "model").model.file().classNames;
    if (index >= names.size()) {
      fail(UDC_INVALID_ARGUMENT, "index: found %u, expected less than %zu", index, names.size());
    }
    const std::string& text = names[index];
    required(bytes, "bytes") = text.size() + 1;
    if (capacity < text.size() + 1) {
      fail(UDC_BUFFER_TOO_SMALL, "capacity: found %zu, expected %zu", capacity, text.size() + 1);
    }
    std::memcpy(&required(name, "name"), text.c_str(), text.size() + 1);
  });
}

udc_status udc_model_output_pixels(const udc_model* model, uint8_t pixels[256], udc_error* error) {
  return guarded(error, [&] {
    const std::array<uint8_t, 256> table = required(model, "model").model.outputPixels();
    std::copy(table.begin(), table.end(), &required(pixels, "pixels"));
  });
}
