package io.udc.tflite;

import io.udc.integer.Quantization;
import io.udc.tflite.TfliteGraph.OperatorKind;
import io.udc.tflite.TfliteGraph.Options;
import java.util.Arrays;
import org.tensorflow.lite.schema.ActivationFunctionType;
import org.tensorflow.lite.schema.AddOptions;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.BuiltinOptions;
import org.tensorflow.lite.schema.Conv2DOptions;
import org.tensorflow.lite.schema.FullyConnectedOptions;
import org.tensorflow.lite.schema.Padding;
import org.tensorflow.lite.schema.Pool2DOptions;
import org.tensorflow.lite.schema.TensorType;

/** A TFLite file with the operators that exports do not have. */
final class SampleFiles {

    private static final Quantization SCALE = new Quantization(0.1f, 3);

    private final TfliteGraph graph = new TfliteGraph();

    private SampleFiles() {}

    /**
     * Pad, valid convolution, ReLU, max pool, sum with a constant, sigmoid, concatenation, mean, dense layer,
     * softmax.
     */
    static byte[] mixed() {
        return new SampleFiles().build();
    }

    private byte[] build() {
        int image = map("image", 1, 9, 9, 3);
        int padded = map("padded", 1, 11, 11, 3);
        add(BuiltinOperator.PAD, Options.NONE, padded, image, graph.integers("pads", 0, 0, 1, 1, 1, 1, 0, 0));
        int conv = map("conv", 1, 9, 9, 8);
        int conv2 = map("conv2", 1, 9, 9, 8);
        add(BuiltinOperator.CONV_2D, convolution(), conv, padded, filter("weights", 8, 3, 3, 3), biases("bias", 8));
        int relu = map("relu", 1, 9, 9, 8);
        add(BuiltinOperator.RELU, Options.NONE, relu, conv);
        add(BuiltinOperator.CONV_2D, convolution(), conv2, relu, filter("weights2", 8, 1, 1, 8), biases("bias2", 8));
        int pooled = map("pooled", 1, 4, 4, 8);
        add(BuiltinOperator.MAX_POOL_2D, pool(), pooled, conv2);
        int moved = map("moved", 1, 4, 4, 8);
        Options none = new Options(BuiltinOptions.AddOptions,
                AddOptions.createAddOptions(graph.builder(), ActivationFunctionType.NONE));
        int one = graph.channelConstant("one", new int[] {1}, TensorType.INT8, new byte[] {9}, new float[] {1}, 0);
        add(BuiltinOperator.ADD, none, moved, pooled, one);
        int bent = map("bent", 1, 4, 4, 8);
        add(BuiltinOperator.LOGISTIC, Options.NONE, bent, moved);
        int joined = map("joined", 1, 4, 4, 16);
        add(BuiltinOperator.CONCATENATION, Options.NONE, joined, pooled, bent);
        int mean = map("mean", 1, 16);
        add(BuiltinOperator.MEAN, Options.NONE, mean, joined, graph.integers("axes", 1, 2));
        int dense = map("dense", 1, 5);
        Options full = new Options(BuiltinOptions.FullyConnectedOptions,
                FullyConnectedOptions.createFullyConnectedOptions(
                        graph.builder(), ActivationFunctionType.NONE, (byte) 0, false, false));
        add(BuiltinOperator.FULLY_CONNECTED, full, dense, mean, filter("weights3", 5, 16), biases("bias3", 5));
        int classes = map("classes", 1, 5);
        add(BuiltinOperator.SOFTMAX, Options.NONE, classes, dense);
        return graph.finish("mixed", "sample", image, classes);
    }

    private int map(String name, int... shape) {
        return graph.featureMap(name, shape, SCALE);
    }

    private Options convolution() {
        return new Options(BuiltinOptions.Conv2DOptions, Conv2DOptions.createConv2DOptions(
                graph.builder(), Padding.VALID, 1, 1, ActivationFunctionType.NONE, 1, 1));
    }

    private Options pool() {
        return new Options(BuiltinOptions.Pool2DOptions, Pool2DOptions.createPool2DOptions(
                graph.builder(), Padding.VALID, 2, 2, 2, 2, ActivationFunctionType.NONE));
    }

    private int filter(String name, int... shape) {
        byte[] data = new byte[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i * 37);
        }
        float[] scales = new float[shape[0]];
        Arrays.fill(scales, 0.01f);
        return graph.channelConstant(name, shape, TensorType.INT8, data, scales, 0);
    }

    private int biases(String name, int count) {
        float[] scales = new float[count];
        Arrays.fill(scales, 0.001f);
        return graph.channelConstant(
                name, new int[] {count}, TensorType.INT32, new byte[4 * count], scales, 0);
    }

    private void add(byte code, Options options, int output, int... inputs) {
        graph.operator(new OperatorKind(code, 1), options, inputs, output);
    }
}
