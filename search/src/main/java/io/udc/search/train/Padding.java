package io.udc.search.train;

import io.udc.arch.Shape;
import io.udc.arch.WeightShape;

/** The zeros around a window's input; see {@link io.udc.arch.Node} for the rule. */
public record Padding(int top, int bottom, int left, int right) {

    static Padding same(Shape input, int stride, WeightShape window) {
        return same(input.height(), input.width(), stride, window.kernelHeight(), window.kernelWidth());
    }

    /** The padding of a map of so many rows and columns under a window. */
    public static Padding same(int height, int width, int stride, int windowHeight, int windowWidth) {
        int rows = total(height, stride, windowHeight);
        int columns = total(width, stride, windowWidth);
        return new Padding(rows / 2, rows - rows / 2, columns / 2, columns - columns / 2);
    }

    /** Whether a convolution can do it by itself. */
    public boolean symmetric() {
        return top == bottom && left == right;
    }

    /** From the last dimension to the first. */
    public long[] asLibtorchWants() {
        return new long[] {left, right, top, bottom};
    }

    private static int total(int in, int stride, int kernel) {
        int out = (in + stride - 1) / stride;
        return Math.max((out - 1) * stride + kernel - in, 0);
    }
}
