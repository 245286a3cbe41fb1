package io.udc.kernels;

import io.udc.bindings.Kernels;
import io.udc.bindings.Kernels.udc_normalized_sum;
import io.udc.bindings.Kernels.udc_normalized_term;
import io.udc.memory.StepScope;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Batch norm of one or several maps, their sum with a residual, and a rectifier behind it, of float32 maps
 * [N, C, H, W] on the CPU whose channels are innermost in memory:
 *
 * <pre>output = rectify(residual + Σ scale * (map - mean) / sqrt(variance + epsilon) + shift)</pre>
 *
 * <p>The formulas stand in udc/kernels.h. libtorch has all of it as operations that each read and write whole maps.
 * The same input gives the same bits. Immutable and thread-safe: every call is on its own.
 *
 * @param rectify whether negative values become zero at the end
 * @param givenStatistics whether means and variances are read, rather than measured and written
 * @param epsilon what is added to variances, greater than 0
 */
public record NormalizedSum(boolean rectify, boolean givenStatistics, double epsilon) {

    /** Most terms of a sum. */
    public static final int MAX_TERMS = Kernels.UDC_KERNELS_MAX_TERMS;

    /**
     * One map and what it is normalized with.
     *
     * @param map [N, C, H, W]
     * @param scale contiguous [C]
     * @param shift contiguous [C]
     * @param mean contiguous [C]; written by {@link #forward} unless statistics are given
     * @param variance contiguous [C], likewise; biased
     */
    public record Term(Tensor map, Tensor scale, Tensor shift, Tensor mean, Tensor variance) {}

    /**
     * Where the gradients of a term go; each may be null.
     *
     * @param map shape of the map; may be the map itself, which is lost then
     * @param scale contiguous [C]
     * @param shift contiguous [C]
     */
    public record Gradients(Tensor map, Tensor scale, Tensor shift) {}

    /**
     * Writes the output, and the statistics unless they are given.
     *
     * @param terms 1 to {@link #MAX_TERMS}, of one shape
     * @param residual of that shape, or null
     * @param output of that shape
     * @throws IllegalArgumentException naming the argument, what was found and what is expected
     */
    public void forward(List<Term> terms, Tensor residual, Tensor output) {
        try (StepScope scope = StepScope.open();
                KernelExecution execution = new KernelExecution(output)) {
            udc_normalized_sum sum = describe(describe(terms, output), output).output(address(output));
            if (residual != null) {
                TensorChecks.requireMap("residual", residual, TensorChecks.sizes(output));
                sum.residual(address(residual));
            }
            execution.reserve((e, bytes, error) -> Kernels.udc_kernels_normalized_sum_workspace(sum, e, bytes, error));
            execution.call((e, error) -> Kernels.udc_kernels_normalized_sum_forward(sum, e, error));
        }
    }

    /**
     * Writes the gradients.
     *
     * @param terms those of {@link #forward}
     * @param output what it wrote; read only to rectify
     * @param outputGradient of the output's shape
     * @param gradients where those of each term go
     * @param residualGradient of the output's shape; may be the output's gradient itself; or null
     * @throws IllegalArgumentException naming the argument, what was found and what is expected
     */
    public void backward(
            List<Term> terms,
            Tensor output,
            Tensor outputGradient,
            List<Gradients> gradients,
            Tensor residualGradient) {
        if (gradients.size() != terms.size()) {
            throw TensorChecks.found("gradients", gradients.size() + " of them", "one for each of " + terms.size());
        }
        try (StepScope scope = StepScope.open();
                KernelExecution execution = new KernelExecution(output)) {
            udc_normalized_term described = describe(terms, output);
            for (int k = 0; k < terms.size(); k++) {
                addGradients(described.getPointer(k), terms.get(k), gradients.get(k));
            }
            TensorChecks.requireMap("outputGradient", outputGradient, TensorChecks.sizes(output));
            udc_normalized_sum sum = describe(described, output)
                    .output(address(output))
                    .output_gradient(address(outputGradient));
            if (residualGradient != null) {
                TensorChecks.requireMap("residualGradient", residualGradient, TensorChecks.sizes(output));
                sum.residual_gradient(address(residualGradient));
            }
            execution.reserve((e, bytes, error) -> Kernels.udc_kernels_normalized_sum_workspace(sum, e, bytes, error));
            execution.call((e, error) -> Kernels.udc_kernels_normalized_sum_backward(sum, e, error));
        }
    }

    private udc_normalized_term describe(List<Term> terms, Tensor output) {
        long[] shape = TensorChecks.sizes(output);
        TensorChecks.requireMap("output", output, shape);
        udc_normalized_term all = new udc_normalized_term(Math.max(1, terms.size()));
        for (int k = 0; k < terms.size(); k++) {
            Term term = terms.get(k);
            String name = "terms[" + k + "].";
            TensorChecks.requireMap(name + "map", term.map(), shape);
            all.getPointer(k)
                    .map(address(term.map()))
                    .scale(perChannel(name + "scale", term.scale(), shape[1], output))
                    .shift(perChannel(name + "shift", term.shift(), shape[1], output))
                    .mean(perChannel(name + "mean", term.mean(), shape[1], output))
                    .variance(perChannel(name + "variance", term.variance(), shape[1], output))
                    .map_gradient((FloatPointer) null)
                    .scale_gradient((FloatPointer) null)
                    .shift_gradient((FloatPointer) null);
        }
        return all.limit(terms.size());
    }

    private static void addGradients(udc_normalized_term described, Term term, Gradients gradients) {
        long[] shape = TensorChecks.sizes(term.map());
        if (gradients.map() != null) {
            TensorChecks.requireMap("gradients.map", gradients.map(), shape);
            described.map_gradient(address(gradients.map()));
        }
        if (gradients.scale() != null) {
            described.scale_gradient(perChannel("gradients.scale", gradients.scale(), shape[1], term.map()));
        }
        if (gradients.shift() != null) {
            described.shift_gradient(perChannel("gradients.shift", gradients.shift(), shape[1], term.map()));
        }
    }

    private udc_normalized_sum describe(udc_normalized_term terms, Tensor output) {
        long channels = output.size(1);
        return new udc_normalized_sum()
                .positions(output.numel() / channels)
                .channels(channels)
                .terms(terms)
                .term_count((int) terms.limit())
                .given_statistics(givenStatistics ? 1 : 0)
                .rectify(rectify ? 1 : 0)
                .epsilon((float) epsilon)
                .residual((FloatPointer) null)
                .output((FloatPointer) null)
                .output_gradient((FloatPointer) null)
                .residual_gradient((FloatPointer) null);
    }

    private static FloatPointer perChannel(String argument, Tensor values, long channels, Tensor like) {
        TensorChecks.require(argument, values, ScalarType.Float, like, channels);
        return address(values);
    }

    private static FloatPointer address(Tensor tensor) {
        return new FloatPointer(tensor.data_ptr());
    }
}
