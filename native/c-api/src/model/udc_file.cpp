#include "model/udc_file.h"

#include <cfloat>
#include <cinttypes>

#include "api/failure.h"
#include "format/json.h"
#include "format/sha256.h"
#include "model/npu_operator.h"

namespace udc {
namespace {

constexpr const char* kDigest = "sha256";
constexpr const char* kMetadataDigest = "metadataSha256";

const std::string& text(const Safetensors& content, const std::string& key) {
  const auto found = content.metadata.find(key);
  if (found == content.metadata.end()) {
    fail(UDC_CORRUPT, "metadata '%s': missing, so this is not a .udc file", key.c_str());
  }
  return found->second;
}

JsonValue json(const Safetensors& content, const std::string& key) {
  return JsonValue::parse(text(content, key), key);
}

void expect(const Safetensors& content, const char* key, const std::string& expected) {
  const std::string& found = text(content, key);
  if (found != expected) {
    fail(UDC_CORRUPT, "metadata '%s': found %.70s, expected %s", key, found.c_str(), expected.c_str());
  }
}

// Both digests take their parts in order of the names, whatever the file's order.
void checkDigests(const Safetensors& content) {
  Sha256 payload;
  for (const auto& [name, bytes] : content.tensors) {
    payload.add(bytes.data, bytes.size);
  }
  expect(content, kDigest, payload.hex());
  Sha256 metadata;
  for (const auto& [key, value] : content.metadata) {
    if (key != kMetadataDigest) {
      metadata.add(key);
      metadata.add("\n");
      metadata.add(value);
      metadata.add("\n");
    }
  }
  expect(content, kMetadataDigest, metadata.hex());
}

std::vector<std::string> readClassNames(const Safetensors& content, uint32_t outChannels) {
  std::vector<std::string> names;
  const JsonValue list = json(content, "classNames");
  for (const JsonValue& name : list.array("classNames")) {
    names.push_back(name.string("classNames"));
  }
  if (!names.empty() && names.size() != outChannels) {
    fail(UDC_CORRUPT, "classNames: found %zu, expected %u", names.size(), outChannels);
  }
  return names;
}

Quantization readQuantization(const JsonValue& value, const std::string& name) {
  JsonFields fields(value, "quantization." + name);
  Quantization quantization;
  quantization.scale = fields.at("scale").singleNumber(fields.placeOf("scale"));
  quantization.zeroPoint =
      static_cast<int32_t>(fields.at("zeroPoint").integer(-128, 127, fields.placeOf("zeroPoint")));
  fields.done();
  if (!(quantization.scale >= FLT_MIN && quantization.scale <= FLT_MAX)) {
    fail(UDC_CORRUPT, "quantization.%.60s.scale: found %g, expected a positive number", name.c_str(),
         static_cast<double>(quantization.scale));
  }
  return quantization;
}

std::vector<Quantization> readQuantizations(const Safetensors& content, const Architecture& architecture) {
  const JsonValue map = json(content, "quantization");
  std::map<std::string, Quantization> found;
  for (const auto& [name, value] : map.object("quantization")) {
    found.emplace(name, readQuantization(value, name));
  }
  std::vector<Quantization> quantizations;
  const auto add = [&](const std::string& name) {
    const auto entry = found.find(name);
    if (entry == found.end()) {
      fail(UDC_CORRUPT, "quantization.%.80s: missing", name.c_str());
    }
    quantizations.push_back(entry->second);
  };
  add(Architecture::kImage);
  for (const Node& node : architecture.nodes) {
    add(node.name);
    if (node.keepsQuantization() && !(quantizations.back() == quantizations[node.input])) {
      fail(UDC_CORRUPT, "quantization.%.80s: expected that of its input", node.name.c_str());
    }
  }
  if (found.size() != quantizations.size()) {
    fail(UDC_CORRUPT, "quantization: found %zu names, expected %zu", found.size(), quantizations.size());
  }
  return quantizations;
}

// Decodes the tensors of all weighted nodes.
class LayerReader {
 public:
  LayerReader(const Safetensors& content, const UdcFile& file, const Limits& limits)
      : content_(content), file_(file), encodings_(json(content, "encoding")), limits_(limits) {
    udc_npu_error error{};
    if (udc_npu_accelerator_by_name(file.npu.c_str(), &accelerator_, &error) != UDC_NPU_OK) {
      fail(UDC_UNSUPPORTED, "metadata 'npu': %s", error.message);
    }
    for (const auto& [name, value] : encodings_.object("encoding")) {
      encodingOf_.emplace(name, &value);
    }
  }

  IntegerLayer read(const Node& node, uint64_t& bytes) {
    const auto tensor = content_.tensors.find(node.name);
    const auto encoding = encodingOf_.find(node.name);
    if (tensor == content_.tensors.end() || encoding == encodingOf_.end()) {
      fail(UDC_CORRUPT, "tensor '%.80s': missing", node.name.c_str());
    }
    bytes = tensor->second.size;
    udc_npu_op op = npuOperator(node, file_.shapes[node.input], file_.shapes[node.second]);
    op.first = node.input == 0 ? 1 : 0;
    try {
      const WeightLayout layout(op);
      countWeights(node, layout);
      return decode(node, layout, *encoding->second, tensor->second);
    } catch (const Failure& failure) {
      // What the backend takes for a wrong argument is wrong with the file.
      const bool argument = failure.status() == UDC_INVALID_ARGUMENT;
      throw Failure(argument ? UDC_CORRUPT : failure.status(),
                    "layer '" + node.name.substr(0, 80) + "': " + failure.what());
    }
  }

