package io.udc.tflite;

import io.udc.npu.Hwc;
import io.udc.npu.NpuOperator;
import io.udc.npu.NpuOperator.Kind;
import io.udc.npu.NpuOperator.Traits;
import io.udc.npu.NpuOperator.Window;

/**
 * An 8-bit softmax as the NPU computes it: the exponential of the distance from the greatest value by a table, their
 * sum, and the sum's reciprocal by three steps of Newton and Raphson, in 31 operators as Vela has them.
 */
final class SoftmaxExpansion {

    /** 256 exponentials of 32 bits. */
    private static final int TABLE_BYTES = 1024;

    private static final int NEWTON_STEPS = 3;
    private static final Traits WIDE = Traits.bits(32, 32);
    private static final Hwc SCALAR = new Hwc(1, 1, 1);

    private final NpuGraph graph;
    private final String name;
    private final Hwc map;
    private final Hwc single;
    private int count;

    /** Of a softmax over the channels of a map. */
    SoftmaxExpansion(NpuGraph graph, String name, Hwc map) {
        this.graph = graph;
        this.name = name;
        this.map = map;
        this.single = new Hwc(map.height(), map.width(), 1);
    }

    /** The operator that finds the greatest channel: a pool over a map whose columns are the channels. */
    NpuOperator greatest() {
        Hwc rows = new Hwc(map.height() * map.width(), map.depth(), 1);
        return NpuOperator.windowed(Kind.MAX_POOL, rows, 0, new Window(1, map.depth(), 1, 1, 1, false), false);
    }

    /** Adds the operators. */
    void add(int input, int output) {
        int greatest = unary("maxpool", greatest(), input);
        int exponential = binary("sub", Kind.SUBTRACT, map, Traits.bits(8, 32).withTable(TABLE_BYTES), input, greatest);
        int rescaled = scalar("shr", Kind.SHIFT_RIGHT, map, exponential);
        int sum = unary("reduce_sum",
                NpuOperator.windowed(Kind.REDUCE_SUM, map, 0, Window.NONE, false).withTraits(WIDE), rescaled);
        int zeros = unary("clz", NpuOperator.unary(Kind.COUNT_LEADING_ZEROS, single).withTraits(WIDE), sum);
        int shift = scalar("sub", Kind.SUBTRACT, single, zeros);
        int headroom = scalar("sub", Kind.SUBTRACT, single, zeros);
        int scale = reciprocal(binary("shl", Kind.SHIFT_LEFT, single, WIDE, sum, headroom));
        int scaled = binary("mul", Kind.MULTIPLY, map, WIDE, exponential, scale);
        binaryTo(output, "shr", Kind.SHIFT_RIGHT, map, Traits.bits(32, 8), scaled, shift);
    }

    /** The reciprocal of a sum that was shifted to the range from 1 to 2. */
    private int reciprocal(int shifted) {
        int fraction = scalar("shl", Kind.SHIFT_LEFT, single, scalar("sub", Kind.SUBTRACT, single, shifted));
        int half = scalar("add", Kind.ADD, single, fraction);
        int x = scalar("add", Kind.ADD, single, scalar("mul", Kind.MULTIPLY, single, half));
        for (int i = 0; i < NEWTON_STEPS; i++) {
            int product = binary("mul", Kind.MULTIPLY, single, WIDE, x, half);
            int error = scalar("sub", Kind.SUBTRACT, single, product);
            int correction = binary("mul", Kind.MULTIPLY, single, WIDE, x, error);
            int rescaled = scalar("mul", Kind.MULTIPLY, single, correction);
            x = binary("add", Kind.ADD, single, WIDE, x, rescaled);
        }
        return scalar("mul", Kind.MULTIPLY, single, x);
    }

    private int unary(String what, NpuOperator operator, int input) {
        int output = graph.newTensor();
        graph.add(next(what), operator, input, output);
        return output;
    }

    /** An operator whose second input is a constant. */
    private int scalar(String what, Kind kind, Hwc shape, int input) {
        return unary(what, NpuOperator.binary(kind, shape, SCALAR, false).withTraits(WIDE.withScalar()), input);
    }

    private int binary(String what, Kind kind, Hwc shape, Traits traits, int input, int second) {
        int output = graph.newTensor();
        binaryTo(output, what, kind, shape, traits, input, second);
        return output;
    }

    /** An operator on two maps, of which the second has one channel. */
    private void binaryTo(int output, String what, Kind kind, Hwc shape, Traits traits, int input, int second) {
        graph.add(next(what), NpuOperator.binary(kind, shape, single, false).withTraits(traits), input, second, output);
    }

    private String next(String what) {
        return name + "_" + what + count++;
    }
}
