package io.udc.arch;

/**
 * How a layer's weights are compressed.
 *
 * @param bits weight bit width, 2 to 8: values lie in [-(2^(bits-1)-1), 2^(bits-1)-1]
 * @param sparsity share of the weights that is exactly zero by pruning, 0 to below 1
 */
public record Compression(int bits, double sparsity) {

    public Compression {
        if (bits < 2 || bits > 8) {
            throw new IllegalArgumentException("bits: found " + bits + ", expected 2 to 8");
        }
        if (!(sparsity >= 0 && sparsity < 1)) {
            throw new IllegalArgumentException("sparsity: found " + sparsity + ", expected 0 to below 1");
        }
    }

    /** The greatest quantized magnitude, 2^(bits-1)-1. */
    public int maxLevel() {
        return (1 << (bits - 1)) - 1;
    }
}
