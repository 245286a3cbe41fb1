package io.udc.search.bench;

/**
 * One row of the kernels' benchmark, all times medians of the same run.
 *
 * @param kernel name of the C function, without its prefix
 * @param device where it ran
 * @param weights weights of one call
 * @param tensors tensors they are spread over
 * @param nsPerWeight nanoseconds per weight of the kernel
 * @param compositionNsPerWeight nanoseconds per weight of the same computation from libtorch operations
 * @param copyNsPerWeight nanoseconds per weight of a plain copy, the bandwidth ceiling
 * @param relativeError how far the kernel's results are from the composition's, over the results' magnitude
 */
public record KernelTiming(
        String kernel,
        String device,
        long weights,
        int tensors,
        double nsPerWeight,
        double compositionNsPerWeight,
        double copyNsPerWeight,
        double relativeError) {}
