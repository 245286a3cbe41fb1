package io.udc.search.space;

import io.udc.arch.Shape;
import io.udc.arch.WeightShape;

/**
 * One weight tensor of the supernet, as large as its largest option; the smaller options are its first channels and
 * the middle of its kernel.
 *
 * @param index position among the space's layers
 * @param name unique; the node of a found network that comes from this layer has the same name
 * @param type what it computes
 * @param in input channels
 * @param out output channels; the same extent as {@code in} for depthwise layers
 * @param kernel kernel extent
 * @param stride 1 or 2
 * @param inputHeight rows of the input map
 * @param inputWidth columns of the input map
 * @param bits index of the decision on weight bits
 * @param sparsity index of the decision on sparsity
 * @param depth index of the decision that may leave this layer out, or {@link Extent#FIXED}
 * @param operator index of the operator decision, or {@link Extent#FIXED}
 * @param operatorOption the option of that decision for which this layer is used
 */
public record SearchLayer(
        int index,
        String name,
        Type type,
        Extent in,
        Extent out,
        Extent kernel,
        int stride,
        int inputHeight,
        int inputWidth,
        int bits,
        int sparsity,
        int depth,
        int operator,
        int operatorOption) {

    /** What a layer computes. */
    public enum Type {
        CONVOLUTION,
        DEPTHWISE,
        DENSE
    }

    /** Shape of the shared weights. */
    public WeightShape widest() {
        return shape(in.largest(), out.largest(), kernel.largest());
    }

    /** Shape of the weights for given extents. */
    public WeightShape shape(int inChannels, int outChannels, int kernelExtent) {
        return new WeightShape(outChannels, type == Type.DEPTHWISE ? 1 : inChannels, kernelExtent, kernelExtent);
    }

    /** Shape of the weights that these choices select. */
    public WeightShape shape(Choices choices) {
        return shape(in.in(choices), out.in(choices), kernel.in(choices));
    }

    /** Shape of the output map when it has this many channels. */
    public Shape outputShape(int channels) {
        return new Shape(channels, (inputHeight + stride - 1) / stride, (inputWidth + stride - 1) / stride);
    }

    /** Whether the network of these choices has this layer. */
    public boolean isUsed(Choices choices) {
        boolean kept = depth == Extent.FIXED || choices.option(depth) == Decision.KEEP;
        return kept && (operator == Extent.FIXED || choices.option(operator) == operatorOption);
    }
}
