package io.udc.search.bench;

import io.udc.memory.StepScope;
import io.udc.search.bench.KernelBench.Inputs;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Compares what the kernels compute with the same composed of libtorch operations, so that a fast wrong kernel cannot
 * win. An error is relative: the sum of all differences over the sum of all magnitudes. Both ways may differ by the
 * rounding of sums and by single weights: where magnitudes tie with a threshold, the composition keeps all of them, the
 * kernel just as many as are wanted; where a quotient lies next to half an integer, libtorch multiplies by a reciprocal
 * and the kernel divides.
 */
final class KernelCheck {

    static final double MOST_ERROR = 1e-3;

    private final Inputs inputs;

    KernelCheck(Inputs inputs) {
        this.inputs = inputs;
    }

    /** Sums up differences over the tensors of a call. */
    static final class Comparison {

        private final String kernel;
        private double difference;
        private double magnitude;

        Comparison(String kernel) {
            this.kernel = kernel;
        }

        void add(Tensor found, Tensor expected) {
            difference += found.sub(expected).abs().sum().item_double();
            magnitude += expected.abs().sum().item_double();
        }

        /**
         * The relative error.
         *
         * @throws IllegalStateException if it is not as small as that of a right kernel
         */
        double error() {
            double error = difference / magnitude;
            if (!(error <= MOST_ERROR)) {
                throw new IllegalStateException(kernel + ": found a relative error of " + (float) error
                        + " against libtorch's operations, expected at most " + MOST_ERROR);
            }
            return error;
        }
    }

    private interface LayerComparison {
        void add(int layer);
    }

    private void each(LayerComparison comparison) {
        for (int i = 0; i < inputs.weights().size(); i++) {
            try (StepScope scope = StepScope.open()) {
                comparison.add(i);
            }
        }
    }

    double mixForward() {
        inputs.mixer().forward();
        Comparison mixed = new Comparison("mix_forward");
        each(i -> mixed.add(inputs.outputs().get(i),
                inputs.compositions().get(i).forward(inputs.weights().get(i), inputs.steps().get(i))));
        return mixed.error();
    }

    /** The greatest of the errors of the three gradients. */
    double mixBackward() {
        inputs.mixer().backward(inputs.gradients());
        Comparison weights = new Comparison("mix_backward, gradient of the weights");
        Comparison bits = new Comparison("mix_backward, gradient of the bit widths");
        Comparison sparsities = new Comparison("mix_backward, gradient of the sparsities");
        each(i -> {
            Tensor[] expected = inputs.compositions().get(i)
                    .backward(inputs.weights().get(i), inputs.steps().get(i), inputs.gradients().get(i));
            weights.add(inputs.weightGradients().get(i), expected[0]);
            bits.add(inputs.mixer().bitGradient().select(0, i), expected[1]);
            sparsities.add(inputs.mixer().sparsityGradient().select(0, i), expected[2]);
        });
        return Math.max(weights.error(), Math.max(bits.error(), sparsities.error()));
    }

    /** Every threshold by itself, by what survives it. */
    double thresholds() {
        inputs.mixer().updateThresholds();
        Tensor probabilities = inputs.mixer().sparsityProbabilities();
        Comparison survivors = new Comparison("thresholds");
        for (int s = 0; s < KernelBench.SPARSITIES.length; s++) {
            float[] certain = new float[KernelBench.SPARSITIES.length];
            certain[s] = 1;
            try (StepScope scope = StepScope.open()) {
                probabilities.copy_(Tensor.create(certain).expand(probabilities.shape()));
            }
            inputs.mixer().forward();
            each(i -> survivors.add(inputs.outputs().get(i), inputs.compositions().get(i)
                    .withSparsities(certain)
                    .forward(inputs.weights().get(i), inputs.steps().get(i))));
        }
        probabilities.fill_(new Scalar(1.0 / KernelBench.SPARSITIES.length));
        return survivors.error();
    }

    double quantizeForward() {
        inputs.quantizer().forward();
        Comparison quantized = new Comparison("quantize_forward");
        each(i -> quantized.add(inputs.outputs().get(i), KernelBench.fakeQuantize(inputs, i)));
        return quantized.error();
    }

    double quantizeBackward() {
        inputs.quantizer().backward(inputs.gradients(), false);
        Comparison gradient = new Comparison("quantize_backward");
        each(i -> gradient.add(inputs.weightGradients().get(i), KernelBench.straightThrough(inputs, i)));
        return gradient.error();
    }
}
