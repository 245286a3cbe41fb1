package io.udc.tflite;

import io.udc.npu.EncodedSizes;
import io.udc.npu.Hwc;
import io.udc.npu.NpuOperator;
import io.udc.npu.NpuOperator.Kind;
import io.udc.npu.NpuOperator.Window;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Convolutions, depthwise convolutions and fully connected operators, and the padding in front of them. */
final class WeightedOperators {

    /** Weights that a network may have in all: far more than an NPU of this class can use. */
    private static final long MAX_WEIGHTS = 1 << 26;

    /** A pad that windows take in: rows and columns around its input. */
    private record Pad(int input, int top, int bottom, int left, int right) {}

    /** Encoded sizes of an operator's weights. */
    @FunctionalInterface
    interface Sizes {

        /**
         * The sizes.
         *
         * @param name of the operator
         * @param weights output channel, row, column, input channel
         */
        EncodedSizes of(String name, NpuOperator operator, byte[] weights);
    }

    private final NpuGraph graph;
    private final TensorReaders readers;
    private final Sizes sizes;
    private final Map<Integer, Pad> pads = new HashMap<>();
    private long weightCount;

    WeightedOperators(NpuGraph graph, TensorReaders readers, Sizes sizes) {
        this.graph = graph;
        this.readers = readers;
        this.sizes = sizes;
    }

    void convolution(TfliteOperator operator) {
        TfliteTensor weights = weights(operator, 4);
        List<Integer> shape = weights.shape();
        int from = operator.inputs().get(0);
        Pad pad = pads.get(from);
        Hwc input = graph.map(pad == null ? from : pad.input);
        if (shape.get(3) != input.depth()) {
            throw new NotCovered("its filters read " + shape.get(3) + " of " + input.depth() + " channels");
        }
        addWindow(operator, Kind.CONVOLUTION, input, pad, shape.get(0), shape.get(1), shape.get(2), bytes(weights));
    }

    void depthwise(TfliteOperator operator) {
        TfliteTensor weights = weights(operator, 4);
        List<Integer> shape = weights.shape();
        int channels = shape.get(3);
        int from = operator.inputs().get(0);
        Pad pad = pads.get(from);
        Hwc input = graph.map(pad == null ? from : pad.input);
        // Of one channel, any number of filters is a convolution.
        if (shape.get(0) != 1 || (channels != input.depth() && input.depth() != 1)) {
            throw new NotCovered("it makes " + channels + " channels of " + input.depth());
        }
        Kind kind = channels == input.depth() ? Kind.DEPTHWISE : Kind.CONVOLUTION;
        addWindow(operator, kind, input, pad, channels, shape.get(1), shape.get(2),
                channelsFirst(bytes(weights), channels));
    }

    void fullyConnected(TfliteOperator operator) {
        TfliteTensor weights = weights(operator, 2);
        int outputs = weights.shape().get(0);
        int inputs = weights.shape().get(1);
        int from = operator.inputs().get(0);
        long elements = graph.featureMap(from).elements();
        int to = NpuGraph.result(operator);
        int rows = (int) (elements / inputs);
        if (rows < 1 || elements % inputs != 0 || graph.featureMap(to).elements() != (long) rows * outputs) {
            throw new NotCovered("its shapes do not fit: " + graph.tensor(from).shape() + " by " + weights.shape()
                    + " to " + graph.tensor(to).shape());
        }
        NpuOperator fully = NpuOperator.fullyConnected(inputs, outputs, isRelu(operator));
        add(operator, fully.withTraits(fully.traits().withBatch(rows)), bytes(weights), from);
    }

    /** Remembers a pad of rows and columns, if all that read it are windows that can take it in. */
    void pad(TfliteOperator operator) {
        int from = NpuGraph.operand(operator, 0);
        int to = NpuGraph.result(operator);
        graph.map(from);
        int[] amounts = integers(graph.tensor(NpuGraph.operand(operator, 1)));
        int rank = graph.tensor(from).shape().size();
        if (rank != 4 || amounts.length != 8 || (amounts[0] | amounts[1] | amounts[6] | amounts[7]) != 0) {
            throw new NotCovered("it pads other than rows and columns");
        }
        if (!graph.tensor(from).isQuantizedAs(graph.tensor(to))) {
            throw new NotCovered("it changes scale or zero point");
        }
        Pad pad = new Pad(from, amounts[2], amounts[3], amounts[4], amounts[5]);
        if (readers.of(to).isEmpty() || !readers.of(to).stream().allMatch(reader -> takesIn(reader, pad))) {
            throw new NotCovered("no convolution can take it in");
        }
        pads.put(to, pad);
    }

