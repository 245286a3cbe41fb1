package io.udc.kernels;

import io.udc.bindings.Kernels;
import io.udc.bindings.Kernels.udc_activation_tensor;
import io.udc.memory.StepScope;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Fake quantization of activations, one step and zero point z per tensor:
 *
 * <pre>output = step * clamp(round(x / step), quantMin - z, quantMax - z)</pre>
 *
 * with the straight-through gradient to x and the LSQ gradient to the step; the formulas stand in udc/kernels.h. Runs
 * where the tensors are. The same input gives the same bits. Immutable and thread-safe: every call is on its own.
 *
 * @param zeroPoint quantMin to quantMax
 * @param quantMin least integer, -32768 or more
 * @param quantMax greatest integer, 32767 or less, less than 32768 away from quantMin
 */
public record ActivationQuantizer(int zeroPoint, int quantMin, int quantMax) {

    public ActivationQuantizer {
        if (quantMin < -32768 || quantMax > 32767 || quantMin > quantMax || quantMax - quantMin > 32767) {
            throw TensorChecks.found(
                    "quantMin, quantMax", quantMin + " and " + quantMax, "a range of at most 32768 int16 values");
        }
        if (zeroPoint < quantMin || zeroPoint > quantMax) {
            throw TensorChecks.found("zeroPoint", Integer.toString(zeroPoint), quantMin + " to " + quantMax);
        }
    }

    /**
     * Writes the fake-quantized input.
     *
     * @param input float32 of any shape, without gaps in memory
     * @param output float32 of the same shape and strides; may be the input itself
     * @param step float32 of one element, greater than 0
     * @throws IllegalArgumentException naming the argument, what was found and what is expected
     */
    public void forward(Tensor input, Tensor output, Tensor step) {
        check(input, step);
        TensorChecks.requireSameLayout("output", output, ScalarType.Float, input);
        try (StepScope scope = StepScope.open();
                KernelExecution execution = new KernelExecution(input)) {
            udc_activation_tensor tensor = describe(input, step);
            tensor.output(new FloatPointer(output.data_ptr()));
            execution.call((e, error) -> Kernels.udc_kernels_activation_forward(tensor, 1, e, error));
        }
    }

    /**
     * Writes the gradients to the input and to the step.
     *
     * @param outputGradient float32, shape and strides of the input
     * @param inputGradient float32, shape and strides of the input; may be the output gradient itself
     * @param stepGradient float32 of one element, or null
     * @throws IllegalArgumentException naming the argument, what was found and what is expected
     */
    public void backward(
            Tensor input, Tensor outputGradient, Tensor step, Tensor inputGradient, Tensor stepGradient) {
        check(input, step);
        TensorChecks.requireSameLayout("outputGradient", outputGradient, ScalarType.Float, input);
        TensorChecks.requireSameLayout("inputGradient", inputGradient, ScalarType.Float, input);
        if (stepGradient != null) {
            TensorChecks.require("stepGradient", stepGradient, ScalarType.Float, step);
        }
        try (StepScope scope = StepScope.open();
                KernelExecution execution = new KernelExecution(input)) {
            udc_activation_tensor tensor = describe(input, step);
            tensor.output_gradient(new FloatPointer(outputGradient.data_ptr()))
                    .input_gradient(new FloatPointer(inputGradient.data_ptr()))
                    .step_gradient(stepGradient == null ? null : new FloatPointer(stepGradient.data_ptr()));
            execution.reserve((e, bytes, error) ->
                    Kernels.udc_kernels_activation_backward_workspace(tensor, 1, e, bytes, error));
            execution.call((e, error) -> Kernels.udc_kernels_activation_backward(tensor, 1, e, error));
        }
    }

    private static void check(Tensor input, Tensor step) {
        TensorChecks.requireDense("input", input, ScalarType.Float);
        TensorChecks.requireContiguous("step", step, ScalarType.Float, input);
        if (step.numel() != 1) {
            throw TensorChecks.found("step", step.numel() + " elements", "1");
        }
    }

    /** Only the distances of the limits from the zero point matter, so that no zero point has to reach the device. */
    private udc_activation_tensor describe(Tensor input, Tensor step) {
        return new udc_activation_tensor()
                .input(new FloatPointer(input.data_ptr()))
                .output((FloatPointer) null)
                .step(new FloatPointer(step.data_ptr()))
                .zero_point((IntPointer) null)
                .count(input.numel())
                .quant_min(quantMin - zeroPoint)
                .quant_max(quantMax - zeroPoint)
                .output_gradient((FloatPointer) null)
                .input_gradient((FloatPointer) null)
                .step_gradient((FloatPointer) null);
    }
}
