package io.udc.search.space;

import io.udc.arch.Add;
import io.udc.arch.Architecture;
import io.udc.arch.Convolution;
import io.udc.arch.DepthToSpace;
import io.udc.arch.Node;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleFunction;

/** Networks of one shape and many widths: what a uniform network is scaled in. */
public final class WidthFamily {

    /** Widths are multiples of this, finer than the search's own, so that a budget can be used up. */
    private static final int MULTIPLE = 4;

    private WidthFamily() {}

    /**
     * Scales every convolution but those that make the network's output. Equal widths stay equal, so residual sums
     * still fit.
     *
     * @param widest the network of width factor 1
     */
    public static DoubleFunction<Architecture> of(Architecture widest) {
        return factor -> scaled(widest, factor);
    }

    private static Architecture scaled(Architecture widest, double factor) {
        Set<String> outputs = outputLayers(widest);
        List<Node> nodes = new ArrayList<>();
        for (Node node : widest.nodes()) {
            nodes.add(node instanceof Convolution c && !outputs.contains(c.name()) ? scaled(c, factor) : node);
        }
        Architecture narrowed = new Architecture(widest.name(), widest.input(), nodes);
        if (channels(narrowed) != channels(widest)) {
            throw new IllegalArgumentException(widest.name() + ": its output width depends on a scaled layer");
        }
        return narrowed;
    }

    private static int channels(Architecture architecture) {
        return architecture.shapes().get(architecture.output().name()).channels();
    }

    /** The nodes whose channels are the output's, behind sums and a depth to space. */
    private static Set<String> outputLayers(Architecture architecture) {
        Set<String> outputs = new HashSet<>(Set.of(architecture.output().name()));
        List<Node> nodes = architecture.nodes();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            if (outputs.contains(node.name()) && (node instanceof DepthToSpace || node instanceof Add)) {
                outputs.addAll(node.inputs());
            }
        }
        return outputs;
    }

    private static Convolution scaled(Convolution c, double factor) {
        int width = Math.max(MULTIPLE, (int) Math.round(c.outChannels() * factor / MULTIPLE) * MULTIPLE);
        return new Convolution(c.name(), c.input(), width, c.kernel(), c.stride(), c.activation(), c.compression());
    }
}
