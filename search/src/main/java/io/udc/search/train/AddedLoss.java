package io.udc.search.train;

import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.WeightedNode;
import io.udc.data.Batch;
import io.udc.data.Examples;
import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.kernels.MagnitudePruner;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.Cancellation;
import io.udc.search.train.TrainableNetwork.Layer;
import io.udc.search.train.TrainableNetwork.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/**
 * What the compression of one layer alone adds to the loss of a float network, on some training examples that stay the
 * same: the layer is pruned by magnitude and quantized with steps of least squared error, and not trained behind that.
 * Batch norms look at the batch, as they will adapt. Holds native memory until it is closed. Not thread-safe.
 */
public final class AddedLoss implements AutoCloseable {

    private static final int EXAMPLES = 256;

    /** The network's input and the targets, on the device. */
    private record Fixed(Tensor input, Tensor targets) {}

    private final TrainableNetwork network;
    private final Objective objective;
    private final Cancellation cancellation;
    private final List<Fixed> batches = new ArrayList<>();
    private final double uncompressed;

    /**
     * @param recipe gives the examples and the loss
     * @param parameters of the trained float network
     */
    public AddedLoss(
            TrainingTask task,
            TrainingConfig recipe,
            Architecture architecture,
            NetworkParameters parameters,
            long seed,
            Device device,
            Cancellation cancellation) {
        this.network = new TrainableNetwork(architecture, parameters, task.normalization(), device);
        this.objective = task.objective(recipe);
        this.cancellation = cancellation;
        try (Examples examples = task.examples(recipe, seed, device)) {
            keep(examples, new Evaluation(task, device, cancellation), device);
            this.uncompressed = loss();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void keep(Examples examples, Evaluation evaluation, Device device) {
        int kept = 0;
        for (Batch batch : examples.epoch(0)) {
            try (batch;
                    StepScope scope = StepScope.open()) {
                // Both may lie in memory that the next batch takes.
                batches.add(new Fixed(
                        scope.keep(evaluation.input(batch.images()).clone()),
                        scope.keep(Devices.place(batch.targets(), device).clone())));
                kept += batch.size();
            }
            if (kept >= EXAMPLES) {
                return;
            }
        }
    }

    /**
     * The mean loss over the examples with this layer compressed, less that of the network as it is.
     *
     * @throws io.udc.search.CancelledException if a stop was requested
     */
    public double of(WeightedNode node, Compression compression) {
        cancellation.check();
        Layer layer = network.layer(node.name());
        float[] weights = ParameterStore.read(layer.weight());
        float[] survivors = MagnitudePruner.pruned(weights, compression.sparsity());
        int perChannel = layer.slice().shape().perChannel();
        ParameterStore.write(layer.weight(), StepSizes.quantized(survivors, perChannel, compression.maxLevel()));
        try {
            return loss() - uncompressed;
        } finally {
            ParameterStore.write(layer.weight(), weights);
        }
    }

    @SuppressWarnings("try")
    private double loss() {
        Mode mode = new Mode(0, false, false); // leaves the statistics that are kept
        double sum = 0;
        for (int i = 0; i < batches.size(); i++) {
            Fixed batch = batches.get(i);
            try (StepScope scope = StepScope.open();
                    NoGradient off = NoGradient.open()) {
                sum += objective.loss(
                                input -> network.forward(input, mode), null, batch.input(), batch.targets(),
                                new SplittableRandom(i))
                        .item_double();
            }
        }
        return sum / batches.size();
    }

    @Override
    public void close() {
        batches.forEach(batch -> {
            batch.input().close();
            batch.targets().close();
        });
        network.close();
    }
}
