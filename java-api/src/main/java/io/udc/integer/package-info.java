/**
 * The integer network: 8-bit weights and activations, 32-bit accumulators and the rounding of TFLite's int8
 * reference kernels. What this package computes is what the product reports.
 */
package io.udc.integer;
