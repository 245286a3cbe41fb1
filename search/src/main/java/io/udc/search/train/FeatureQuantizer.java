package io.udc.search.train;

import io.udc.arch.Activation;
import io.udc.arch.Add;
import io.udc.arch.Architecture;
import io.udc.arch.Node;
import io.udc.arch.WeightedNode;
import io.udc.data.Normalization;
import io.udc.integer.IntegerModel;
import io.udc.integer.Quantization;
import io.udc.search.train.ParameterStore.Section;
import io.udc.search.train.TrainingConfig.ActivationSteps;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Fake quantization of the feature maps: int8 with one scale and zero point each. Scales come from moving ranges,
 * or are learned from there on; zero points always follow from the ranges. Not thread-safe.
 */
final class FeatureQuantizer {

    private final Map<String, FeatureRange> ranges = new LinkedHashMap<>();
    private final List<String> learnedNames;
    private final Quantization picture;
    private final Architecture architecture;
    private ParameterStore store;
    private Map<String, Tensor> logSteps;
    private boolean learning;

    FeatureQuantizer(Architecture architecture, Normalization normalization) {
        this.architecture = architecture;
        this.picture = new Quantization((float) normalization.scale(), normalization.zeroPoint());
        for (Node node : architecture.nodes()) {
            if (!IntegerModel.keepsQuantization(node)) {
                ranges.put(node.name(), new FeatureRange(activation(node)));
            }
        }
        learnedNames = new ArrayList<>(ranges.keySet());
    }

    /** Number of feature maps with a scale of their own. */
    int count() {
        return learnedNames.size();
    }

    /** Gives the learned steps their place. */
    void attach(ParameterStore parameters) {
        store = parameters;
        logSteps = new LinkedHashMap<>();
        for (int i = 0; i < learnedNames.size(); i++) {
            logSteps.put(learnedNames.get(i), parameters.leaf(Section.MAP_STEPS, i, 1));
        }
    }

    /** The range of a node's output; null where the node keeps its input's quantization. */
    FeatureRange range(String node) {
        return ranges.get(node);
    }

    Map<String, FeatureRange> ranges() {
        return ranges;
    }

    /** Whether every range has been observed. */
    boolean ready() {
        return ranges.values().stream().allMatch(FeatureRange::seen);
    }

    /** Goes on with scales that are being learned. */
    void resume(ActivationSteps kind) {
        learning = kind == ActivationSteps.LEARNED;
    }

    /** Starts to learn the scales, from the ranges' own. */
    void learn(ActivationSteps kind) {
        learning = kind == ActivationSteps.LEARNED;
        if (learning) {
            float[] logs = new float[learnedNames.size()];
            for (int i = 0; i < logs.length; i++) {
                logs[i] = (float) Math.log(ranges.get(learnedNames.get(i)).quantization().scale());
            }
            ParameterStore.write(store.values(Section.MAP_STEPS), logs);
        }
    }

    /** Ends the learning; the ranges become those that the learned scales cover. */
    void freeze() {
        if (!learning) {
            return;
        }
        float[] logs = ParameterStore.read(store.values(Section.MAP_STEPS));
        for (int i = 0; i < logs.length; i++) {
            FeatureRange range = ranges.get(learnedNames.get(i));
            Quantization q = range.quantization(Math.exp(logs[i]));
            range.set(q.real(Quantization.MIN), q.real(Quantization.MAX));
        }
        learning = false;
    }

    /** Moves the range of a node's output towards that of a batch. */
    void observe(String node, Tensor output) {
        T_TensorTensor_T extremes = torch.aminmax(output.detach());
        ranges.get(node).observe(extremes.get0().item_float(), extremes.get1().item_float());
    }

    /** The int8 values' real counterparts, with a straight-through gradient inside the range. */
    Tensor apply(String node, Tensor output) {
        FeatureRange range = ranges.get(node);
        Quantization q = range.quantization();
        if (!learning) {
            return torch.fake_quantize_per_tensor_affine(
                    output, q.scale(), q.zeroPoint(), Quantization.MIN, Quantization.MAX);
        }
        Tensor step = logSteps.get(node).exp();
        Tensor inside = output.div(step).clamp(
                bound(Quantization.MIN - q.zeroPoint()), bound(Quantization.MAX - q.zeroPoint()));
        Tensor error = inside.detach().round().sub_(inside.detach());
        return inside.add(error).mul(step);
    }

    /** The quantization of the picture and of every node's output. */
    Map<String, Quantization> quantization() {
        float[] logs = learning ? ParameterStore.read(store.values(Section.MAP_STEPS)) : null;
        Map<String, Quantization> all = new LinkedHashMap<>();
        all.put(Architecture.INPUT, picture);
        for (Node node : architecture.nodes()) {
            FeatureRange range = ranges.get(node.name());
            if (range == null) {
                all.put(node.name(), all.get(node.inputs().get(0)));
            } else if (learning) {
                double scale = Math.exp(logs[learnedNames.indexOf(node.name())]);
                all.put(node.name(), range.quantization(scale));
            } else {
                all.put(node.name(), range.quantization());
            }
        }
        return all;
    }

    /** The quantization of a map that a node keeps from its input. */
    Tensor applyKept(Node node, Tensor output) {
        String source = node.inputs().get(0);
        if (source.equals(Architecture.INPUT)) {
            return torch.fake_quantize_per_tensor_affine(
                    output, picture.scale(), picture.zeroPoint(), Quantization.MIN, Quantization.MAX);
        }
        Node input = architecture.nodes().stream().filter(n -> n.name().equals(source)).findFirst().orElseThrow();
        return ranges.containsKey(source) ? apply(source, output) : applyKept(input, output);
    }

    private static Activation activation(Node node) {
        if (node instanceof WeightedNode weighted) {
            return weighted.activation();
        }
        return node instanceof Add add ? add.activation() : Activation.NONE;
    }

    private static ScalarOptional bound(double value) {
        return new ScalarOptional(new Scalar(value));
    }
}
