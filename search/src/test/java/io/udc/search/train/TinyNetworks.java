package io.udc.search.train;

import io.udc.arch.Activation;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.Convolution;
import io.udc.arch.Dense;
import io.udc.arch.GlobalAveragePool;
import java.util.List;

/** A family of networks by width. */
final class TinyNetworks {

    private TinyNetworks() {}

    static Architecture wide(int channels) {
        Compression eight = new Compression(8, 0);
        return new Architecture("wide", TinyData.SHAPE, List.of(
                new Convolution("a", Architecture.INPUT, 8, 3, 1, Activation.RELU, eight),
                new Convolution("b", "a", channels, 3, 1, Activation.RELU, eight),
                new Convolution("c", "b", channels, 3, 2, Activation.RELU, eight),
                new GlobalAveragePool("pool", "c"),
                new Dense("d", "pool", 4, Activation.NONE, eight)));
    }
}
