/**
 * Training of a given architecture: dense in float, quantization-aware with pruning, and with fixed masks under
 * distillation; then the conversion to the integer network.
 */
package io.udc.search.train;
