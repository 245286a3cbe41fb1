package io.udc.integer;

import io.udc.arch.Add;
import io.udc.arch.Architecture;
import io.udc.arch.DepthToSpace;
import io.udc.arch.Depthwise;
import io.udc.arch.GlobalAveragePool;
import io.udc.arch.Node;
import io.udc.arch.Shape;
import io.udc.arch.WeightedNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The integer network once more, one picture at a time in plain loops, written from TFLite's reference kernels
 * without using the classes under test but for their data.
 */
final class ScalarNetwork {

    private final IntegerModel model;

    ScalarNetwork(IntegerModel model) {
        this.model = model;
    }

    int[] run(byte[] pixels) {
        Map<String, Shape> shapes = model.architecture().shapes();
        Map<String, int[]> maps = new HashMap<>();
        int[] image = new int[pixels.length];
        for (int i = 0; i < image.length; i++) {
            image[i] = (pixels[i] & 0xFF) - 128;
        }
        maps.put(Architecture.INPUT, image);
        int layer = 0;
        for (Node node : model.architecture().nodes()) {
            int[] a = maps.get(node.inputs().get(0));
            Shape in = shapes.get(node.inputs().get(0));
            if (node instanceof WeightedNode weighted) {
                maps.put(node.name(), convolve(weighted, model.layers().get(layer++), a, in));
            } else if (node instanceof Add add) {
                maps.put(node.name(), add(add, a, maps.get(add.second()), in, shapes.get(add.second())));
            } else if (node instanceof GlobalAveragePool) {
                maps.put(node.name(), pool(a, in));
            } else {
                maps.put(node.name(), depthToSpace(a, in, ((DepthToSpace) node).block()));
            }
        }
        return maps.get(model.architecture().output().name());
    }

    private int[] convolve(WeightedNode node, IntegerLayer layer, int[] input, Shape in) {
        Shape out = node.outputShape(List.of(in));
        int kernel = layer.shape().kernelHeight();
        int perChannel = layer.shape().perChannel();
        int padY = Math.max((out.height() - 1) * node.stride() + kernel - in.height(), 0) / 2;
        int padX = Math.max((out.width() - 1) * node.stride() + kernel - in.width(), 0) / 2;
        int zeroPoint = model.quantization().get(node.input()).zeroPoint();
        Quantization to = model.quantization().get(node.name());
        int[] result = new int[(int) out.elements()];
        for (int o = 0; o < out.channels(); o++) {
            for (int y = 0; y < out.height(); y++) {
                for (int x = 0; x < out.width(); x++) {
                    int acc = layer.channels().get(o).bias();
                    for (int j = 0; j < perChannel; j++) {
                        int c = node instanceof Depthwise ? o : j / (kernel * kernel);
                        int iy = y * node.stride() - padY + j / kernel % kernel;
                        int ix = x * node.stride() - padX + j % kernel;
                        if (iy >= 0 && iy < in.height() && ix >= 0 && ix < in.width()) {
                            int value = input[(c * in.height() + iy) * in.width() + ix];
                            acc += (value - zeroPoint) * layer.weights()[o * perChannel + j];
                        }
                    }
                    Requantization rescale = layer.channels().get(o).rescale();
                    int scaled = multiply(acc, Math.scalb((double) rescale.multiplier(), -rescale.shift()));
                    result[(o * out.height() + y) * out.width() + x] = clamp(
                            scaled + to.zeroPoint(), IntegerModel.leastValue(node.activation(), to));
                }
            }
        }
        return result;
    }

    private int[] add(Add node, int[] a, int[] b, Shape shapeA, Shape shapeB) {
        Quantization qa = model.quantization().get(node.first());
        Quantization qb = model.quantization().get(node.second());
        Quantization to = model.quantization().get(node.name());
        double twice = 2 * Math.max(qa.scale(), qb.scale());
        int[] result = new int[a.length];
        int plane = shapeA.height() * shapeA.width();
        for (int i = 0; i < a.length; i++) {
            int other = shapeB.channels() == 1 ? b[i % plane] : b[i];
            int sum = multiply((a[i] - qa.zeroPoint()) << 20, qa.scale() / twice)
                    + multiply((other - qb.zeroPoint()) << 20, qb.scale() / twice);
            result[i] = clamp(
                    multiply(sum, twice / (1 << 20) / to.scale()) + to.zeroPoint(),
                    IntegerModel.leastValue(node.activation(), to));
        }
        return result;
    }

    private static int[] pool(int[] a, Shape in) {
        int count = in.height() * in.width();
        int[] result = new int[in.channels()];
        for (int c = 0; c < result.length; c++) {
            int sum = 0;
            for (int i = 0; i < count; i++) {
                sum += a[c * count + i];
            }
            result[c] = sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
        }
        return result;
    }

    private static int[] depthToSpace(int[] a, Shape in, int block) {
        int channels = in.channels() / (block * block);
        int[] result = new int[a.length];
        for (int i = 0; i < a.length; i++) {
            int x = i % in.width();
            int y = i / in.width() % in.height();
            int c = i / in.width() / in.height();
            int dy = c / channels / block;
            int dx = c / channels % block;
            int row = (c % channels * in.height() * block) + y * block + dy;
            result[row * in.width() * block + x * block + dx] = a[i];
        }
        return result;
    }

    /** QuantizeMultiplier and MultiplyByQuantizedMultiplier of TFLite. */
    static int multiply(int x, double real) {
        if (real == 0) {
            return 0;
        }
        int shift = Math.getExponent(real) + 1;
        long fixed = Math.round(real / Math.pow(2, shift) * (1L << 31));
        if (fixed == 1L << 31) {
            fixed /= 2;
            shift++;
        }
        if (shift < -31) {
            return 0;
        }
        long product = (long) (x * (1 << Math.max(shift, 0))) * fixed;
        long nudge = product >= 0 ? 1L << 30 : 1 - (1L << 30);
        int high = (int) ((product + nudge) / (1L << 31));
        int right = Math.max(-shift, 0);
        int mask = (int) ((1L << right) - 1);
        int remainder = high & mask;
        int threshold = (mask >> 1) + (high < 0 ? 1 : 0);
        return (high >> right) + (remainder > threshold ? 1 : 0);
    }

    private static int clamp(int value, int least) {
        return Math.min(Math.max(value, least), 127);
    }
}
