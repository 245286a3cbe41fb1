package io.udc.npu;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.udc.InputException;
import io.udc.json.Json;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.List;

/**
 * A layer by itself with its weights, to be encoded. Read from one of two kinds of JSON: a {@link Description}, whose
 * weights lie in a file, or a {@link LayerRecord}, whose weights are made from its kind and seed.
 *
 * @param plan the layout of its streams
 * @param weights in the order output channel, row, column, input channel
 * @param scales biases and scales; null for zeros
 */
public record LayerFile(LayerPlan plan, short[] weights, LayerScales scales) {

    /**
     * A layer whose weights lie in a file.
     *
     * @param kind conv, depthwise or dense
     * @param outChannels output channels, at least 1
     * @param kernelHeight rows of the filter, 1 to 64; null for 1
     * @param kernelWidth columns of the filter, 1 to 64; null for 1
     * @param inChannels input channels that a filter reads; null for 1
     * @param dilation distance of the filter's taps, 1 or 2; null for 1
     * @param inputBits bits of the feature map that is read, 8 or 16; null for 8
     * @param npu name of the accelerator
     * @param weights file of the weights in the order output channel, row, column, input channel; relative to the
     *     JSON's folder
     * @param dtype how they lie there; null for int8
     * @param ofmBlockDepth output channels of a block; null for the output channels in 16s, at most 128
     * @param depthSlices boundaries of slices of output channels, from 0 to their number; null for one slice
     */
    public record Description(
            Kind kind,
            Integer outChannels,
            Integer kernelHeight,
            Integer kernelWidth,
            Integer inChannels,
            Integer dilation,
            Integer inputBits,
            Accelerator npu,
            String weights,
            WeightType dtype,
            Integer ofmBlockDepth,
            List<Integer> depthSlices) {

        public Description {
            require("kind", kind);
            require("npu", npu);
            require("outChannels", outChannels);
            require("weights", weights);
            if (outChannels < 1) {
                throw new IllegalArgumentException("outChannels: found " + outChannels + ", expected at least 1");
            }
            if (depthSlices != null && depthSlices.contains(null)) {
                throw new IllegalArgumentException("depthSlices: found null, expected numbers");
            }
        }

        private static void require(String field, Object value) {
            if (value == null) {
                throw new IllegalArgumentException(field + ": found none, expected a value");
            }
        }

        LayerPlan plan() {
            return new LayerPlan(
                    kind.operator,
                    npu,
                    outChannels,
                    orElse(kernelHeight, 1),
                    orElse(kernelWidth, 1),
                    orElse(inChannels, 1),
                    orElse(dilation, 1),
                    orElse(inputBits, 8),
                    orElse(ofmBlockDepth, LayerPlan.usualBlockDepth(outChannels)),
                    depthSlices == null ? List.of(0, outChannels) : depthSlices);
        }

        private static int orElse(Integer value, int otherwise) {
            return value == null ? otherwise : value;
        }
    }

    /** What a described layer computes. */
    public enum Kind {
        CONV(NpuOperator.Kind.CONVOLUTION),
        DEPTHWISE(NpuOperator.Kind.DEPTHWISE),
        DENSE(NpuOperator.Kind.FULLY_CONNECTED);

        private final NpuOperator.Kind operator;

        Kind(NpuOperator.Kind operator) {
            this.operator = operator;
        }

        @JsonCreator
        static Kind parse(String text) {
            return switch (text) {
                case "conv" -> CONV;
                case "depthwise" -> DEPTHWISE;
                case "dense" -> DENSE;
                default -> throw new InputException("found '" + text + "', expected conv, depthwise or dense");
            };
        }
    }

    /**
     * Reads a layer.
     *
     * @param fallback NPU of a record that does not name its own
     * @throws InputException if a file is missing or wrong
     */
    public static LayerFile read(Path file, NpuConfig fallback) {
        JsonNode tree = Json.read(file, JsonNode.class);
        if (tree.isObject() && tree.has("layer")) {
            return of(LayerRecord.read(file), file.toString(), fallback);
        }
        Description layer = Json.parse(withDefaults(tree), Description.class, file.toString());
        short[] weights = (layer.dtype == null ? WeightType.INT8 : layer.dtype)
                .read(file.resolveSibling(layer.weights));
        LayerPlan plan = layer.plan();
        if (weights.length != plan.count()) {
            throw new InputException(file + ": weights: found " + weights.length + " in " + layer.weights
                    + ", expected " + plan.count());
        }
        return new LayerFile(plan, weights, null);
    }

    /** What is missing becomes null, for the strict reader. */
    private static String withDefaults(JsonNode tree) {
        if (tree instanceof ObjectNode object) {
            for (RecordComponent component : Description.class.getRecordComponents()) {
                if (!object.has(component.getName())) {
                    object.putNull(component.getName());
                }
            }
        }
        return tree.toString();
    }

    private static LayerFile of(LayerRecord source, String name, NpuConfig fallback) {
        try {
            NpuConfig config = source.accelerator() == null ? fallback
                    : NpuConfig.parse(source.accelerator(), source.systemConfig(), source.memoryMode());
            NpuOperator operator = source.layer().toOperator();
            if (!operator.kind().hasWeights()) {
                throw new InputException("layer.op: found '" + source.layer().op() + "', which has no weights");
            }
            LayerWeights made = LayerReport.weights(source, config);
            LayerEstimate estimate = new PerformanceModel(config).estimate(operator, LayerReport.encoded(
                    made, config.accelerator(), new BackendEncoder(BackendEncoder.Effort.BEST)));
            WeightLayout layout = made.layout();
            LayerPlan plan = new LayerPlan(layout.kind(), config.accelerator(), layout.outChannels(),
                    layout.kernelHeight(), layout.kernelWidth(), layout.inChannels(), layout.dilation(), 8,
                    estimate.ofmBlock().depth(), estimate.depthSlices());
            short[] weights = new short[made.values().length];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = made.values()[i];
            }
            return new LayerFile(plan, weights, new LayerScales(made.biases(), made.scales()));
        } catch (InputException e) {
            throw new InputException(name + ": " + e.getMessage(), e);
        }
    }
}
