package io.udc.search.space;

import io.udc.arch.Activation;
import io.udc.arch.Add;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.Convolution;
import io.udc.arch.Dense;
import io.udc.arch.Depthwise;
import io.udc.arch.DepthToSpace;
import io.udc.arch.GlobalAveragePool;
import io.udc.arch.Node;
import io.udc.search.space.SearchBlock.SearchOperator;
import java.util.ArrayList;
import java.util.List;

/** Writes the network that a set of choices selects from a space. */
final class ArchitectureWriter {

    private final SpaceGraph graph;
    private final Choices choices;
    private final List<Node> nodes = new ArrayList<>();

    ArchitectureWriter(SpaceGraph graph, Choices choices) {
        this.graph = graph;
        this.choices = choices;
    }

    Architecture write() {
        String trunk = convolve(graph.stem(), Architecture.INPUT, Activation.RELU);
        for (SearchBlock block : graph.blocks()) {
            trunk = block(block, trunk);
        }
        if (graph.head() instanceof Head.Classifier) {
            nodes.add(new GlobalAveragePool("pool", trunk));
            SearchLayer last = graph.last();
            nodes.add(new Dense(last.name(), "pool", last.out().in(choices), Activation.NONE, compression(last)));
        } else if (graph.head() instanceof Head.Upscaler upscaler) {
            String residual = convolve(graph.last(), trunk, Activation.NONE);
            nodes.add(new Add("sum", residual, Architecture.INPUT, Activation.NONE));
            nodes.add(new DepthToSpace("shuffle", "sum", upscaler.scale()));
        }
        return new Architecture(graph.space().name(), graph.input(), nodes);
    }

    private String block(SearchBlock block, String trunk) {
        if (block.depth() != Extent.FIXED && choices.option(block.depth()) == Decision.SKIP) {
            return trunk;
        }
        SearchOperator operator =
                block.operators().get(block.operator() == Extent.FIXED ? 0 : choices.option(block.operator()));
        String map = trunk;
        for (int i = 0; i < operator.layers().size(); i++) {
            boolean ends = i == operator.layers().size() - 1;
            boolean linear = ends ? block.residual() : operator.kind().isLinear();
            map = convolve(operator.layers().get(i), map, linear ? Activation.NONE : Activation.RELU);
        }
        if (!block.residual()) {
            return map;
        }
        nodes.add(new Add(block.sumName(), map, trunk, Activation.RELU));
        return block.sumName();
    }

    private String convolve(SearchLayer layer, String from, Activation activation) {
        int kernel = layer.kernel().in(choices);
        nodes.add(switch (layer.type()) {
            case DEPTHWISE ->
                new Depthwise(layer.name(), from, kernel, layer.stride(), activation, compression(layer));
            case CONVOLUTION -> new Convolution(layer.name(), from, layer.out().in(choices), kernel, layer.stride(),
                    activation, compression(layer));
            case DENSE ->
                new Dense(layer.name(), from, layer.out().in(choices), activation, compression(layer));
        });
        return layer.name();
    }

    private Compression compression(SearchLayer layer) {
        return new Compression(
                graph.space().weightBits().get(choices.option(layer.bits())),
                graph.space().sparsities().get(choices.option(layer.sparsity())));
    }
}