    private boolean takesIn(TfliteOperator reader, Pad pad) {
        boolean window = reader.kind().equals("CONV_2D") || reader.kind().equals("DEPTHWISE_CONV_2D");
        if (!window || reader.options().same() || reader.inputs().size() < 2 || reader.inputs().get(1) < 0) {
            return false;
        }
        List<Integer> filter = graph.tensor(reader.inputs().get(1)).shape();
        TfliteOptions options = reader.options();
        if (filter.size() != 4) {
            return false;
        }
        int rows = (filter.get(1) - 1) * options.dilationY() + 1;
        int columns = (filter.get(2) - 1) * options.dilationX() + 1;
        return leads(pad.top, options.strideY(), rows) && leads(pad.left, options.strideX(), columns)
                && pad.bottom < rows && pad.right < columns && pad.bottom >= 0 && pad.right >= 0;
    }

    /** Whether the NPU can start this far outside of the map without reading other rows than the pad meant. */
    private static boolean leads(int padding, int stride, int kernel) {
        int half = kernel / 2;
        return stride > 0 && padding >= 0 && padding < kernel
                && (padding == half || half <= stride || padding % stride == 0);
    }

    private void addWindow(TfliteOperator operator, Kind kind, Hwc input, Pad pad, int outChannels, int rows,
            int columns, byte[] weights) {
        TfliteOptions options = operator.options();
        if (options.dilationY() != options.dilationX()) {
            throw new NotCovered("its dilations differ");
        }
        Window window = new Window(
                rows, columns, options.strideY(), options.strideX(), options.dilationY(), options.same());
        Hwc output = graph.map(NpuGraph.result(operator));
        Windows.check(window, pad == null ? input : new Hwc(input.height() + pad.top + pad.bottom,
                input.width() + pad.left + pad.right, input.depth()), outChannels, output);
        NpuOperator windowed = NpuOperator.windowed(kind, input, outChannels, window, isRelu(operator));
        boolean looksFirst = graph.operators().isEmpty() && !graph.isFirst(operator);
        if (pad != null || (looksFirst && options.strideX() <= 3)) {
            // Given outputs keep the model from folding columns, which Vela does for the file's first operator only.
            windowed = windowed.withTraits(windowed.traits().withOutput(output));
        }
        add(operator, windowed, weights, pad == null ? operator.inputs().get(0) : pad.input);
    }

    private void add(TfliteOperator operator, NpuOperator translated, byte[] weights, int from) {
        int to = NpuGraph.result(operator);
        NpuOperator placed = graph.isFirst(operator) ? translated.asFirst() : translated;
        graph.add(graph.name(to), placed, sizes.of(graph.name(to), placed, weights), from, to);
    }

    static boolean isRelu(TfliteOperator operator) {
        if (operator.options().activation() == TfliteOptions.Fused.OTHER) {
            throw new NotCovered("its fused activation is not of the ReLU family");
        }
        return operator.options().activation() == TfliteOptions.Fused.RELU;
    }

    /** Constant int8 weights with zero points 0. */
    private TfliteTensor weights(TfliteOperator operator, int rank) {
        NpuGraph.operand(operator, 0);
        TfliteTensor weights = graph.tensor(NpuGraph.operand(operator, 1));
        if (!weights.isConstant() || !weights.isInt8()) {
            throw new NotCovered("its weights are " + (weights.isConstant() ? weights.type() : "computed"));
        }
        if (weights.shape().size() != rank || weights.elements() < 1
                || weights.elements() != weights.data().remaining()) {
            throw new NotCovered("its weights are of shape " + weights.shape() + " and "
                    + weights.data().remaining() + " bytes");
        }
        if (weights.zeroPoints().stream().anyMatch(zero -> zero != 0)) {
            throw new NotCovered("its weights have a zero point");
        }
        spend(weights.elements());
        return weights;
    }

    /** Counts weights of the network, before there is room for them. */
    int spend(long weights) {
        weightCount += weights;
        if (weightCount > MAX_WEIGHTS) {
            throw new NotCovered("the network has more than " + MAX_WEIGHTS + " weights");
        }
        return (int) weights;
    }

    private static byte[] bytes(TfliteTensor tensor) {
        ByteBuffer data = tensor.data().duplicate();
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        return bytes;
    }

    /** A small constant of 32-bit integers. */
    static int[] integers(TfliteTensor tensor) {
        if (!tensor.isConstant() || !tensor.type().equals("INT32") || tensor.data().remaining() > 64) {
            throw new NotCovered("it reads " + tensor.type() + (tensor.isConstant() ? "" : " that is computed"));
        }
        int[] values = new int[tensor.data().remaining() / Integer.BYTES];
        for (int i = 0; i < values.length; i++) {
            values[i] = tensor.data().getInt(i * Integer.BYTES);
        }
        return values;
    }

    /** From [window, channels] to [channels, window]. */
    private static byte[] channelsFirst(byte[] weights, int channels) {
        byte[] turned = new byte[weights.length];
        int window = weights.length / channels;
        for (int c = 0; c < channels; c++) {
            for (int k = 0; k < window; k++) {
                turned[c * window + k] = weights[k * channels + c];
            }
        }
        return turned;
    }
}
