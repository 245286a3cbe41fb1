// What is behind the opaque handles, and how options are read.
#pragma once

#include "api/failure.h"
#include "executor/model.h"
#include "executor/session.h"

struct udc_model {
  udc::Model model;
};

// Lies at the start of the block that holds all of a session.
struct udc_session {
  udc::Session* session;
  bool owned;  // whether the block is freed with the session
};

namespace udc {

template <typename Options>
void checkStruct(const Options& options, const char* name) {
  if (options.struct_bytes != sizeof(Options)) {
    fail(UDC_INVALID_ARGUMENT, "%s.struct_bytes: found %zu, expected %zu", name, options.struct_bytes,
         sizeof(Options));
  }
}

}  // namespace udc
