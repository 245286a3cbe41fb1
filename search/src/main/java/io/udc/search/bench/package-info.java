/** Benchmarks: the kernels and one search step, side by side with what they replace. */
package io.udc.search.bench;
