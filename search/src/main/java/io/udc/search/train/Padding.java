package io.udc.search.train;

import io.udc.arch.Shape;
import io.udc.arch.WeightShape;

/** The zeros around a window's input; see {@link io.udc.arch.Node} for the rule. */
record Padding(int top, int bottom, int left, int right) {

    static Padding same(Shape input, int stride, WeightShape window) {
        int rows = total(input.height(), stride, window.kernelHeight());
        int columns = total(input.width(), stride, window.kernelWidth());
        return new Padding(rows / 2, rows - rows / 2, columns / 2, columns - columns / 2);
    }

    /** Whether a convolution can do it by itself. */
    boolean symmetric() {
        return top == bottom && left == right;
    }

    /** From the last dimension to the first. */
    long[] asLibtorchWants() {
        return new long[] {left, right, top, bottom};
    }

    private static int total(int in, int stride, int kernel) {
        int out = (in + stride - 1) / stride;
        return Math.max((out - 1) * stride + kernel - in, 0);
    }
}
