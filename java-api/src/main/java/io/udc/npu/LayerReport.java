package io.udc.npu;

import io.udc.InputException;
import java.util.List;

/**
 * What one layer of a list costs. The JSON of a report has these names.
 *
 * @param name of the record
 * @param ofmBlock block of output
 * @param depthSlices first output channel of every slice of weights, and the number of output channels
 * @param encodedBytes weights and scales as encoded
 * @param originalBytes weights as bytes before encoding
 * @param cycles cycles by resource
 */
public record LayerReport(
        String name,
        Hwc ofmBlock,
        List<Integer> depthSlices,
        long encodedBytes,
        long originalBytes,
        LayerCycles cycles) {

    /** Encodes the weights of a layer's output channels. */
    @FunctionalInterface
    public interface Encoder {

        /** Bytes of scale records, padding and streams of all cores for the channels from begin to before end. */
        long bytes(LayerWeights weights, Accelerator accelerator, int ofmBlockDepth, int begin, int end);
    }

    /**
     * Estimates layers one by one.
     *
     * @param records the layers
     * @param encoder encodes their weights; null if the sizes in the records are to stand in for it
     * @param fallback NPU and system of records that do not name theirs; null if all must
     * @param choice how blocks are chosen
     * @return reports in the order of the records
     * @throws InputException if a record is incomplete or the model does not cover its layer; the message names it
     */
    public static List<LayerReport> estimate(
            List<LayerRecord> records, Encoder encoder, NpuConfig fallback, BlockChoice choice) {
        return records.stream()
                .map(layer -> estimate(layer, encoder, config(layer, fallback), choice))
                .toList();
    }

    /** Estimates a layer on an NPU, whatever the record says of one. */
    public static LayerReport estimate(LayerRecord source, Encoder encoder, NpuConfig config, BlockChoice choice) {
        try {
            PerformanceModel model = new PerformanceModel(config, choice);
            NpuOperator operator = source.layer().toOperator();
            EncodedSizes sizes = EncodedSizes.NONE;
            if (operator.kind().hasWeights()) {
                sizes = encoder == null
                        ? source.givenSizes(config)
                        : encoded(weights(source, config), config.accelerator(), encoder);
            }
            LayerEstimate estimate = model.estimate(operator, sizes);
            return new LayerReport(
                    source.name(),
                    estimate.ofmBlock(),
                    estimate.depthSlices(),
                    estimate.encodedBytes(),
                    estimate.originalWeights(),
                    estimate.cycles());
        } catch (InputException e) {
            throw new InputException(source.name() + ": " + e.getMessage(), e);
        }
    }

    /** The weights that a record stands for. */
    static LayerWeights weights(LayerRecord source, NpuConfig config) {
        NpuOperator operator = source.layer().toOperator();
        WeightLayout layout = new PerformanceModel(config).weightLayout(operator);
        return LayerWeights.generate(
                operator.kind(), layout, weightKind(source.layer().weights()), (int) source.seed());
    }

    /** Sizes that an encoder finds. */
    static EncodedSizes encoded(LayerWeights weights, Accelerator accelerator, Encoder encoder) {
        return new EncodedSizes.Encoded(
                (depth, begin, end) -> encoder.bytes(weights, accelerator, depth, begin, end));
    }

    private static LayerWeights.Kind weightKind(String text) {
        for (LayerWeights.Kind kind : LayerWeights.Kind.values()) {
            if (kind.name().equalsIgnoreCase(text)) {
                return kind;
            }
        }
        throw new InputException("layer.weights: found '" + text + "', expected g8, g4 or sp");
    }

    private static NpuConfig config(LayerRecord source, NpuConfig fallback) {
        if (source.accelerator() != null) {
            return NpuConfig.parse(source.accelerator(), source.systemConfig(), source.memoryMode());
        }
        if (fallback == null) {
            throw new InputException(source.name() + ": accelerator: found none, expected the name of an NPU");
        }
        return fallback;
    }
}
