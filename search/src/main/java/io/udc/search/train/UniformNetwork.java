package io.udc.search.train;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import java.util.function.DoubleFunction;
import java.util.function.ToLongFunction;

/**
 * The competitor of a found network: a family of networks with the same bits and sparsity in every layer, scaled in
 * width to just fit a budget of encoded bytes.
 *
 * @param architecture the widest network of the family that fits
 * @param encodedBytes its bytes by the given measure
 */
public record UniformNetwork(Architecture architecture, long encodedBytes) {

    private static final int STEPS = 24;

    /**
     * Finds the widest network that fits.
     *
     * @param family from width factor to network; wider ones must not be smaller
     * @param narrowest least width factor, above 0
     * @param widest greatest width factor
     * @param compression of every layer
     * @param encodedBytes measures a network, {@link EncodedSize#of} for instance
     * @param budgetBytes the most bytes that are allowed
     * @throws InputException if even the narrowest network is larger; the message says how large it is
     */
    public static UniformNetwork fit(
            DoubleFunction<Architecture> family,
            double narrowest,
            double widest,
            Compression compression,
            ToLongFunction<Architecture> encodedBytes,
            long budgetBytes) {
        UniformNetwork best = member(family, narrowest, compression, encodedBytes);
        if (best.encodedBytes > budgetBytes) {
            throw new InputException("budget: found " + budgetBytes + " bytes, expected at least "
                    + best.encodedBytes + ", the size of the narrowest uniform network with " + compression.bits()
                    + " bits and sparsity " + compression.sparsity());
        }
        UniformNetwork whole = member(family, widest, compression, encodedBytes);
        if (whole.encodedBytes <= budgetBytes) {
            return whole;
        }
        double below = narrowest;
        double above = widest;
        Architecture tooWide = whole.architecture;
        for (int step = 0; step < STEPS && !best.architecture.equals(tooWide); step++) {
            double middle = (below + above) / 2;
            Architecture between = uniform(family.apply(middle), compression);
            if (between.equals(best.architecture)) {
                below = middle;
                continue;
            }
            if (between.equals(tooWide)) {
                above = middle;
                continue;
            }
            long bytes = encodedBytes.applyAsLong(between);
            if (bytes <= budgetBytes) {
                below = middle;
                best = new UniformNetwork(between, bytes);
            } else {
                above = middle;
                tooWide = between;
            }
        }
        return best;
    }

    private static UniformNetwork member(
            DoubleFunction<Architecture> family,
            double width,
            Compression compression,
            ToLongFunction<Architecture> encodedBytes) {
        Architecture architecture = uniform(family.apply(width), compression);
        return new UniformNetwork(architecture, encodedBytes.applyAsLong(architecture));
    }

    private static Architecture uniform(Architecture architecture, Compression compression) {
        return architecture.mapWeighted(node -> node.withCompression(compression));
    }
}
