package io.udc.search.supernet;

import io.udc.data.Augmentation;
import io.udc.data.Batch;
import io.udc.data.BatchLoader;
import io.udc.data.ClassificationData;
import io.udc.data.DatasetSplit;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Classifier training on a data set whose training pictures are split between weights and decisions. */
public final class ClassificationFeed implements SearchFeed {

    private final ClassificationData data;
    private final int batchSize;
    private final BatchLoader weights;
    private final BatchLoader decisions;

    /**
     * @param decisionShare share of each class's training pictures that only the decisions see
     */
    public ClassificationFeed(
            ClassificationData data, int batchSize, double decisionShare, Augmentation augmentation, long seed) {
        this.data = data;
        this.batchSize = batchSize;
        int[][] split = DatasetSplit.split(data.train(), decisionShare, seed);
        this.weights = loader(split[0], augmentation, seed);
        this.decisions = loader(split[1], augmentation, seed + 1);
    }

    private BatchLoader loader(int[] indices, Augmentation augmentation, long seed) {
        int size = Math.min(batchSize, indices.length);
        return BatchLoader.builder(data.train())
                .setBatchSize(size)
                .optIndices(indices)
                .optAugmentation(augmentation)
                .optSeed(seed)
                .optShuffle(true)
                .optDropLast(true)
                .build();
    }

    @Override
    public Iterable<Batch> weightBatches(int epoch) {
        return weights.epoch(epoch);
    }

    @Override
    public Iterable<Batch> decisionBatches(int pass) {
        return decisions.epoch(pass);
    }

    @Override
    public int weightSteps() {
        return weights.batches();
    }

    @Override
    public double decisionStepsPerWeightStep() {
        return (double) decisions.batches() / weights.batches();
    }

    @Override
    public int imagesPerEpoch() {
        return (weights.batches() + decisions.batches()) * batchSize;
    }

    @Override
    public Tensor input(Batch batch) {
        // oneDNN and cuDNN convolve fastest with channels innermost; the layers' outputs follow their input.
        return data.normalization().toFloat(batch.images()).contiguous(torch.MemoryFormat.ChannelsLast);
    }

    @Override
    public Tensor loss(Tensor output, Batch batch) {
        return torch.cross_entropy_loss(output, batch.labels());
    }

    @Override
    public double waitShare() {
        return (weights.waitShare() + decisions.waitShare()) / 2;
    }

    @Override
    public void close() {
        weights.close();
        decisions.close();
    }
}
