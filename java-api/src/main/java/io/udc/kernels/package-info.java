/**
 * The fused fake quantization and pruning kernels for libtorch tensors. Raw pointers leave Java only here, after
 * device, type, contiguity and size have been checked.
 */
package io.udc.kernels;
