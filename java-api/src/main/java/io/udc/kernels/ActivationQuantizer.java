package io.udc.kernels;

import io.udc.bindings.Kernels;
import io.udc.bindings.Kernels.udc_activation_tensor;
import io.udc.bindings.Kernels.udc_kernels_error;
import io.udc.bindings.Kernels.udc_kernels_execution;
import io.udc.memory.StepScope;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Fake quantization of activations, one step and zero point z per tensor:
 *
 * <pre>output = step * clamp(round(x / step), quantMin - z, quantMax - z)</pre>
 *
 * with the straight-through gradient to x and the LSQ gradient to the step; the formulas stand in udc/kernels.h. The
 * same input gives the same bits. Thread-safe: every call is on its own.
 */
public final class ActivationQuantizer {

    private ActivationQuantizer() {}

    /**
     * Writes the fake-quantized input.
     *
     * @param input float32 of any shape, contiguous, in the memory of the CPU
     * @param output float32 of the same shape; may be the input itself
     * @param step float32 of one element, greater than 0
     * @param zeroPoint quantMin to quantMax
     * @throws IllegalArgumentException naming the argument, what was found and what is expected
     */
    public static void forward(
            Tensor input, Tensor output, Tensor step, int zeroPoint, int quantMin, int quantMax) {
        check(input, step);
        requireLike("output", output, input);
        try (StepScope scope = StepScope.open()) {
            udc_activation_tensor tensor = describe(input, step, zeroPoint, quantMin, quantMax);
            tensor.output(new FloatPointer(output.data_ptr()));
            udc_kernels_error error = new udc_kernels_error();
            KernelStatus.check(Kernels.udc_kernels_activation_forward(tensor, 1, execution(), error), error);
        }
    }

    /**
     * Writes the gradients to the input and to the step.
     *
     * @param outputGradient float32, shape of the input
     * @param inputGradient float32, shape of the input; may be the output gradient itself
     * @param stepGradient float32 of one element
     * @throws IllegalArgumentException naming the argument, what was found and what is expected
     */
    public static void backward(
            Tensor input,
            Tensor outputGradient,
            Tensor step,
            int zeroPoint,
            int quantMin,
            int quantMax,
            Tensor inputGradient,
            Tensor stepGradient) {
        check(input, step);
        requireLike("outputGradient", outputGradient, input);
        requireLike("inputGradient", inputGradient, input);
        TensorChecks.require("stepGradient", stepGradient, ScalarType.Float, step.shape());
        try (StepScope scope = StepScope.open()) {
            udc_activation_tensor tensor = describe(input, step, zeroPoint, quantMin, quantMax);
            tensor.output_gradient(new FloatPointer(outputGradient.data_ptr()))
                    .input_gradient(new FloatPointer(inputGradient.data_ptr()))
                    .step_gradient(new FloatPointer(stepGradient.data_ptr()));
            udc_kernels_execution execution = execution();
            udc_kernels_error error = new udc_kernels_error();
            LongPointer bytes = new LongPointer(1);
            KernelStatus.check(
                    Kernels.udc_kernels_activation_backward_workspace(tensor, 1, execution, bytes, error), error);
            BytePointer workspace = new BytePointer(Math.max(16, bytes.get()));
            execution.workspace(workspace).workspace_bytes(workspace.capacity());
            KernelStatus.check(Kernels.udc_kernels_activation_backward(tensor, 1, execution, error), error);
        }
    }

    private static void check(Tensor input, Tensor step) {
        TensorChecks.requireCpu("input", input);
        TensorChecks.require("input", input, ScalarType.Float, input.shape());
        TensorChecks.requireCpu("step", step);
        if (step.numel() != 1) {
            throw new IllegalArgumentException("step: found " + step.numel() + " elements, expected 1");
        }
        TensorChecks.require("step", step, ScalarType.Float, step.shape());
    }

    private static void requireLike(String argument, Tensor tensor, Tensor input) {
        TensorChecks.require(argument, tensor, ScalarType.Float, input.shape());
        TensorChecks.requireSameDevice(argument, tensor, input);
    }

    private static udc_activation_tensor describe(
            Tensor input, Tensor step, int zeroPoint, int quantMin, int quantMax) {
        if (zeroPoint < quantMin || zeroPoint > quantMax) {
            throw new IllegalArgumentException(
                    "zeroPoint: found " + zeroPoint + ", expected " + quantMin + " to " + quantMax);
        }
        udc_activation_tensor tensor = new udc_activation_tensor();
        Pointer.memset(tensor, 0, tensor.sizeof());
        return tensor.input(new FloatPointer(input.data_ptr()))
                .step(new FloatPointer(step.data_ptr()))
                .zero_point(new IntPointer(new int[] {zeroPoint}))
                .count(input.numel())
                .quant_min(quantMin)
                .quant_max(quantMax);
    }

    private static udc_kernels_execution execution() {
        udc_kernels_execution execution = new udc_kernels_execution();
        Pointer.memset(execution, 0, execution.sizeof());
        return execution;
    }
}
