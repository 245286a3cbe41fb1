package io.udc.search.supernet;

import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.device.Precision;
import io.udc.kernels.WeightMixer;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.space.SearchLayer;
import io.udc.search.space.SpaceGraph;
import io.udc.search.train.GraphCuts;
import io.udc.search.train.StepSizes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The network that holds all networks of a space in one set of weights.
 *
 * <p>The effective weights are made from the weights and the probabilities by one kernel call and enter the graph
 * as leaves. After {@code loss.backward()} the gradients of the leaves go through the kernel's backward once
 * ({@link #backward}); this cut is exact, because the effective weights depend on nothing else. Not thread-safe.
 */
public final class Supernet implements AutoCloseable {

    private final SpaceGraph graph;
    private final int[] bitWidths;
    private final List<LayerTensors> tensors = new ArrayList<>();
    private final SupernetParameters parameters;
    private final WeightMixer mixer;
    private final Gates gates;
    private final SupernetForward forward;
    private final Tensor bitRows;
    private final Tensor sparsityRows;

    /** Random weights, reproducible from the seed; all tensors live on the device. Computes in float32. */
    public Supernet(SpaceGraph graph, long seed, Device device) {
        this(graph, seed, device, Precision.FLOAT32);
    }

    /** The same with a precision of its own. */
    public Supernet(SpaceGraph graph, long seed, Device device, Precision precision) {
        this(graph, seed, device, precision, new GraphCuts());
    }

    /** The same with cuts of the graph that the caller chooses. */
    Supernet(SpaceGraph graph, long seed, Device device, Precision precision, GraphCuts cuts) {
        this.graph = graph;
        this.bitWidths = graph.space().weightBits().stream().mapToInt(Integer::intValue).toArray();
        double[] sparsities = graph.space().sparsities().stream().mapToDouble(Double::doubleValue).toArray();
        double[] steps = StepSizes.ofGaussian(bitWidths);
        this.parameters = new SupernetParameters(graph, new SplittableRandom(seed), device);
        long weightOffset = 0;
        long affineOffset = 0;
        for (SearchLayer layer : graph.layers()) {
            tensors.add(LayerTensors.create(layer, parameters, weightOffset, affineOffset, steps, device));
            weightOffset += layer.widest().count();
            affineOffset += 2L * layer.out().largest();
        }
        this.mixer = new WeightMixer(
                tensors.stream()
                        .map(t -> new WeightMixer.Layer(t.weights(), t.mixed(), t.weightGradient(), t.steps(),
                                t.positionMask(), t.positionMaskGradient()))
                        .toList(),
                bitWidths, sparsities, true);
        this.mixer.normalizeChannels();
        this.gates = new Gates(graph, parameters, device);
        this.forward = new SupernetForward(graph, tensors, precision, device, cuts);
        try (StepScope scope = StepScope.open()) {
            bitRows = scope.keep(rows(SearchLayer::bits, device));
            sparsityRows = scope.keep(rows(SearchLayer::sparsity, device));
        }
    }

    /** Every layer's row in the decision table. */
    private Tensor rows(ToLongFunction<SearchLayer> decision, Device device) {
        return Devices.place(Tensor.create(graph.layers().stream().mapToLong(decision).toArray()), device);
    }

    public SpaceGraph graph() {
        return graph;
    }

    /** The shared weights of a layer, [out, in, k, k] at their widest. */
    public Tensor weights(SearchLayer layer) {
        return tensors.get(layer.index()).weights();
    }

    /** The learned scale of each output channel of a layer. */
    public Tensor gamma(SearchLayer layer) {
        return tensors.get(layer.index()).gamma();
    }

    /** The learned shift of each output channel of a layer. */
    public Tensor beta(SearchLayer layer) {
        return tensors.get(layer.index()).beta();
    }

    /** Quantization steps of a layer, [out, bit widths]. */
    public Tensor steps(SearchLayer layer) {
        return tensors.get(layer.index()).steps();
    }

    /** What an optimiser changes, and its gradients. */
    SupernetParameters parameters() {
        return parameters;
    }

    /**
     * The network's output under soft choices.
     *
     * @param images float32 [N, C, H, W], on the supernet's device
     * @param probabilities [decisions, options]; if it requires gradients, {@link #backward} completes them
     * @return logits [N, classes], or the upscaled pictures, in float32
     */
    public Tensor forward(Tensor images, Tensor probabilities) {
        parameters.clearGradients();
        mixWeights(probabilities);
        gates.forward(probabilities);
        return forward.run(images, probabilities);
    }

    /**
     * Leaves operators that are all but ruled out of the following passes, which then cost what is still open. Their
     * weights stand still, and the task's loss no longer moves their gates; costs and entropy do.
     *
     * @param least the smallest probability of use that is computed; 0 computes all
     * @param probabilities of each decision's options, as {@link DecisionTable#toArray} gives them
     */
    public void leaveOutBelow(double least, double[][] probabilities) {
        forward.leaveOutBelow(least, probabilities);
    }

    /** The last layers of the operators that {@link #leaveOutBelow} left out. */
    Set<SearchLayer> leftOut() {
        return forward.leftOut();
    }

    /** All layers of these operators. */
    Set<SearchLayer> unused() {
        Set<SearchLayer> lasts = leftOut();
        return graph.blocks().stream()
                .flatMap(block -> block.operators().stream())
                .filter(operator -> lasts.contains(operator.last()))
                .flatMap(operator -> operator.layers().stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Writes the effective weights for these probabilities. */
    private void mixWeights(Tensor probabilities) {
        try (StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            Tensor p = probabilities.detach();
            mixer.bitProbabilities().copy_(p.index_select(0, bitRows).narrow(1, 0, bitWidths.length));
            mixer.sparsityProbabilities().copy_(
                    p.index_select(0, sparsityRows).narrow(1, 0, graph.space().sparsities().size()));
            for (SearchLayer layer : graph.layers()) {
                LayerTensors t = tensors.get(layer.index());
                if (t.positionMask() != null) {
                    Tensor row = p.select(0, layer.kernel().decision()).narrow(0, 0, t.kernelPatterns().size(0));
                    t.positionMask().copy_(row.matmul(t.kernelPatterns()));
                }
                t.mixed().mutable_grad().reset();
            }
            mixer.updateThresholds();
            mixer.forward();
        }
    }

    /**
     * Completes {@code loss.backward()}: sends the gradients of the effective weights to the weights and, where
     * {@code probabilities} is a leaf that requires gradients, adds what flows through the weights to its gradient.
     */
    public void backward(Tensor probabilities) {
        try (StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            forward.backward();
            gates.backward();
            List<Tensor> gradients = new ArrayList<>();
            for (LayerTensors t : tensors) {
                Tensor gradient = t.mixed().grad();
                // An operator that no choice reaches has no gradient.
                gradients.add(gradient.defined() ? gradient.contiguous() : torch.zeros_like(t.mixed()));
            }
            mixer.backward(gradients);
            if (probabilities.requires_grad()) {
                addProbabilityGradients(probabilities.mutable_grad());
            }
        }
    }

    private void addProbabilityGradients(Tensor gradient) {
        gradient.narrow(1, 0, bitWidths.length).index_add_(0, bitRows, mixer.bitGradient());
        gradient.narrow(1, 0, graph.space().sparsities().size())
                .index_add_(0, sparsityRows, mixer.sparsityGradient());
        for (SearchLayer layer : graph.layers()) {
            LayerTensors t = tensors.get(layer.index());
            if (t.positionMask() != null) {
                gradient.select(0, layer.kernel().decision())
                        .narrow(0, 0, t.kernelPatterns().size(0))
                        .add_(t.kernelPatterns().mv(t.positionMaskGradient()));
            }
        }
    }

    /** Brings every output channel's weights back to a root mean square of 1, after an optimiser's step. */
    void normalizeWeights() {
        mixer.normalizeChannels();
    }

    /** Resets a layer's quantization steps, one for each bit width. */
    void setSteps(SearchLayer layer, double[] steps) {
        try (StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            float[] row = new float[steps.length];
            for (int i = 0; i < row.length; i++) {
                row[i] = (float) steps[i];
            }
            Tensor target = tensors.get(layer.index()).steps();
            target.copy_(Tensor.create(row, 1, row.length).expand(target.shape()));
        }
    }

    /** A copy of a layer's weights in memory order. */
    public float[] weightArray(SearchLayer layer) {
        Tensor weights = weights(layer);
        float[] values = new float[(int) weights.numel()];
        try (StepScope scope = StepScope.open()) {
            new FloatPointer(weights.detach().cpu().contiguous().data_ptr()).get(values);
        }
        return values;
    }

    @Override
    public void close() {
        mixer.close();
        gates.close();
        forward.close();
        bitRows.close();
        sparsityRows.close();
        tensors.forEach(LayerTensors::close);
        parameters.close();
    }
}
