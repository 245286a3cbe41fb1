package io.udc.search.bench;

import io.udc.arch.Activation;
import io.udc.arch.Add;
import io.udc.arch.Architecture;
import io.udc.arch.Dense;
import io.udc.arch.DepthToSpace;
import io.udc.arch.Depthwise;
import io.udc.arch.GlobalAveragePool;
import io.udc.arch.Node;
import io.udc.arch.Shape;
import io.udc.arch.WeightShape;
import io.udc.arch.WeightedNode;
import io.udc.data.Batch;
import io.udc.data.Examples;
import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.StepScope;
import io.udc.search.SearchEvent.StepDone;
import io.udc.search.task.SearchTask;
import io.udc.search.train.NetworkParameters;
import io.udc.search.train.Objective;
import io.udc.search.train.TrainingConfig;
import io.udc.search.train.TrainingConfig.OptimizerKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A network and its training in float as anyone would write them with libtorch: its operators, its autograd,
 * its optimiser, and no kernel of this program. What a training step can at best cost. Not thread-safe.
 */
final class PlainTraining implements AutoCloseable {

    private static final double EPSILON = 1e-5;
    private static final double MOMENTUM = 0.1;

    /** The tensors of one weighted node; {@code mean} and {@code variance} are null for a dense one. */
    private record Layer(Tensor weight, Tensor gamma, Tensor beta, Tensor mean, Tensor variance) {}

    private final SearchTask task;
    private final Architecture architecture;
    private final Map<String, Shape> shapes;
    private final TrainingConfig config;
    private final Device device;
    private final Objective objective;
    private final Map<String, Layer> layers = new HashMap<>();
    private final List<Tensor> tensors = new ArrayList<>();
    private final Optimizer optimizer;

    PlainTraining(SearchTask task, Architecture architecture, TrainingConfig config, long seed, Device device) {
        this.task = task;
        this.architecture = architecture;
        this.shapes = architecture.shapes();
        this.config = config;
        this.device = device;
        this.objective = task.objective(config);
        NetworkParameters initial = task.initial(architecture, seed);
        try (StepScope scope = StepScope.open()) {
            TensorVector learned = new TensorVector();
            for (WeightedNode node : architecture.weightedNodes()) {
                layers.put(node.name(), layer(scope, node, initial, learned));
            }
            double rate = config.dense().learningRate();
            // Libtorch has no Muon for C++; in its place stands AdamW, which takes less time.
            optimizer = scope.keep(config.optimizer() == OptimizerKind.SGD
                    ? new SGD(learned, momentum(new SGDOptions(rate)))
                    : new AdamW(learned, new AdamWOptions(rate)));
        }
    }

    private SGDOptions momentum(SGDOptions options) {
        options.momentum().put(config.momentum());
        return options;
    }

    private Layer layer(StepScope scope, WeightedNode node, NetworkParameters initial, TensorVector learned) {
        WeightShape shape = architecture.weightShape(node);
        Tensor[] all = new Tensor[5];
        String[] kinds = {"weight", "gamma", "beta", "mean", "variance"};
        for (int i = 0; i < all.length; i++) {
            float[] values = initial.get(node.name() + "." + kinds[i]);
            if (values != null) {
                long[] sizes = i == 0 ? shape.sizes() : new long[] {values.length};
                all[i] = scope.keep(Devices.place(Tensor.create(values, sizes), device));
                all[i].set_requires_grad(i < 3);
                tensors.add(all[i]);
            }
        }
        for (int i = 0; i < 3; i++) {
            learned.push_back(all[i]);
        }
        return new Layer(all[0], all[1], all[2], all[3], all[4]);
    }

    /** Trains until the observer has seen its steps. */
    void run(StepObserver observer, long seed) {
        try (Examples examples = task.examples(config, seed, device)) {
            for (int epoch = 0; epoch < config.dense().epochs(); epoch++) {
                epoch(examples, epoch, observer, seed);
            }
        }
    }

    private void epoch(Examples examples, int epoch, StepObserver observer, long seed) {
        int step = 0;
        for (Batch batch : examples.epoch(epoch)) {
            try (batch;
                    StepScope scope = StepScope.open()) {
                observer.cancellation().check();
                Tensor loss = step(batch, new SplittableRandom(seed + step));
                if (observer.isDue(++step)) {
                    observer.on(new StepDone("libtorch", epoch + 1, step, examples.batches(), loss.item_double()));
                }
            }
        }
    }

    private Tensor step(Batch batch, SplittableRandom random) {
        optimizer.zero_grad();
        Tensor images = task.normalization().toFloat(Devices.place(batch.images(), device));
        Tensor loss = objective.loss(
                this::forward, null, images, Devices.place(batch.targets(), device), random);
        loss.backward();
        optimizer.step();
        return loss;
    }

    private Tensor forward(Tensor images) {
        Map<String, Tensor> maps = new HashMap<>();
        maps.put(Architecture.INPUT, images.contiguous(torch.MemoryFormat.ChannelsLast));
        for (Node node : architecture.nodes()) {
            maps.put(node.name(), compute(node, maps));
        }
        return maps.get(architecture.output().name());
    }

    private Tensor compute(Node node, Map<String, Tensor> maps) {
        Tensor input = maps.get(node.inputs().get(0));
        if (node instanceof Dense dense) {
            Layer layer = layers.get(dense.name());
            Tensor weight = layer.weight().view(layer.weight().size(0), -1);
            return torch.linear(input.flatten(1, -1), weight).mul(layer.gamma()).add(layer.beta());
        } else if (node instanceof WeightedNode weighted) {
            return active(normalized(weighted, input), weighted.activation());
        } else if (node instanceof Add add) {
            return active(input.add(maps.get(add.second())), add.activation());
        } else if (node instanceof GlobalAveragePool) {
            return input.mean(2L, 3L);
        } else if (node instanceof DepthToSpace shuffle) {
            return torch.pixel_shuffle(input, shuffle.block());
        }
        throw new IllegalStateException("no operator for " + node);
    }

    private Tensor normalized(WeightedNode node, Tensor input) {
        Layer layer = layers.get(node.name());
        Shape in = shapes.get(node.input());
        long rows = padding(in.height(), node.stride(), layer.weight().size(2));
        long columns = padding(in.width(), node.stride(), layer.weight().size(3));
        boolean even = rows % 2 == 0 && columns % 2 == 0;
        Tensor padded = even
                ? input
                : torch.constant_pad_nd(input, columns / 2, columns - columns / 2, rows / 2, rows - rows / 2);
        Tensor sums = torch.conv2d(padded, layer.weight(), new TensorOptional(),
                new long[] {node.stride(), node.stride()},
                even ? new long[] {rows / 2, columns / 2} : new long[] {0, 0},
                new long[] {1, 1}, node instanceof Depthwise ? in.channels() : 1);
        return torch.batch_norm(sums, new TensorOptional(layer.gamma()), new TensorOptional(layer.beta()),
                new TensorOptional(layer.mean()), new TensorOptional(layer.variance()),
                architecture.upscaling().isEmpty(), MOMENTUM, EPSILON, true);
    }

    private static long padding(long extent, int stride, long kernel) {
        long out = (extent + stride - 1) / stride;
        return Math.max((out - 1) * stride + kernel - extent, 0);
    }

    private static Tensor active(Tensor map, Activation activation) {
        return activation == Activation.RELU ? map.relu_() : map;
    }

    @Override
    public void close() {
        optimizer.close();
        tensors.forEach(Tensor::close);
    }
}
