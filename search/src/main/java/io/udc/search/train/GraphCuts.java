package io.udc.search.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;

/**
 * Places where libtorch's graph of a step is cut, because what lies between is computed by kernels, and functions of
 * the graph cannot be written in Java. Behind a cut the graph starts anew from a leaf; {@code loss.backward()} ends
 * there, and {@link #backward} carries the gradients on, from the last cut to the first. That is exact as long as no
 * part of the graph between two cuts is reached from behind both: where branches start, the graph has to be cut.
 *
 * <p>Tensors belong to the scope that was open when they were made. Not thread-safe.
 */
public final class GraphCuts {

    private record Cut(Tensor leaf, Consumer<Tensor> backward) {}

    private final List<Cut> cuts = new ArrayList<>();

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
     * @param backward is given the output's gradient, and takes it to where the output came from
     */
    public Tensor computed(Tensor output, Consumer<Tensor> backward) {
        output.set_requires_grad(true);
        cuts.add(new Cut(output, backward));
        return output;
    }

    /** Goes on with a backward pass in front of a cut. */
    public static void continueFrom(Tensor output, Tensor gradient) {
        output.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
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