 private:
  void countWeights(const Node& node, const WeightLayout& layout) {
    // Folding adds less than four times the weights, so the layout's count is at most that of the graph
    // times 4.
    const Shape& in = file_.shapes[node.input];
    const uint64_t channels = file_.shapes[&node - file_.architecture.nodes.data() + 1].channels;
    const uint64_t fanIn = node.fanIn(in);
    weights_ +=
        fanIn <= limits_.weights && channels <= limits_.weights ? fanIn * channels : limits_.weights + 1;
    if (weights_ > limits_.weights || layout.count() > 4 * limits_.weights) {
      fail(UDC_LIMIT_EXCEEDED, "found %" PRIu64 " weights up to here, expected at most %" PRIu64, weights_,
           limits_.weights);
    }
  }

  IntegerLayer decode(const Node& node, const WeightLayout& layout, const JsonValue& encoding,
                      Bytes tensor) const {
    JsonFields fields(encoding, "encoding");
    const int64_t blockDepth = fields.at("ofmBlockDepth").integer(1, INT32_MAX, "ofmBlockDepth");
    std::vector<int32_t> slices;
    for (const JsonValue& bound : fields.at("depthSlices").array("depthSlices")) {
      slices.push_back(static_cast<int32_t>(bound.integer(0, INT32_MAX, "depthSlices")));
    }
    fields.done();
    udc_npu_layer layer = layout.layer(accelerator_, static_cast<int32_t>(blockDepth));
    if (slices.empty()) {
      fail(UDC_CORRUPT, "depthSlices: found none, expected 0 to %d", layer.out_channels);
    }
    layer.depth_slices = slices.data();
    layer.depth_slice_count = static_cast<uint32_t>(slices.size());
    const uint64_t recordBytes = static_cast<uint64_t>(layer.out_channels) * UDC_NPU_SCALE_RECORD_BYTES;
    if (tensor.size < recordBytes) {
      fail(UDC_CORRUPT, "found %zu bytes, expected at least %" PRIu64 " of scale records", tensor.size,
           recordBytes);
    }
    std::vector<int16_t> values(layout.count());
    std::vector<udc_npu_scale_record> records(static_cast<size_t>(layer.out_channels));
    udc_npu_error error{};
    check(udc_npu_decode_layer(&layer, tensor.data, tensor.size, values.data(), values.size(), records.data(),
                               records.size(), &error),
          error);

    IntegerLayer integers;
    integers.weights = layout.unfold(values, node.maxLevel);
    for (const udc_npu_scale_record& record : records) {
      if (record.bias != static_cast<int32_t>(record.bias) || record.scale > 1U << 31) {
        fail(UDC_CORRUPT, "found bias %" PRId64 " and scale %u, expected 32 bits and at most 2^31",
             record.bias, record.scale);
      }
      integers.biases.push_back(static_cast<int32_t>(record.bias));
      integers.rescales.push_back(Requantization::of({record.scale, record.shift}));
    }
    integers.checkAccumulators(node, file_.quantizations[node.input].zeroPoint);
    return integers;
  }

  const Safetensors& content_;
  const UdcFile& file_;
  const JsonValue encodings_;
  const Limits& limits_;
  udc_npu_accelerator accelerator_{};
  std::map<std::string, const JsonValue*> encodingOf_;
  uint64_t weights_ = 0;
};

void readLayers(const Safetensors& content, const Limits& limits, UdcFile& file) {
  LayerReader reader(content, file, limits);
  size_t weighted = 0;
  for (const Node& node : file.architecture.nodes) {
    IntegerLayer layer;
    uint64_t bytes = 0;
    if (node.weighted()) {
      layer = reader.read(node, bytes);
      ++weighted;
    }
    file.layers.push_back(std::move(layer));
    file.layerBytes.push_back(bytes);
  }
  if (content.tensors.size() != weighted) {
    fail(UDC_CORRUPT, "tensors: found %zu, expected one for each of %zu weighted nodes",
         content.tensors.size(), weighted);
  }
}

}  // namespace

UdcFile UdcFile::parse(Bytes bytes, const Limits& limits, Digests digests) {
  if (bytes.size > limits.fileBytes) {
    fail(UDC_LIMIT_EXCEEDED, "file: found %zu bytes, expected at most %" PRIu64, bytes.size,
         limits.fileBytes);
  }
  const Safetensors content = Safetensors::parse(bytes);
  expect(content, "format", "udc");
  expect(content, "formatVersion", "1");
  if (digests == Digests::kChecked) {
    checkDigests(content);
  }
  UdcFile file;
  text(content, "toolVersion");
  file.task = text(content, "task");
  file.npu = text(content, "npu");
  file.architecture = Architecture::parse(json(content, "architecture"), limits.nodes);
  const Shape& input = file.architecture.input;
  file.shapes = file.architecture.shapes(input.height, input.width, limits.featureBytes);
  file.quantizations = readQuantizations(content, file.architecture);
  file.classNames = readClassNames(content, file.shapes.back().channels);
  readLayers(content, limits, file);
  return file;
}

}  // namespace udc
