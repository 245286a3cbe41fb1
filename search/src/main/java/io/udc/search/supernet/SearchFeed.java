package io.udc.search.supernet;

import io.udc.data.Batch;
import org.bytedeco.pytorch.Tensor;

/** Where a search's pictures come from and what the network is to do with them. */
public interface SearchFeed extends AutoCloseable {

    /** The batches from which the weights learn. */
    Iterable<Batch> weightBatches(int epoch);

    /** The batches from which the decisions learn: pictures that {@link #weightBatches} never has. */
    Iterable<Batch> decisionBatches(int pass);

    /** Number of weight batches in an epoch. */
    int weightSteps();

    /** How many decision batches go with a weight batch, so that an epoch sees all pictures about once. */
    double decisionStepsPerWeightStep();

    /** Number of pictures that an epoch of the weights sees. */
    int imagesPerEpoch();

    /** The network's input, float32 [N, C, H, W]. */
    Tensor input(Batch batch);

    /** The task's loss, a scalar. */
    Tensor loss(Tensor output, Batch batch);

    /** Share of the time, 0 to 1, that the search waited for pictures. */
    double waitShare();

    @Override
    void close();
}
