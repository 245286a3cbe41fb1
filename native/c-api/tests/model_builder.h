// Small random networks as .udc files, written without the library's own reader.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace udc::test {

using File = std::vector<uint8_t>;

// A classifier with every operator but depth-to-space: strided, depthwise and pointwise windows, a residual,
// a pool and a dense layer. Weights have `bits` bits.
File classifierFile(uint32_t seed, int bits);

// An upscaler by 2 of pictures of one channel, with a long residual.
File upscalerFile(uint32_t seed, int bits);

// A damaged file with its digests made right again, so that the damage gets past them; as it is if its
// container is not valid.
File withRightDigests(const File& file);

// A file of whose metadata the first occurrence of a text is another one, with the digests that belong to it.
File withMetadata(const File& file, const std::string& from, const std::string& to);

}  // namespace udc::test
