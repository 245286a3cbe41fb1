package io.udc.search.supernet;

import io.udc.data.Batch;
import org.bytedeco.pytorch.Tensor;

/**
 * The part of a step that is the same in every step: the supernet over a batch, the task's loss, and the way back.
 * Noise and the optimiser's step, which depend on numbers of the host, are not in it.
 */
interface SupernetPass extends AutoCloseable {

    /**
     * Passes over a batch forward and backward; the gradients of what the supernet learns are with it then.
     *
     * @param probabilities a leaf [decisions, options]; has its gradient afterwards if it requires one
     * @return the loss, a number on the device without a graph, good until the next pass
     */
    Tensor run(Batch batch, Tensor probabilities);

    @Override
    void close();
}
