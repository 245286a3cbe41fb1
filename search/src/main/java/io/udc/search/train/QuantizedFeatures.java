package io.udc.search.train;

import io.udc.arch.Activation;
import io.udc.arch.Add;
import io.udc.arch.Architecture;
import io.udc.arch.Node;
import io.udc.arch.WeightedNode;
import io.udc.data.Normalization;
import io.udc.device.Device;
import io.udc.device.Precision;
import io.udc.integer.IntegerModel;
import io.udc.integer.Quantization;
import io.udc.kernels.ActivationQuantizer;
import io.udc.search.train.ParameterStore.Section;
import io.udc.search.train.TrainingConfig.ActivationSteps;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Fake quantization of the feature maps: int8 with one scale and zero point each. Scales come from moving ranges,
 * or are learned from there on; zero points always follow from the ranges. The picture that an upscaler makes has
 * the scale of the picture that it reads, so that its int8 values are pixels.
 *
 * <p>The graph is cut at every quantized map: it is a leaf that a kernel writes. Not thread-safe.
 */
final class QuantizedFeatures {

    private final Map<String, FeatureRange> ranges = new LinkedHashMap<>();
    private final List<String> names;
    private final Quantization picture;
    private final Architecture architecture;
    private final GraphCuts cuts;
    private ParameterStore store;
    private Tensor steps;
    private boolean learning;

    /**
     * Starts without ranges.
     *
     * @param cuts to which the quantized maps are added
     */
    QuantizedFeatures(Architecture architecture, Normalization normalization, GraphCuts cuts) {
        this.architecture = architecture;
        this.cuts = cuts;
        this.picture = new Quantization((float) normalization.scale(), normalization.zeroPoint());
        for (Node node : architecture.nodes()) {
            if (!IntegerModel.keepsQuantization(node) && !makesPicture(node)) {
                ranges.put(node.name(), new FeatureRange(activation(node)));
            }
        }
        names = List.copyOf(ranges.keySet());
    }

    /** Number of feature maps with a scale of their own. */
    int count() {
        return names.size();
    }

    /** Gives the steps their place. */
    void attach(ParameterStore parameters, Device device) {
        store = parameters;
        steps = parameters.flat(names.size() + 1, torch.ScalarType.Float, device); // the last is the picture's
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
            float[] logs = new float[names.size()];
            for (int i = 0; i < logs.length; i++) {
                logs[i] = (float) Math.log(ranges.get(names.get(i)).quantization().scale());
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
            FeatureRange range = ranges.get(names.get(i));
            Quantization q = range.quantization(Math.exp(logs[i]));
            range.set(q.real(Quantization.MIN), q.real(Quantization.MAX));
        }
        learning = false;
    }

    /** Moves the range of a node's output, if it has one of its own, towards that of a batch. */
    void observe(String node, Tensor output) {
        FeatureRange range = ranges.get(node);
        if (range == null) {
            return;
        }
        T_TensorTensor_T extremes = torch.aminmax(output.detach());
        range.observe(extremes.get0().item_float(), extremes.get1().item_float());
    }

    /** The int8 values' real counterparts, with a straight-through gradient inside the range. */
    Tensor apply(String node, Tensor output) {
        FeatureRange range = ranges.get(node);
        if (range == null) {
            return applyPicture(output);
        }
        int map = names.indexOf(node);
        Quantization q = range.quantization();
        Tensor step = steps.narrow(0, map, 1);
        if (learning) {
            step.copy_(store.values(Section.MAP_STEPS).narrow(0, map, 1).detach().exp());
        } else {
            step.fill_(new Scalar(q.scale()));
        }
        return quantize(map, q.zeroPoint(), step, output);
    }

    private Tensor quantize(int map, int zeroPoint, Tensor step, Tensor feature) {
        Tensor input = Precision.FLOAT32.of(feature);
        ActivationQuantizer quantizer = new ActivationQuantizer(zeroPoint, Quantization.MIN, Quantization.MAX);
        Tensor output = torch.empty_like(input);
        quantizer.forward(input, output, step);
        return GradMode.is_enabled() && input.requires_grad()
                ? cuts.computed(output, gradient -> backward(map, quantizer, step, input, laidOutAs(input, gradient)))
                : output;
    }

    /** Sends the gradient of a quantized map to its step, if that is being learned, and to the map. */
    private void backward(int map, ActivationQuantizer quantizer, Tensor step, Tensor input, Tensor gradient) {
        boolean learned = learning && map < names.size();
        Tensor stepGradient = learned ? torch.empty_like(step) : null;
        quantizer.backward(input, gradient, step, gradient, stepGradient);
        if (learned) {
            store.gradients(Section.MAP_STEPS).narrow(0, map, 1).addcmul_(stepGradient, step);
        }
        GraphCuts.continueFrom(input, gradient);
    }

    /** The gradient with the strides of a map, which the kernels want. */
    private static Tensor laidOutAs(Tensor map, Tensor gradient) {
        boolean same = IntStream.range(0, (int) map.dim()).allMatch(d -> map.stride(d) == gradient.stride(d));
        return same ? gradient : torch.empty_like(map).copy_(gradient);
    }

    /** The quantization of the picture and of every node's output. */
    Map<String, Quantization> quantization() {
        float[] logs = learning ? ParameterStore.read(store.values(Section.MAP_STEPS)) : null;
        Map<String, Quantization> all = new LinkedHashMap<>();
        all.put(Architecture.INPUT, picture);
        for (Node node : architecture.nodes()) {
            FeatureRange range = ranges.get(node.name());
            if (makesPicture(node)) {
                all.put(node.name(), picture);
            } else if (range == null) {
                all.put(node.name(), all.get(node.inputs().get(0)));
            } else if (learning) {
                double scale = Math.exp(logs[names.indexOf(node.name())]);
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
            return applyPicture(output);
        }
        Node input = architecture.nodes().stream().filter(n -> n.name().equals(source)).findFirst().orElseThrow();
        return ranges.containsKey(source) ? apply(source, output) : applyKept(input, output);
    }

    private Tensor applyPicture(Tensor output) {
        Tensor step = steps.narrow(0, names.size(), 1);
        step.fill_(new Scalar(picture.scale()));
        return quantize(names.size(), picture.zeroPoint(), step, output);
    }

    /** Whether a node computes the pixels that an upscaler's last node moves into place. */
    private boolean makesPicture(Node node) {
        return architecture.upscaling().isPresent() && architecture.output().inputs().contains(node.name());
    }

    private static Activation activation(Node node) {
        if (node instanceof WeightedNode weighted) {
            return weighted.activation();
        }
        return node instanceof Add add ? add.activation() : Activation.NONE;
    }
}
