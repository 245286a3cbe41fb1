#include "model_builder.h"

#include <cmath>
#include <map>
#include <random>
#include <sstream>

#include "api/failure.h"
#include "format/safetensors.h"
#include "format/sha256.h"
#include "model/npu_operator.h"

namespace udc::test {
namespace {

constexpr udc_npu_accelerator kAccelerator = UDC_NPU_ETHOS_U55_128;

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
    }
    result += c;
  }
  return result + '"';
}

using Texts = std::map<std::string, std::string>;
using Tensors = std::map<std::string, std::vector<uint8_t>>;

std::string metadataDigest(const Texts& metadata) {
  Sha256 digest;
  for (const auto& [key, value] : metadata) {
    digest.add(key + "\n" + value + "\n");
  }
  return digest.hex();
}

File assembled(Texts metadata, const Tensors& tensors) {
  Sha256 payload;
  for (const auto& [name, bytes] : tensors) {
    payload.add(bytes.data(), bytes.size());
  }
  metadata["sha256"] = payload.hex();
  metadata["metadataSha256"] = metadataDigest(metadata);

  std::ostringstream header;
  header << "{\"__metadata__\":{";
  const char* separator = "";
  for (const auto& [key, value] : metadata) {
    header << separator << quoted(key) << ':' << quoted(value);
    separator = ",";
  }
  header << '}';
  size_t offset = 0;
  for (const auto& [name, bytes] : tensors) {
    header << ",\"" << name << "\":{\"dtype\":\"U8\",\"shape\":[" << bytes.size() << "],\"data_offsets\":["
           << offset << ',' << offset + bytes.size() << "]}";
    offset += bytes.size();
  }
  header << '}';
  const uint64_t length = header.str().size();
  std::string file(reinterpret_cast<const char*>(&length), sizeof length);
  file += header.str();
  for (const auto& [name, bytes] : tensors) {
    file.append(bytes.begin(), bytes.end());
  }
  return File(file.begin(), file.end());
}

// Collects a network node by node.
class Builder {
 public:
  Builder(uint32_t seed, int bits, Shape input) : random_(seed), bits_(bits), input_(input) {
    shapes_["image"] = input;
    addQuantization("image", 0.02);
  }

  void convolution(const std::string& name, const std::string& from, uint32_t channels, uint32_t kernel,
                   uint32_t stride, bool relu) {
    Node node = weighted(Operation::kConvolution, name, kernel, stride, relu);
    node.outChannels = channels;
    addNode("conv", name,
            window(from, kernel, stride, relu) + ",\"outChannels\":" + std::to_string(channels));
    encode(node, from, channels);
  }

  void depthwise(const std::string& name, const std::string& from, uint32_t kernel, uint32_t stride,
                 bool relu) {
    const Node node = weighted(Operation::kDepthwise, name, kernel, stride, relu);
    addNode("depthwise", name, window(from, kernel, stride, relu));
    encode(node, from, shapes_[from].channels);
  }

  void dense(const std::string& name, const std::string& from, uint32_t channels) {
    Node node = weighted(Operation::kDense, name, 1, 1, false);
    node.outChannels = channels;
    addNode("dense", name, layer(from, false) + ",\"outChannels\":" + std::to_string(channels));
    encode(node, from, channels);
  }

  void add(const std::string& name, const std::string& first, const std::string& second) {
    addNode("add", name,
            "\"first\":" + quoted(first) + ",\"second\":" + quoted(second) + ",\"activation\":\"none\"");
    shapes_[name] = shapes_[first];
    addQuantization(name, 0.05);
  }

  void pool(const std::string& name, const std::string& from) {
    addNode("globalAveragePool", name, "\"input\":" + quoted(from));
    shapes_[name] = {shapes_[from].channels, 1, 1};
    quantizations_[name] = quantizations_[from];
  }

  void depthToSpace(const std::string& name, const std::string& from, uint32_t block) {
    addNode("depthToSpace", name, "\"input\":" + quoted(from) + ",\"block\":" + std::to_string(block));
    const Shape& in = shapes_[from];
    shapes_[name] = {in.channels / block / block, in.height * block, in.width * block};
    quantizations_[name] = quantizations_[from];
  }

  File file(const std::string& task, const std::string& classNames) {
    std::ostringstream input;
    input << "{\"channels\":" << input_.channels << ",\"height\":" << input_.height
          << ",\"width\":" << input_.width << '}';
    std::string quantization;
    for (const auto& [name, value] : quantizations_) {
      quantization += (quantization.empty() ? "" : ",") + quoted(name) + ":" + value;
    }
    return assembled(
        {{"format", "udc"},
         {"formatVersion", "1"},
         {"toolVersion", "test"},
         {"task", task},
         {"npu", "ethos-u55-128"},
         {"classNames", classNames},
         {"architecture", "{\"name\":\"net\",\"input\":" + input.str() + ",\"nodes\":[" + nodes_ + "]}"},
         {"quantization", "{" + quantization + "}"},
         {"encoding", "{" + encodings_ + "}"}},
        tensors_);
  }

 private:
  Node weighted(Operation operation, const std::string& name, uint32_t kernel, uint32_t stride,
                bool relu) const {
    Node node;
    node.operation = operation;
    node.name = name;
    node.kernel = kernel;
    node.stride = stride;
    node.relu = relu;
    return node;
  }

  std::string layer(const std::string& from, bool relu) const {
    return "\"input\":" + quoted(from) + ",\"activation\":\"" + (relu ? "relu" : "none") +
           "\",\"compression\":{\"bits\":" + std::to_string(bits_) + ",\"sparsity\":0.0}";
  }

