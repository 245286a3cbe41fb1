package io.udc.integer;

import io.udc.arch.Depthwise;
import io.udc.arch.Shape;
import io.udc.arch.WeightShape;
import io.udc.arch.WeightedNode;
import io.udc.memory.StepScope;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A convolution, depthwise convolution or dense layer. libtorch multiplies and adds whole numbers in floating
 * point, which is exact as long as no partial sum can leave the range in which every integer is representable:
 * 2^24 in float32, 2^53 in float64. The bound of the layer's weights decides which is used.
 */
final class ConvolutionOperator implements IntegerOperator {

    /** Elsewhere libtorch may pick transforms (Winograd) that are not exact in float32. */
    private static final boolean FLOAT_IS_DIRECT =
            List.of("amd64", "x86_64").contains(System.getProperty("os.arch").toLowerCase(Locale.ROOT));

    private final IntegerLayer layer;
    private final Shape input;
    private final Shape output;
    private final int stride;
    private final boolean depthwise;
    private final int inputZeroPoint;
    private final int outputZeroPoint;
    private final int least;
    private final Rounding rounding;
    private final boolean single;
    private final Tensor weights;

    ConvolutionOperator(
            WeightedNode node, IntegerLayer layer, Shape input, Quantization from, Quantization to, Rounding rounding) {
        this.layer = layer;
        this.input = input;
        this.output = node.outputShape(List.of(input));
        this.stride = node.stride();
        this.depthwise = node instanceof Depthwise;
        this.inputZeroPoint = from.zeroPoint();
        this.outputZeroPoint = to.zeroPoint();
        this.least = IntegerModel.leastValue(node.activation(), to);
        this.rounding = rounding;
        this.single = FLOAT_IS_DIRECT && layer.accumulatorBound(inputZeroPoint) < 1 << 24;
        this.weights = weightTensor();
    }

    @Override
    @SuppressWarnings("try")
    public byte[] run(byte[][] inputs, int pictures) {
        byte[] result = new byte[Math.toIntExact(pictures * output.elements())];
        try (StepScope step = StepScope.open()) {
            Tensor padded = paddedInput(inputs[0], pictures);
            long[] strides = {stride, stride};
            Tensor sums = torch.conv2d(
                            padded, weights, new TensorOptional(), strides, new long[] {0, 0}, new long[] {1, 1},
                            depthwise ? input.channels() : 1)
                    .contiguous();
            float[] accumulators = new float[single ? result.length : 0];
            double[] wideAccumulators = new double[single ? 0 : result.length];
            if (single) {
                new FloatPointer(sums.data_ptr()).get(accumulators);
            } else {
                new DoublePointer(sums.data_ptr()).get(wideAccumulators);
            }
            int plane = output.height() * output.width();
            IntStream.range(0, pictures * output.channels()).parallel().forEach(map -> {
                ChannelRecord channel = layer.channels().get(map % output.channels());
                for (int i = map * plane; i < (map + 1) * plane; i++) {
                    int sum = single ? (int) accumulators[i] : (int) wideAccumulators[i];
                    int value = channel.rescale().apply(sum + channel.bias(), rounding) + outputZeroPoint;
                    result[i] = (byte) Math.min(Math.max(value, least), Quantization.MAX);
                }
            });
        }
        return result;
    }

    /** The input less its zero point, in floating point, with the window's "same" padding around it. */
    private Tensor paddedInput(byte[] values, int pictures) {
        int height = padded(input.height(), output.height(), layer.shape().kernelHeight());
        int width = padded(input.width(), output.width(), layer.shape().kernelWidth());
        int top = (height - input.height()) / 2;
        int left = (width - input.width()) / 2;
        float[] real = new float[Math.multiplyExact(pictures * input.channels(), height * width)];
        IntStream.range(0, pictures * input.channels()).parallel().forEach(map -> {
            for (int y = 0; y < input.height(); y++) {
                int from = (map * input.height() + y) * input.width();
                int to = (map * height + y + top) * width + left;
                for (int x = 0; x < input.width(); x++) {
                    real[to + x] = values[from + x] - inputZeroPoint;
                }
            }
        });
        Tensor tensor = Tensor.create(real, pictures, input.channels(), height, width);
        return single ? tensor : tensor.to(torch.ScalarType.Double);
    }

    private int padded(int in, int out, int kernel) {
        return Math.max((out - 1) * stride + kernel, in);
    }

    private Tensor weightTensor() {
        WeightShape shape = layer.shape();
        float[] values = new float[layer.weights().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = layer.weights()[i];
        }
        try (StepScope step = StepScope.open()) {
            Tensor tensor = Tensor.create(values, shape.sizes());
            return step.keep(single ? tensor : tensor.to(torch.ScalarType.Double));
        }
    }

    @Override
    public void close() {
        weights.close();
    }
}
