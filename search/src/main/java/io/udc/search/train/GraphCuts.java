package io.udc.search.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Places where libtorch's graph of a step is cut, because what lies between is computed by kernels, or by hand so that
 * whole maps are not copied, and functions of the graph cannot be written in Java. Behind a cut the graph starts anew
 * from a leaf; {@code loss.backward()} ends there, and {@link #backward} carries the gradients on, from the last cut to
 * the first. That is exact as long as no part of the graph between two cuts is reached from behind both: where
 * branches start, the graph has to be cut. A leaf itself may have any number of branches; its gradient is their sum.
 *
 * <p>Tensors belong to the scope that was open when they were made. Not thread-safe.
 */
public final class GraphCuts {

    private record Cut(Tensor leaf, Consumer<Tensor> backward) {}

    private final List<Cut> cuts = new ArrayList<>();
    private final boolean byHand;

    /** Cuts wherever that saves time. */
    public GraphCuts() {
        this(true);
    }

    /** @param byHand whether operators are to be computed outside the graph at all */
    public GraphCuts(boolean byHand) {
        this.byHand = byHand;
    }

    /** Whether an operator on this map is to be computed outside the graph: in float32 on the CPU. */
    public boolean isFor(Tensor map) {
        return byHand && map.is_cpu() && map.scalar_type().intern() == ScalarType.Float;
    }

    /** Forgets the cuts of an earlier step. */
    public void clear() {
        cuts.clear();
    }

    /** The same values as the start of another part of the graph; the tensor itself if it is one already. */
    public Tensor at(Tensor tensor) {
        return tensor.is_leaf() || !tensor.requires_grad()
                ? tensor
                : computed(tensor.detach(), gradient -> continueFrom(tensor, gradient));
    }

    /**
     * Makes what was computed outside the graph the start of another part of it.
     *
     * @param output has no gradient yet
     * @param backward is given the output's gradient, which it may overwrite, and takes it to where the output came
     *     from
     */
    public Tensor computed(Tensor output, Consumer<Tensor> backward) {
        output.set_requires_grad(true);
        cuts.add(new Cut(output, backward));
        return output;
    }

    /**
     * Goes on with a backward pass in front of a cut. Needs no gradient mode.
     *
     * @param gradient in memory that nothing else reads or writes: a leaf keeps it as its own
     */
    public static void continueFrom(Tensor output, Tensor gradient) {
        if (!output.is_leaf()) {
            output.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
            return;
        }
        Tensor sum = output.grad();
        if (sum.defined()) {
            sum.add_(gradient);
        } else {
            output.mutable_grad().put(gradient);
        }
    }

    /** Completes {@code loss.backward()}. Needs a scope that is open, and no gradient mode. */
    public void backward() {
        for (int i = cuts.size() - 1; i >= 0; i--) {
            Tensor gradient = cuts.get(i).leaf.grad();
            if (gradient.defined()) {
                cuts.get(i).backward.accept(gradient);
            }
        }
        cuts.clear();
    }
}
