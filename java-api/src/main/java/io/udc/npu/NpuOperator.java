package io.udc.npu;

import io.udc.bindings.Npu;

/**
 * One operator of a network. Its output's shape follows from these, unless {@link Traits} give it.
 *
 * @param kind what it computes
 * @param input shape of the first input; a fully connected operator reads 1 x 1 x C
 * @param second shape of the second input of a sum or product, else null
 * @param outChannels output channels of convolutions and fully connected operators; others ignore it
 * @param window kernel, stride, dilation and padding
 * @param relu whether an activation of the ReLU family is fused
 * @param first whether it is the network's first operator, which Vela treats specially
 * @param traits what few operators have
 */
public record NpuOperator(
        Kind kind,
        Hwc input,
        Hwc second,
        int outChannels,
        Window window,
        boolean relu,
        boolean first,
        Traits traits) {

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
        MAXIMUM,
        SHIFT_RIGHT,
        SHIFT_LEFT,
        ABSOLUTE,
        LEAKY_RELU,
        COUNT_LEADING_ZEROS;

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

    /**
     * What most operators of 8-bit networks do without.
     *
     * @param inputBits bits of the inputs: 8, 16 or 32
     * @param outputBits bits of the output
     * @param scalar whether the second input is a constant of one value
     * @param tableBytes size of the lookup table that the output goes through, 0 without one
     * @param batch rows of input of a fully connected operator
     * @param output shape of the output of a window whose padding is neither "same" nor "valid"; else null
     */
    public record Traits(int inputBits, int outputBits, boolean scalar, int tableBytes, int batch, Hwc output) {

        /** Of usual operators. */
        public static final Traits USUAL = new Traits(8, 8, false, 0, 1, null);

        public static Traits bits(int input, int output) {
            return new Traits(input, output, false, 0, 1, null);
        }

        public Traits withScalar() {
            return new Traits(inputBits, outputBits, true, tableBytes, batch, output);
        }

        public Traits withTable(int bytes) {
            return new Traits(inputBits, outputBits, scalar, bytes, batch, output);
        }

        public Traits withBatch(int rows) {
            return new Traits(inputBits, outputBits, scalar, tableBytes, rows, output);
        }

        public Traits withOutput(Hwc shape) {
            return new Traits(inputBits, outputBits, scalar, tableBytes, batch, shape);
        }
    }

    /** An operator with weights or a pool. */
    public static NpuOperator windowed(Kind kind, Hwc input, int outChannels, Window window, boolean relu) {
        return new NpuOperator(kind, input, null, outChannels, window, relu, false, Traits.USUAL);
    }

    /** A fully connected operator. */
    public static NpuOperator fullyConnected(int inChannels, int outChannels, boolean relu) {
        return windowed(Kind.FULLY_CONNECTED, new Hwc(1, 1, inChannels), outChannels, Window.NONE, relu);
    }

    /** An elementwise operator on two feature maps; axes of extent 1 are repeated. */
    public static NpuOperator binary(Kind kind, Hwc first, Hwc second, boolean relu) {
        return new NpuOperator(kind, first, second, 0, Window.NONE, relu, false, Traits.USUAL);
    }

    /** The same operator as the first one of its network. */
    public NpuOperator asFirst() {
        return new NpuOperator(kind, input, second, outChannels, window, relu, true, traits);
    }

    /** The same operator with a fused activation of the ReLU family. */
    public NpuOperator withRelu() {
        return new NpuOperator(kind, input, second, outChannels, window, true, first, traits);
    }

    public NpuOperator withTraits(Traits other) {
        return new NpuOperator(kind, input, second, outChannels, window, relu, first, other);
    }

    /** A copy of a feature map: the pool of 1 x 1 values that Vela takes where it moves data. */
    public static NpuOperator copy(Hwc input) {
        return windowed(Kind.AVERAGE_POOL, input, 0, Window.square(1, 1, false), false);
    }

    /** An elementwise operator on one feature map. */
    public static NpuOperator unary(Kind kind, Hwc input) {
        return new NpuOperator(kind, input, null, 0, Window.NONE, false, false, Traits.USUAL);
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
        writeTraitsTo(op);
        if (traits.output() == null) {
            NpuCalls.check(Npu.udc_npu_op_infer_output(op, outChannels, error), error);
        }
    }

    private void writeTraitsTo(Npu.udc_npu_op op) {
        op.ifm_bits(traits.inputBits()).ofm_bits(traits.outputBits());
        op.ifm2_scalar(traits.scalar() ? 1 : 0);
        op.batch(traits.batch());
        if (traits.tableBytes() > 0) {
            op.activation(Npu.UDC_NPU_ACTIVATION_TABLE).table_bytes(traits.tableBytes());
        }
        if (traits.output() != null) {
            op.padding(Npu.UDC_NPU_PADDING_EXPLICIT);
            traits.output().writeTo(op.ofm());
        }
    }
}
