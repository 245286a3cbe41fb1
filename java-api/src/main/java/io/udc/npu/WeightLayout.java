package io.udc.npu;

import io.udc.InputException;
import io.udc.bindings.Npu;
import java.util.Arrays;

/**
 * An operator's weights as the encoder must see them, after the rewrites that precede costing.
 *
 * @param kind what the operator has become: a 1x1 convolution of one pixel is fully connected
 * @param outChannels output channels
 * @param kernelHeight rows of the filter
 * @param kernelWidth columns of the filter, folded ones counted once
 * @param inChannels input channels that a filter reads; 1 if depthwise
 * @param dilation distance of the filter's taps
 * @param fold columns of the original filter that became channels; 1 if none
 * @param padLeft columns of zeros on the left of the original filter, before folding
 * @param padRight columns of zeros on its right
 */
public record WeightLayout(
        NpuOperator.Kind kind,
        int outChannels,
        int kernelHeight,
        int kernelWidth,
        int inChannels,
        int dilation,
        int fold,
        int padLeft,
        int padRight) {

    static WeightLayout of(Npu.udc_npu_rewritten_op rewritten) {
        Npu.udc_npu_op op = rewritten.op();
        NpuOperator.Kind kind = NpuOperator.Kind.values()[op.kind()];
        return new WeightLayout(
                kind,
                op.ofm().depth(),
                op.kernel_height(),
                op.kernel_width(),
                kind == NpuOperator.Kind.DEPTHWISE ? 1 : op.ifm().depth(),
                op.dilation_y(),
                rewritten.fold(),
                rewritten.fold_pad_left(),
                rewritten.fold_pad_right());
    }

    /** Number of weights, folding's zeros included. */
    public long count() {
        return (long) outChannels * kernelHeight * kernelWidth * inChannels;
    }

    /** Folds weights of the original filter, in the order output channel, row, column, input channel. */
    public byte[] fold(byte[] weights) {
        if (fold == 1) {
            return weights;
        }
        int originalWidth = kernelWidth * fold - padLeft - padRight;
        int originalIn = inChannels / fold;
        int rows = outChannels * kernelHeight;
        if (weights.length != rows * originalWidth * originalIn) {
            throw new IllegalArgumentException("found " + weights.length + " weights, expected "
                    + (long) rows * originalWidth * originalIn);
        }
        byte[] folded = new byte[Math.toIntExact(count())];
        // Column x, channel i becomes column x / fold, channel (x % fold) * originalIn + i: in memory, each row
        // only moves right by the padding.
        int row = originalWidth * originalIn;
        for (int r = 0; r < rows; r++) {
            System.arraycopy(weights, r * row, folded, (r * kernelWidth * fold + padLeft) * originalIn, row);
        }
        return folded;
    }

    /**
     * The original filter of folded weights.
     *
     * @throws InputException if a weight that folding padded is not zero
     */
    public byte[] unfold(byte[] folded) {
        if (fold == 1) {
            return folded;
        }
        int row = kernelWidth * inChannels;
        int originalIn = inChannels / fold;
        int begin = padLeft * originalIn;
        int length = row - (padLeft + padRight) * originalIn;
        int rows = outChannels * kernelHeight;
        byte[] weights = new byte[rows * length];
        for (int r = 0; r < rows; r++) {
            System.arraycopy(folded, r * row + begin, weights, r * length, length);
        }
        if (!Arrays.equals(fold(weights), folded)) {
            throw new InputException("folded weights: found values in the padding, expected zeros");
        }
        return weights;
    }
}
