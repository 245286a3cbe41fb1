package io.udc.npu;

/**
 * Weights, biases and scales of a layer that only exists to be measured, made from a seed.
 *
 * @param layout how the weights lie
 * @param values the weights: output channel, row, column, input channel
 * @param biases one an output channel
 * @param scales real factor of each output channel, from accumulator to output
 */
public record LayerWeights(WeightLayout layout, byte[] values, int[] biases, double[] scales) {

    private static final float INPUT_SCALE = 0.05f;
    private static final float OUTPUT_SCALE = 0.06f;
    private static final float DENSE_SCALE = 0.012f;

    /** Distributions of weights. */
    public enum Kind {
        /** Bell-shaped, 8 bits. */
        G8,
        /** Bell-shaped, 4 bits. */
        G4,
        /** Half of the weights are zero. */
        SP;

        /** The n-th weight of a layer. */
        byte weight(int n, int seed) {
            int h = n * 0x9E3779B1 + seed * 0x85EBCA77;
            h ^= h >>> 16;
            h *= 0x7FEB352D;
            h ^= h >>> 15;
            h *= 0x846CA68B;
            h ^= h >>> 16;
            int s = (h & 0xFF) + (h >>> 8 & 0xFF) + (h >>> 16 & 0xFF) + (h >>> 24) - 510;
            int value =
                    switch (this) {
                        case G8 -> Math.floorDiv(s, 4);
                        case G4 -> Math.floorDiv(s, 64);
                        case SP -> Math.abs(s) < 190 ? 0 : Math.floorDiv(s, 4);
                    };
            return (byte) Math.max(-127, Math.min(127, value));
        }
    }

    /**
     * Makes the weights of a layer.
     *
     * @param kind of the layer before it is rewritten: where its weights lie in its file depends on it
     * @param layout of the rewritten layer
     */
    static LayerWeights generate(NpuOperator.Kind kind, WeightLayout layout, Kind distribution, int seed) {
        int out = layout.outChannels();
        int originalWidth = layout.kernelWidth() * layout.fold() - layout.padLeft() - layout.padRight();
        int perChannel = layout.kernelHeight() * originalWidth * (layout.inChannels() / layout.fold());
        byte[] original = new byte[Math.multiplyExact(out, perChannel)];
        boolean depthwise = kind == NpuOperator.Kind.DEPTHWISE;
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < perChannel; i++) {
                // A depthwise filter is stored with its channels innermost.
                int n = depthwise ? i * out + o : o * perChannel + i;
                original[o * perChannel + i] = distribution.weight(n, seed);
            }
        }
        boolean dense = kind == NpuOperator.Kind.FULLY_CONNECTED;
        int[] biases = new int[out];
        double[] scales = new double[out];
        for (int o = 0; o < out; o++) {
            biases[o] = kind == NpuOperator.Kind.CONVOLUTION ? 37 * o - 100 : 0;
            scales[o] = dense
                    ? (double) (INPUT_SCALE * DENSE_SCALE) / OUTPUT_SCALE
                    : (double) INPUT_SCALE * (float) (0.01 + 0.0001 * o) / OUTPUT_SCALE;
        }
        return new LayerWeights(layout, layout.fold(original), biases, scales);
    }
}
