package io.udc.arch;

/**
 * The shape of a layer's weight tensor in memory order, as libtorch lays it out: [outChannels, inChannels,
 * kernelHeight, kernelWidth]. A depthwise layer has inChannels = 1; a dense layer has a 1x1 kernel.
 */
public record WeightShape(int outChannels, int inChannels, int kernelHeight, int kernelWidth) {

    /** Number of weights of the layer. */
    public long count() {
        return (long) outChannels * perChannel();
    }

    /** Number of weights that feed one output channel. */
    public int perChannel() {
        return inChannels * kernelHeight * kernelWidth;
    }

    /** The sizes as libtorch wants them. */
    public long[] sizes() {
        return new long[] {outChannels, inChannels, kernelHeight, kernelWidth};
    }
}
