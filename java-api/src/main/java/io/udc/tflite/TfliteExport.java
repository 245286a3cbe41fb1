package io.udc.tflite;

import io.udc.arch.Activation;
import io.udc.arch.Add;
import io.udc.arch.Architecture;
import io.udc.arch.DepthToSpace;
import io.udc.arch.Depthwise;
import io.udc.arch.GlobalAveragePool;
import io.udc.arch.Node;
import io.udc.arch.Shape;
import io.udc.arch.WeightShape;
import io.udc.arch.WeightedNode;
import io.udc.files.WholeFile;
import io.udc.integer.ChannelRecord;
import io.udc.integer.IntegerLayer;
import io.udc.integer.IntegerModel;
import io.udc.integer.Quantization;
import io.udc.tflite.TfliteGraph.OperatorKind;
import io.udc.tflite.TfliteGraph.Options;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.tensorflow.lite.schema.ActivationFunctionType;
import org.tensorflow.lite.schema.AddOptions;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.BuiltinOptions;
import org.tensorflow.lite.schema.Conv2DOptions;
import org.tensorflow.lite.schema.DepthToSpaceOptions;
import org.tensorflow.lite.schema.DepthwiseConv2DOptions;
import org.tensorflow.lite.schema.Padding;
import org.tensorflow.lite.schema.Pool2DOptions;
import org.tensorflow.lite.schema.ReshapeOptions;
import org.tensorflow.lite.schema.TensorType;

/**
 * An integer network as a TFLite file. Input is one picture [1, rows, columns, channels] of int8 values, pixel - 128;
 * output are the int8 values of the last node, [1, channels] if they are one a channel.
 *
 * <p>A dense layer becomes a 1x1 convolution on one pixel, which is the same: scales per output channel are part of
 * TFLite's convolution everywhere, while Arm's compiler leaves fully connected operators that have them to the CPU.
 */
public final class TfliteExport {

    private static final OperatorKind CONVOLUTION = new OperatorKind(BuiltinOperator.CONV_2D, 3);
    private static final OperatorKind DEPTHWISE = new OperatorKind(BuiltinOperator.DEPTHWISE_CONV_2D, 3);
    private static final OperatorKind ADD = new OperatorKind(BuiltinOperator.ADD, 2);
    private static final OperatorKind AVERAGE_POOL = new OperatorKind(BuiltinOperator.AVERAGE_POOL_2D, 2);
    private static final OperatorKind DEPTH_TO_SPACE = new OperatorKind(BuiltinOperator.DEPTH_TO_SPACE, 1);
    private static final OperatorKind RESHAPE = new OperatorKind(BuiltinOperator.RESHAPE, 1);

    private final IntegerModel model;
    private final Map<String, Shape> shapes;
    private final TfliteGraph graph = new TfliteGraph();
    private final Map<String, Integer> maps = new HashMap<>();
    private final byte[] bytes;
    private int deviatingChannels;
    private long deviatingAccumulators;

    private TfliteExport(IntegerModel model) {
        this.model = model;
        this.shapes = model.architecture().shapes();
        this.bytes = build();
    }

    /**
     * Makes the file of a network.
     *
     * @throws IllegalArgumentException if a scale leaves the range of float32; the message names the layer
     */
    public static TfliteExport of(IntegerModel model) {
        return new TfliteExport(model);
    }

    /** The file's content; the same network gives the same bytes. Not copied, so not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    /**
     * Writes the file atomically.
     *
     * @throws io.udc.InputException if the folder refuses
     * @throws io.udc.OutputException if the disk is full or fails
     */
    public void write(Path file) {
        WholeFile.write(file, bytes);
    }

    /**
     * Output channels that no float32 filter scale gives exactly: some accumulators, counted by
     * {@link #deviatingAccumulators}, come out one step apart. Networks that this product trained have none.
     */
    public int deviatingChannels() {
        return deviatingChannels;
    }

    /** Accumulator values that come out otherwise, of all that {@link #deviatingChannels} can have. */
    public long deviatingAccumulators() {
        return deviatingAccumulators;
    }

    private byte[] build() {
        Architecture architecture = model.architecture();
        int input = addMap(Architecture.INPUT);
        int layer = 0;
        for (Node node : architecture.nodes()) {
            if (node instanceof WeightedNode weighted) {
                addWeighted(weighted, model.layers().get(layer++));
            } else if (node instanceof Add add) {
                addSum(add);
            } else if (node instanceof GlobalAveragePool pool) {
                addPool(pool);
            } else if (node instanceof DepthToSpace shuffle) {
                addDepthToSpace(shuffle);
            }
        }
        return graph.finish(architecture.name(), "UDC integer network", input, output());
    }

    /** The last node's map, flattened to [1, channels] if it has no rows and columns. */
    private int output() {
        String last = model.architecture().output().name();
        Shape shape = shapes.get(last);
        if (shape.height() != 1 || shape.width() != 1) {
            return maps.get(last);
        }
        int[] flat = {1, shape.channels()};
        int output = graph.featureMap(last + "/flat", flat, model.outputQuantization());
        int newShape = ReshapeOptions.createNewShapeVector(graph.builder(), flat);
        Options options = new Options(
                BuiltinOptions.ReshapeOptions, ReshapeOptions.createReshapeOptions(graph.builder(), newShape));
        graph.operator(RESHAPE, options, new int[] {maps.get(last), graph.integers(last + "/shape", flat)}, output);
        return output;
    }

