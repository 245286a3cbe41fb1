package io.udc.search.cost;

import io.udc.search.space.Choices;
import io.udc.search.space.SearchLayer;

/**
 * The options of one layer on which its cost depends.
 *
 * @param in option of the input width
 * @param out option of the output width; equal to {@code in} where one decision makes both
 * @param kernel option of the kernel extent
 * @param bits option of the weight bits
 * @param sparsity option of the sparsity
 */
public record LayerOptions(int in, int out, int kernel, int bits, int sparsity) {

    /** What these choices select for a layer. */
    public static LayerOptions of(SearchLayer layer, Choices choices) {
        return new LayerOptions(
                layer.in().optionIn(choices),
                layer.out().optionIn(choices),
                layer.kernel().optionIn(choices),
                choices.option(layer.bits()),
                choices.option(layer.sparsity()));
    }

    public int inChannels(SearchLayer layer) {
        return layer.in().options().get(in);
    }

    public int outChannels(SearchLayer layer) {
        return layer.out().options().get(out);
    }

    public int kernelExtent(SearchLayer layer) {
        return layer.kernel().options().get(kernel);
    }
}
