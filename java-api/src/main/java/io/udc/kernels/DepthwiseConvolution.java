package io.udc.kernels;

import io.udc.bindings.Kernels;
import io.udc.bindings.Kernels.udc_depthwise;
import io.udc.memory.StepScope;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Convolution of each channel with a kernel of its own, of float32 maps [N, C, H, W] on the CPU whose channels are
 * innermost in memory; zeros stand beyond the input, as many below and to the right as the output needs. The formulas
 * stand in udc/kernels.h. libtorch has it too, but its backward pass on a CPU takes some thirty times as long as its
 * forward pass. The same input gives the same bits. Immutable and thread-safe: every call is on its own.
 *
 * @param stride 1 to 16, in both directions
 * @param top rows of zeros above the input, 0 to kernel - 1
 * @param left columns of zeros before the input, 0 to kernel - 1
 */
public record DepthwiseConvolution(int stride, int top, int left) {

    /**
     * Writes the output.
     *
     * @param input [N, C, H, W]
     * @param weights contiguous [C, 1, k, k]
     * @param output [N, C, rows, columns], of any number of rows and columns
     * @throws IllegalArgumentException naming the argument, what was found and what is expected
     */
    public void forward(Tensor input, Tensor weights, Tensor output) {
        try (StepScope scope = StepScope.open();
                KernelExecution execution = new KernelExecution(input)) {
            udc_depthwise layer = describe(input, weights, output).output(new FloatPointer(output.data_ptr()));
            execution.reserve((e, bytes, error) -> Kernels.udc_kernels_depthwise_workspace(layer, e, bytes, error));
            execution.call((e, error) -> Kernels.udc_kernels_depthwise_forward(layer, e, error));
        }
    }

    /**
     * Writes the gradients to input and weights.
     *
     * @param outputGradient [N, C, rows, columns]
     * @param inputGradient shape of the input, or null
     * @param weightGradient shape of the weights, or null
     * @throws IllegalArgumentException naming the argument, what was found and what is expected
     */
    public void backward(
            Tensor input, Tensor weights, Tensor outputGradient, Tensor inputGradient, Tensor weightGradient) {
        backward(input, weights, outputGradient, inputGradient, weightGradient, false);
    }

    /** The same, and with {@code addToInput} what is in the input's gradient already stays part of it. */
    public void backward(
            Tensor input,
            Tensor weights,
            Tensor outputGradient,
            Tensor inputGradient,
            Tensor weightGradient,
            boolean addToInput) {
        try (StepScope scope = StepScope.open();
                KernelExecution execution = new KernelExecution(input)) {
            udc_depthwise layer = describe(input, weights, outputGradient)
                    .output_gradient(new FloatPointer(outputGradient.data_ptr()))
                    .accumulate(addToInput ? 1 : 0);
            if (inputGradient != null) {
                TensorChecks.requireMap("inputGradient", inputGradient, TensorChecks.sizes(input));
                layer.input_gradient(new FloatPointer(inputGradient.data_ptr()));
            }
            if (weightGradient != null) {
                TensorChecks.require("weightGradient", weightGradient, ScalarType.Float, weights);
                layer.weight_gradient(new FloatPointer(weightGradient.data_ptr()));
            }
            execution.reserve((e, bytes, error) -> Kernels.udc_kernels_depthwise_workspace(layer, e, bytes, error));
            execution.call((e, error) -> Kernels.udc_kernels_depthwise_backward(layer, e, error));
        }
    }

    private udc_depthwise describe(Tensor input, Tensor weights, Tensor output) {
        TensorChecks.requireMap("input", input, TensorChecks.sizes(input));
        long kernel = weights.dim() == 4 ? weights.size(2) : 1;
        TensorChecks.require("weights", weights, ScalarType.Float, input, input.size(1), 1, kernel, kernel);
        TensorChecks.requireMap("output", output, input.size(0), input.size(1), output.size(2), output.size(3));
        return new udc_depthwise()
                .pictures(input.size(0))
                .channels(input.size(1))
                .in_rows(input.size(2))
                .in_columns(input.size(3))
                .out_rows(output.size(2))
                .out_columns(output.size(3))
                .kernel((int) kernel)
                .stride(stride)
                .top(top)
                .left(left)
                .weights(new FloatPointer(weights.data_ptr()))
                .input(new FloatPointer(input.data_ptr()))
                .output((FloatPointer) null)
                .output_gradient((FloatPointer) null)
                .input_gradient((FloatPointer) null)
                .weight_gradient((FloatPointer) null)
                .accumulate(0);
    }
}