    private int addMap(String name) {
        Shape shape = shapes.get(name);
        int[] extents = {1, shape.height(), shape.width(), shape.channels()};
        int map = graph.featureMap(name, extents, model.quantization().get(name));
        maps.put(name, map);
        return map;
    }

    private void addWeighted(WeightedNode node, IntegerLayer layer) {
        WeightShape shape = layer.shape();
        boolean depthwise = node instanceof Depthwise;
        Quantization input = model.quantization().get(node.input());
        Quantization output = model.quantization().get(node.name());
        float[] scales = new float[shape.outChannels()];
        float[] biasScales = new float[scales.length];
        int[] biases = new int[scales.length];
        for (int i = 0; i < scales.length; i++) {
            FilterScale found = filterScale(layer, i, input, output);
            scales[i] = found.scale();
            biasScales[i] = input.scale() * found.scale();
            biases[i] = found.bias();
        }
        int[] extents = depthwise
                ? new int[] {1, shape.kernelHeight(), shape.kernelWidth(), shape.outChannels()}
                : new int[] {shape.outChannels(), shape.kernelHeight(), shape.kernelWidth(), shape.inChannels()};
        int weights = graph.channelConstant(node.name() + "/weights", extents, TensorType.INT8,
                depthwise ? channelsLast(layer.weights(), 1, shape.outChannels())
                        : channelsLast(layer.weights(), shape.outChannels(), shape.inChannels()),
                scales, depthwise ? 3 : 0);
        int bias = graph.channelConstant(node.name() + "/bias", new int[] {biases.length}, TensorType.INT32,
                TfliteGraph.littleEndian(biases), biasScales, 0);
        graph.operator(depthwise ? DEPTHWISE : CONVOLUTION, windowOptions(node, depthwise),
                new int[] {maps.get(node.input()), weights, bias}, addMap(node.name()));
    }

    private FilterScale filterScale(IntegerLayer layer, int channel, Quantization input, Quantization output) {
        ChannelRecord record = layer.channels().get(channel);
        int perChannel = layer.shape().perChannel();
        FilterScale.Accumulators accumulators = FilterScale.Accumulators.of(layer.weights(),
                channel * perChannel, (channel + 1) * perChannel, record.bias(), input.zeroPoint());
        try {
            FilterScale found = FilterScale.of(record, accumulators, input, output);
            deviatingChannels += found.deviating() > 0 ? 1 : 0;
            deviatingAccumulators += found.deviating();
            return found;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "layers." + layer.node() + ": channel " + channel + ": " + e.getMessage(), e);
        }
    }

    private Options windowOptions(WeightedNode node, boolean depthwise) {
        byte activation = activation(node.activation());
        int stride = node.stride();
        if (depthwise) {
            return new Options(BuiltinOptions.DepthwiseConv2DOptions,
                    DepthwiseConv2DOptions.createDepthwiseConv2DOptions(
                            graph.builder(), Padding.SAME, stride, stride, 1, activation, 1, 1));
        }
        return new Options(BuiltinOptions.Conv2DOptions, Conv2DOptions.createConv2DOptions(
                graph.builder(), Padding.SAME, stride, stride, activation, 1, 1));
    }

    private void addSum(Add node) {
        Options options = new Options(BuiltinOptions.AddOptions,
                AddOptions.createAddOptions(graph.builder(), activation(node.activation())));
        graph.operator(ADD, options, new int[] {maps.get(node.first()), maps.get(node.second())},
                addMap(node.name()));
    }

    private void addPool(GlobalAveragePool node) {
        Shape input = shapes.get(node.input());
        Options options = new Options(BuiltinOptions.Pool2DOptions, Pool2DOptions.createPool2DOptions(
                graph.builder(), Padding.VALID, input.width(), input.height(), input.width(), input.height(),
                ActivationFunctionType.NONE));
        graph.operator(AVERAGE_POOL, options, new int[] {maps.get(node.input())}, addMap(node.name()));
    }

    private void addDepthToSpace(DepthToSpace node) {
        Options options = new Options(BuiltinOptions.DepthToSpaceOptions,
                DepthToSpaceOptions.createDepthToSpaceOptions(graph.builder(), node.block()));
        graph.operator(DEPTH_TO_SPACE, options, new int[] {maps.get(node.input())}, addMap(node.name()));
    }

    private static byte activation(Activation activation) {
        return activation == Activation.RELU ? ActivationFunctionType.RELU : ActivationFunctionType.NONE;
    }

    /** From [outer, channels, window] to [outer, window, channels]. */
    private static byte[] channelsLast(byte[] weights, int outer, int channels) {
        byte[] turned = new byte[weights.length];
        int window = weights.length / (outer * channels);
        for (int o = 0; o < outer; o++) {
            for (int c = 0; c < channels; c++) {
                for (int k = 0; k < window; k++) {
                    turned[(o * window + k) * channels + c] = weights[(o * channels + c) * window + k];
                }
            }
        }
        return turned;
    }
}
