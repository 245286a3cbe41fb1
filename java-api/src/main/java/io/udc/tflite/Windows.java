package io.udc.tflite;

import io.udc.npu.Hwc;
import io.udc.npu.NpuOperator.Window;

/** The outputs of windows as TFLite computes their shapes. */
final class Windows {

    private Windows() {}

    /**
     * Checks that a file's output shape is that of its window.
     *
     * @param input the map that the window moves over, padded by operators before it
     * @throws NotCovered if it is not, or the window makes no sense
     */
    static void check(Window window, Hwc input, int outChannels, Hwc output) {
        if (window.strideY() < 1 || window.strideX() < 1 || window.dilation() < 1
                || window.kernelHeight() < 1 || window.kernelWidth() < 1) {
            throw new NotCovered("its window is empty");
        }
        int rows = extent(window.same(), input.height(), window.kernelHeight(), window.strideY(), window.dilation());
        int columns = extent(window.same(), input.width(), window.kernelWidth(), window.strideX(), window.dilation());
        if (!output.equals(new Hwc(rows, columns, outChannels))) {
            throw new NotCovered("its output is " + output.toList() + ", expected "
                    + new Hwc(rows, columns, outChannels).toList());
        }
    }

    private static int extent(boolean same, int input, int kernel, int stride, int dilation) {
        long span = same ? input : input - (kernel - 1L) * dilation;
        return (int) Math.max(0, (span + stride - 1) / stride);
    }
}
