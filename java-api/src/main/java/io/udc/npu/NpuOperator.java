package io.udc.npu;

import io.udc.bindings.Npu;

/**
 * One operator of a network with 8-bit feature maps. Its output's shape follows from these.
 *
 * @param kind what it computes
 * @param input shape of the first input; a fully connected operator reads 1 x 1 x C
 * @param second shape of the second input of a sum or product, else null
 * @param outChannels output channels of convolutions and fully connected operators; others ignore it
 * @param window kernel, stride, dilation and padding
 * @param relu whether an activation of the ReLU family is fused
 * @param first whether it is the network's first operator, which Vela treats specially
 */
public record NpuOperator(
        Kind kind, Hwc input, Hwc second, int outChannels, Window window, boolean relu, boolean first) {

    /** Operators that the model covers, in the order of the backend's list. */
    public enum Kind {
        CONVOLUTION,
        DEPTHWISE,
        FULLY_CONNECTED,
        MAX_POOL,
        AVERAGE_POOL,
        REDUCE_SUM,
        ADD,
        SUBTRACT,
        MULTIPLY,
        MINIMUM,
        MAXIMUM;

        public boolean hasWeights() {
            return this == CONVOLUTION || this == DEPTHWISE || this == FULLY_CONNECTED;
        }
    }

    /**
     * A window that moves over the input.
     *
     * @param same whether the padding is "same", else "valid"
     */
    public record Window(int kernelHeight, int kernelWidth, int strideY, int strideX, int dilation, boolean same) {

        /** The window of operators that have none. */
        public static final Window NONE = new Window(1, 1, 1, 1, 1, false);

        /** A square window. */
        public static Window square(int kernel, int stride, boolean same) {
            return new Window(kernel, kernel, stride, stride, 1, same);
        }
    }

    /** An operator with weights or a pool. */
    public static NpuOperator windowed(Kind kind, Hwc input, int outChannels, Window window, boolean relu) {
        return new NpuOperator(kind, input, null, outChannels, window, relu, false);
    }

    /** A fully connected operator. */
    public static NpuOperator fullyConnected(int inChannels, int outChannels, boolean relu) {
        return windowed(Kind.FULLY_CONNECTED, new Hwc(1, 1, inChannels), outChannels, Window.NONE, relu);
    }

    /** An elementwise operator on two feature maps; axes of extent 1 are repeated. */
    public static NpuOperator binary(Kind kind, Hwc first, Hwc second, boolean relu) {
        return new NpuOperator(kind, first, second, 0, Window.NONE, relu, false);
    }

    /** The same operator as the first one of its network. */
    public NpuOperator asFirst() {
        return new NpuOperator(kind, input, second, outChannels, window, relu, true);
    }

    /** Writes this operator, output shape included, to the backend's struct. */
    void writeTo(Npu.udc_npu_op op, Npu.udc_npu_error error) {
        NpuCalls.check(Npu.udc_npu_op_init(kind.ordinal(), op, error), error);
        input.writeTo(op.ifm());
        if (second != null) {
            second.writeTo(op.ifm2());
        }
        op.kernel_height(window.kernelHeight());
        op.kernel_width(window.kernelWidth());
        op.stride_y(window.strideY());
        op.stride_x(window.strideX());
        op.dilation_y(window.dilation());
        op.dilation_x(window.dilation());
        op.padding(window.same() ? Npu.UDC_NPU_PADDING_SAME : Npu.UDC_NPU_PADDING_VALID);
        op.activation(relu ? Npu.UDC_NPU_ACTIVATION_RELU : Npu.UDC_NPU_ACTIVATION_NONE);
        op.first(first ? 1 : 0);
        NpuCalls.check(Npu.udc_npu_op_infer_output(op, outChannels, error), error);
    }
}
