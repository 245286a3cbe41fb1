package io.udc.search.supernet;

import io.udc.data.Batch;
import org.bytedeco.pytorch.Tensor;

/**
 * Enqueues a pass operation by operation. On a device that has the batch already, nothing in it waits or copies from
 * the host: it could not be recorded otherwise.
 */
record DirectPass(Supernet supernet, SearchFeed feed) implements SupernetPass {

    @Override
    public Tensor run(Batch batch, Tensor probabilities) {
        Tensor loss = feed.loss(supernet.forward(feed.input(batch), probabilities), batch);
        loss.backward();
        supernet.backward(probabilities);
        return loss.detach();
    }

    @Override
    public void close() {}
}
