package io.udc.search.supernet;

import io.udc.data.Batch;
import io.udc.data.Examples;
import io.udc.data.Normalization;
import io.udc.device.Device;
import io.udc.device.Devices;
import java.util.function.BinaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Where a search's pictures come from and what the network is to do with them. One consumer; not thread-safe. */
public final class SearchFeed implements AutoCloseable {

    private final Examples weights;
    private final Examples decisions;
    private final int batchSize;
    private final Normalization normalization;
    private final BinaryOperator<Tensor> loss;
    private final Device device;

    /**
     * @param weights what the weights learn from; closed with the feed
     * @param decisions what the decisions learn from: pictures that the weights never see; closed with the feed
     * @param batchSize pictures of a batch
     * @param loss from the network's output and the batch's targets to a scalar
     * @param device to which batches are brought
     */
    public SearchFeed(
            Examples weights,
            Examples decisions,
            int batchSize,
            Normalization normalization,
            BinaryOperator<Tensor> loss,
            Device device) {
        this.weights = weights;
        this.decisions = decisions;
        this.batchSize = batchSize;
        this.normalization = normalization;
        this.loss = loss;
        this.device = device;
    }

    /** The batches from which the weights learn. */
    Iterable<Batch> weightBatches(int epoch) {
        return weights.epoch(epoch);
    }

    /** The batches from which the decisions learn. */
    Iterable<Batch> decisionBatches(int pass) {
        return decisions.epoch(pass);
    }

    /** Number of weight batches in an epoch. */
    int weightSteps() {
        return weights.batches();
    }

    /** How many decision batches go with a weight batch, so that an epoch sees all pictures about once. */
    public double decisionStepsPerWeightStep() {
        return (double) decisions.batches() / weights.batches();
    }

    /** Number of pictures that an epoch of weights and decisions sees. */
    int imagesPerEpoch() {
        return (weights.batches() + decisions.batches()) * batchSize;
    }

    /** The network's input on the device, float32 [N, C, H, W]. */
    Tensor input(Batch batch) {
        // oneDNN and cuDNN convolve fastest with channels innermost; the layers' outputs follow their input.
        return normalization.toFloat(Devices.place(batch.images(), device)).contiguous(torch.MemoryFormat.ChannelsLast);
    }

    /** The task's loss, a scalar. */
    Tensor loss(Tensor output, Batch batch) {
        return loss.apply(output, Devices.place(batch.targets(), device));
    }

    /** Share of the time, 0 to 1, that the search waited for pictures. */
    public double waitShare() {
        return weights.waitShare() + decisions.waitShare(); // of the same time, as both are read in turns
    }

    @Override
    public void close() {
        weights.close();
        decisions.close();
    }
}
