package io.udc.search.space;

import io.udc.arch.Architecture;
import io.udc.arch.Convolution;
import io.udc.arch.Node;
import java.util.ArrayList;
import java.util.List;
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
        int outputs = widest.shapes().get(widest.output().name()).channels();
        List<Node> nodes = new ArrayList<>();
        for (Node node : widest.nodes()) {
            boolean isLast = node == widest.output();
            nodes.add(!isLast && node instanceof Convolution c ? scaled(c, factor) : node);
        }
        Architecture narrowed = new Architecture(widest.name(), widest.input(), nodes);
        if (narrowed.shapes().get(narrowed.output().name()).channels() != outputs) {
            throw new IllegalArgumentException(widest.name() + ": its output width depends on a scaled layer");
        }
        return narrowed;
    }

    private static Convolution scaled(Convolution c, double factor) {
        int width = Math.max(MULTIPLE, (int) Math.round(c.outChannels() * factor / MULTIPLE) * MULTIPLE);
        return new Convolution(c.name(), c.input(), width, c.kernel(), c.stride(), c.activation(), c.compression());
    }
}
