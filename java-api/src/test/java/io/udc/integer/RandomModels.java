package io.udc.integer;

import io.udc.arch.Activation;
import io.udc.arch.Add;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.Convolution;
import io.udc.arch.Dense;
import io.udc.arch.DepthToSpace;
import io.udc.arch.Depthwise;
import io.udc.arch.GlobalAveragePool;
import io.udc.arch.Node;
import io.udc.arch.Shape;
import java.util.List;
import java.util.Random;

/** Small random networks that have every operator. */
public final class RandomModels {

    private RandomModels() {}

    /** A classifier: strided and depthwise windows, a residual, a pool and a dense layer. */
    public static IntegerModel classifier(Random random) {
        Compression bits = new Compression(2 + random.nextInt(7), 0.5);
        int width = 1 + random.nextInt(9);
        int kernel = 1 + 2 * random.nextInt(3);
        Shape input = new Shape(1 + random.nextInt(3), 4 + random.nextInt(9), 4 + random.nextInt(9));
        List<Node> nodes = List.of(
                new Convolution("stem", Architecture.INPUT, width, 3, 1 + random.nextInt(2), Activation.RELU, bits),
                new Depthwise("dw", "stem", kernel, 1, Activation.NONE, bits),
                new Convolution("pw", "dw", width, 1, 1, Activation.NONE, bits),
                new Add("sum", "stem", "pw", random.nextBoolean() ? Activation.RELU : Activation.NONE),
                new Convolution("down", "sum", 5, kernel, 2, Activation.RELU, bits),
                new GlobalAveragePool("pool", "down"),
                new Dense("classes", "pool", 4, Activation.NONE, bits));
        return withRandomIntegers(new Architecture("classifier", input, nodes), random);
    }

    /** An upscaler: depth-to-space and a residual of one channel. */
    public static IntegerModel upscaler(Random random) {
        Compression bits = new Compression(8, 0);
        List<Node> nodes = List.of(
                new Convolution("head", Architecture.INPUT, 8, 3, 1, Activation.RELU, bits),
                new Convolution("body", "head", 12, 3, 1, Activation.NONE, bits),
                new Add("long", "body", Architecture.INPUT, Activation.NONE),
                new DepthToSpace("shuffle", "long", 2));
        return withRandomIntegers(new Architecture("upscaler", new Shape(1, 5, 6), nodes), random);
    }

    /** An upscaler of luma with windows of several sizes and a short and a long residual. */
    public static IntegerModel lumaUpscaler(Random random, int scale) {
        Compression bits = new Compression(8, 0);
        List<Node> nodes = List.of(
                new Convolution("stem", Architecture.INPUT, 6, 5, 1, Activation.RELU, bits),
                new Depthwise("dw", "stem", 3, 1, Activation.RELU, bits),
                new Convolution("pw", "dw", 6, 1, 1, Activation.NONE, bits),
                new Add("short", "pw", "stem", Activation.RELU),
                new Convolution("head", "short", scale * scale, 5, 1, Activation.NONE, bits),
                new Add("long", "head", Architecture.INPUT, Activation.NONE),
                new DepthToSpace("shuffle", "long", scale));
        return withRandomIntegers(new Architecture("luma", new Shape(1, 5, 6), nodes), random);
    }

    public static IntegerModel withRandomIntegers(Architecture architecture, Random random) {
        return RandomIntegers.of(architecture, random);
    }
}