  std::string window(const std::string& from, uint32_t kernel, uint32_t stride, bool relu) const {
    return layer(from, relu) + ",\"kernel\":" + std::to_string(kernel) +
           ",\"stride\":" + std::to_string(stride);
  }

  void addNode(const std::string& op, const std::string& name, const std::string& fields) {
    nodes_ += (nodes_.empty() ? "" : ",") + std::string("{\"op\":\"") + op + "\",\"name\":" + quoted(name) +
              "," + fields + "}";
  }

  void addQuantization(const std::string& name, double scale) {
    std::ostringstream text;
    text << "{\"scale\":" << scale * std::uniform_real_distribution<double>(0.5, 2)(random_)
         << ",\"zeroPoint\":" << static_cast<int>(random_() % 256) - 128 << '}';
    quantizations_[name] = text.str();
  }

  void encode(const Node& node, const std::string& from, uint32_t channels) {
    const Shape in = shapes_[from];
    udc_npu_op op = npuOperator(node, in, in);
    op.first = from == "image" ? 1 : 0;
    const WeightLayout layout(op);
    const int32_t most = (1 << (bits_ - 1)) - 1;
    std::vector<int8_t> weights(node.fanIn(in) * channels);
    for (int8_t& weight : weights) {
      weight =
          static_cast<int8_t>(static_cast<int32_t>(random_() % static_cast<uint32_t>(2 * most + 1)) - most);
    }
    const double spread = 255.0 * most * std::sqrt(static_cast<double>(node.fanIn(in)));
    std::vector<udc_npu_scale_record> records(channels);
    udc_npu_error error{};
    for (udc_npu_scale_record& record : records) {
      record.bias = static_cast<int64_t>(std::normal_distribution<double>(0, spread / 4)(random_));
      const double factor = std::uniform_real_distribution<double>(20, 200)(random_) / spread;
      check(udc_npu_quantize_scale(factor, 0, &record.scale, &record.shift, &error), error);
    }
    const std::vector<int16_t> folded = layout.fold(weights.data(), weights.size());
    const udc_npu_layer description = layout.layer(kAccelerator, 16);
    uint64_t bytes = 0;
    uint32_t ranges = 0;
    check(udc_npu_layer_size_bound(&description, &bytes, &ranges, &error), error);
    std::vector<uint8_t>& tensor = tensors_[node.name];
    tensor.resize(bytes);
    check(udc_npu_encode_layer(&description, folded.data(), folded.size(), records.data(), records.size(),
                               UDC_NPU_EFFORT_BEST, tensor.data(), tensor.size(), &bytes, nullptr, 0, nullptr,
                               &error),
          error);
    tensor.resize(bytes);
    encodings_ += (encodings_.empty() ? "" : ",") + quoted(node.name) +
                  ":{\"ofmBlockDepth\":16,\"depthSlices\":[0," + std::to_string(channels) + "]}";
    const uint32_t stride = node.stride;
    shapes_[node.name] = {channels, (in.height + stride - 1) / stride, (in.width + stride - 1) / stride};
    addQuantization(node.name, 0.05);
  }

  std::mt19937 random_;
  int bits_;
  Shape input_;
  std::string nodes_;
  std::string encodings_;
  std::map<std::string, Shape> shapes_;
  Texts quantizations_;
  Tensors tensors_;
};

}  // namespace

File classifierFile(uint32_t seed, int bits) {
  std::mt19937 random(seed);
  const auto below = [&random](uint32_t limit) { return static_cast<uint32_t>(random() % limit); };
  const uint32_t width = 1 + below(40);
  const uint32_t kernel = 1 + 2 * below(3);
  Builder builder(seed, bits, {1 + below(3), 5 + below(12), 5 + below(12)});
  builder.convolution("stem", "image", width, 3, 1 + below(2), true);
  builder.depthwise("dw", "stem", kernel, 1, false);
  builder.convolution("pw", "dw", width, 1, 1, false);
  builder.add("sum", "stem", "pw");
  builder.depthwise("half", "sum", 3, 2, true);
  builder.convolution("down", "half", 1 + below(30), kernel, 1 + below(3), true);
  builder.pool("pool", "down");
  builder.dense("classes", "pool", 3);
  return builder.file("test", "[\"cat\",\"d\xC3\xB6g\",\"a very long name of a class\"]");
}

File upscalerFile(uint32_t seed, int bits) {
  Builder builder(seed, bits, {1, 24, 20});
  builder.convolution("head", "image", 18, 3, 1, true);
  builder.convolution("body", "head", 4, 5, 1, false);
  builder.add("long", "body", "image");
  builder.depthToSpace("shuffle", "long", 2);
  return builder.file("sr", "[]");
}

File withRightDigests(const File& file) {
  try {
    return withMetadata(file, "", "");
  } catch (const Failure&) {
    return file;
  }
}

File withMetadata(const File& file, const std::string& from, const std::string& to) {
  const Safetensors content = Safetensors::parse({file.data(), file.size()});
  Texts metadata(content.metadata.begin(), content.metadata.end());
  metadata.erase("metadataSha256");
  for (auto& [key, value] : metadata) {
    if (const size_t at = value.find(from); at != std::string::npos) {
      value.replace(at, from.size(), to);
      break;
    }
  }
  Tensors tensors;
  for (const auto& [name, bytes] : content.tensors) {
    tensors[name] = std::vector<uint8_t>(bytes.data, bytes.data + bytes.size);
  }
  return assembled(std::move(metadata), tensors);
}

}  // namespace udc::test
