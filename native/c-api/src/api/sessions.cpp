#include <array>
#include <cinttypes>
#include <memory>
#include <new>

#include "api/handles.h"

using udc::checkStruct;
using udc::fail;
using udc::guarded;
using udc::required;
using udc::Session;
using udc::Shape;

namespace {

udc::Plan planOf(const udc_model* model, const udc_session_options* options) {
  const udc::Model& network = required(model, "model").model;
  if (options == nullptr) {
    return udc::Plan::of(network, 0, 0);
  }
  checkStruct(*options, "options");
  return udc::Plan::of(network, options->height, options->width);
}

// The handle comes first, wherever it is aligned, then the session.
size_t blockBytes(const udc::Plan& plan) {
  return alignof(udc_session) - 1 + sizeof(udc_session) + Session::bytes(plan);
}

udc_session* build(const udc_model& model, const udc::Plan& plan, void* memory, bool owned) {
  size_t space = blockBytes(plan);
  void* place = std::align(alignof(udc_session), sizeof(udc_session), memory, space);
  Session* session = Session::createIn(model.model, plan, static_cast<uint8_t*>(place) + sizeof(udc_session));
  return new (place) udc_session{session, owned};
}

Session& open(udc_session* session) { return *required(session, "session").session; }

void checkBytes(const char* name, size_t found, uint64_t expected) {
  if (found != expected) {
    fail(UDC_INVALID_ARGUMENT, "%s: found %zu bytes, expected %" PRIu64, name, found, expected);
  }
}

// Rows of `width` bytes, rowBytes apart, must lie within `bytes`.
void checkRows(const char* name, const Shape& shape, size_t bytes, size_t rowBytes) {
  const uint64_t width = static_cast<uint64_t>(shape.width) * shape.channels;
  const uint64_t height = shape.height;
  if (rowBytes < width || bytes < width || (height > 1 && rowBytes > (bytes - width) / (height - 1))) {
    fail(UDC_INVALID_ARGUMENT, "%s: found %zu bytes in rows of %zu, expected %" PRIu64 " rows of %" PRIu64,
         name, bytes, rowBytes, height, width);
  }
}

}  // namespace

udc_status udc_session_bytes(const udc_model* model, const udc_session_options* options, size_t* bytes,
                             udc_error* error) {
  return guarded(error, [&] { required(bytes, "bytes") = blockBytes(planOf(model, options)); });
}

udc_status udc_session_create(const udc_model* model, const udc_session_options* options,
                              udc_session** session, udc_error* error) {
  return guarded(error, [&] {
    udc_session*& result = required(session, "session");
    const udc::Plan plan = planOf(model, options);
    // A new block is aligned, so that it begins with the handle, by which it is freed.
    result = build(*model, plan, ::operator new(blockBytes(plan)), true);
  });
}

udc_status udc_session_create_in(const udc_model* model, const udc_session_options* options, void* memory,
                                 size_t bytes, udc_session** session, udc_error* error) {
  return guarded(error, [&] {
    udc_session*& result = required(session, "session");
    required(static_cast<char*>(memory), "memory");
    const udc::Plan plan = planOf(model, options);
    if (bytes < blockBytes(plan)) {
      fail(UDC_BUFFER_TOO_SMALL, "bytes: found %zu, expected at least %zu", bytes, blockBytes(plan));
    }
    result = build(*model, plan, memory, false);
  });
}

void udc_session_destroy(udc_session* session) {
  if (session != nullptr && session->owned) {
    ::operator delete(session);
  }
}

udc_status udc_session_describe(const udc_session* session, udc_tensor* input, udc_tensor* output,
                                udc_error* error) {
  return guarded(error, [&] {
    const Session& opened = *required(session, "session").session;
    const auto& quantizations = opened.model().file().quantizations;
    const auto tensor = [](const Shape& shape, const udc::Quantization& quantization) {
      return udc_tensor{shape.height, shape.width, shape.channels, quantization.scale,
                        quantization.zeroPoint};
    };
    udc_tensor& from = required(input, "input");
    udc_tensor& to = required(output, "output");
    from = tensor(opened.input(), quantizations.front());
    to = tensor(opened.output(), quantizations.back());
  });
}

udc_status udc_session_run(udc_session* session, const int8_t* input, size_t input_bytes, int8_t* output,
                           size_t output_bytes, size_t pictures, udc_error* error) {
  return guarded(error, [&] {
    Session& opened = open(session);
    required(input, "input");
    required(output, "output");
    const auto inputSize = static_cast<size_t>(opened.input().elements());
    const auto outputSize = static_cast<size_t>(opened.output().elements());
    if (pictures > SIZE_MAX / inputSize || pictures > SIZE_MAX / outputSize) {
      fail(UDC_INVALID_ARGUMENT, "pictures: found %zu, expected fewer", pictures);
    }
    checkBytes("input", input_bytes, pictures * inputSize);
    checkBytes("output", output_bytes, pictures * outputSize);
    for (size_t i = 0; i < pictures; ++i) {
      opened.run(input + i * inputSize, output + i * outputSize);
    }
  });
}

udc_status udc_session_run_pixels(udc_session* session, const uint8_t* pixels, size_t pixel_bytes,
                                  size_t row_bytes, int8_t* output, size_t output_bytes, udc_error* error) {
  return guarded(error, [&] {
    Session& opened = open(session);
    required(pixels, "pixels");
    required(output, "output");
    checkRows("pixels", opened.input(), pixel_bytes, row_bytes);
    checkBytes("output", output_bytes, opened.output().elements());
    opened.runPixels(pixels, row_bytes, output);
  });
}

udc_status udc_session_upscale_pixels(udc_session* session, const uint8_t* pixels, size_t pixel_bytes,
                                      size_t row_bytes, uint8_t* out, size_t out_bytes, size_t out_row_bytes,
                                      udc_error* error) {
  return guarded(error, [&] {
    Session& opened = open(session);
    required(pixels, "pixels");
    required(out, "out");
    if (opened.model().upscaling() == 0) {
      fail(UDC_UNSUPPORTED, "the network's output is no larger picture");
    }
    checkRows("pixels", opened.input(), pixel_bytes, row_bytes);
    checkRows("out", opened.output(), out_bytes, out_row_bytes);
    const std::array<uint8_t, 256> table = opened.model().outputPixels();
    opened.upscale(pixels, row_bytes, table.data(), out, out_row_bytes);
  });
}
