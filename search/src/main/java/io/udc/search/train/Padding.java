package io.udc.search.train;

import io.udc.arch.Shape;
import io.udc.arch.WeightShape;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

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

    /** A map [N, C, H, W] with its zeros around it, channels innermost in memory. */
    Tensor applyTo(Tensor map) {
        long height = map.size(2) + top + bottom;
        long width = map.size(3) + left + right;
        Tensor padded = torch.empty(map.size(0), height, width, map.size(1)).permute(0, 3, 1, 2);
        padded.narrow(2, 0, top).zero_();
        padded.narrow(2, height - bottom, bottom).zero_();
        padded.narrow(3, 0, left).zero_();
        padded.narrow(3, width - right, right).zero_();
        inside(padded).copy_(map);
        return padded;
    }

    /** A padded map without its zeros; a view. */
    Tensor inside(Tensor padded) {
        return padded.narrow(2, top, padded.size(2) - top - bottom).narrow(3, left, padded.size(3) - left - right);
    }

    private static int total(int in, int stride, int kernel) {
        int out = (in + stride - 1) / stride;
        return Math.max((out - 1) * stride + kernel - in, 0);
    }
}
