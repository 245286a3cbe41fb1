package io.udc.npu;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.udc.InputException;
import io.udc.json.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One layer by itself, as records of layers hold it. Other programs write such records, so fields that are not named
 * here are ignored, and most may be missing.
 *
 * @param name for reports
 * @param layer what the layer computes
 * @param seed of its weights
 * @param accelerator the NPU's name; null if the caller chooses
 * @param systemConfig Vela's name; null for the NPU's default
 * @param memoryMode Vela's name; null for the NPU's default
 * @param ops what another compiler made of it; only its sizes are read, if they are asked for
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record LayerRecord(
        @JsonProperty(required = true) String name,
        @JsonProperty(required = true) Layer layer,
        long seed,
        String accelerator,
        @JsonProperty("system_config") String systemConfig,
        @JsonProperty("memory_mode") String memoryMode,
        List<Compiled> ops) {

    private static final ObjectMapper LENIENT = Json.mapper()
            .disable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);

    /**
     * Reads a file with one record.
     *
     * @throws InputException if it is not there or not a record
     */
    public static LayerRecord read(Path file) {
        return of(Json.read(file, JsonNode.class), file.toString());
    }

    /**
     * Reads a file with a list of records.
     *
     * @throws InputException if it is not there or not a list of records
     */
    public static List<LayerRecord> readAll(Path file) {
        return allOf(Json.read(file, JsonNode.class), file.toString());
    }

    /** Reads a list of records; source says where they are from. */
    static List<LayerRecord> allOf(JsonNode list, String source) {
        if (!list.isArray()) {
            throw new InputException(source + ": found no list, expected a list of layers");
        }
        List<LayerRecord> records = new ArrayList<>(list.size());
        for (JsonNode node : list) {
            records.add(of(node, source + ": [" + records.size() + "]"));
        }
        return records;
    }

    private static LayerRecord of(JsonNode node, String source) {
        try {
            LayerRecord read = LENIENT.treeToValue(node, LayerRecord.class);
            if (read == null || read.name == null || read.layer == null) {
                throw new InputException(source + ": expected a layer with name and layer");
            }
            return read;
        } catch (JsonProcessingException e) {
            throw new InputException(source + ": " + e.getOriginalMessage().lines().findFirst().orElse(""), e);
        }
    }

    /**
     * A layer.
     *
     * @param op conv, dw, fc, maxpool, avgpool or add
     * @param ifm input height, width and channels
     * @param out output channels
     * @param kernel rows and columns
     * @param stride in both directions
     * @param padding SAME or VALID
     * @param dilation in both directions; 0 stands for 1
     * @param act fused activation: 0 none, else of the ReLU family
     * @param weights kind of the generated weights: g8, g4 or sp; null without weights
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Layer(
            @JsonProperty(required = true) String op,
            @JsonProperty(required = true) List<Integer> ifm,
            @JsonProperty(required = true) int out,
            @JsonProperty(required = true) List<Integer> kernel,
            @JsonProperty(required = true) int stride,
            @JsonProperty(required = true) String padding,
            int dilation,
            int act,
            String weights) {

        /** The operator, as the first one of its network. */
        public NpuOperator toOperator() {
            if (!hasSize(ifm, 3) || !hasSize(kernel, 2)) {
                throw new InputException(
                        "layer: found ifm " + ifm + " and kernel " + kernel + ", expected 3 and 2 numbers");
            }
            if (!"SAME".equals(padding) && !"VALID".equals(padding)) {
                throw new InputException("layer.padding: found '" + padding + "', expected SAME or VALID");
            }
            Hwc input = new Hwc(ifm.get(0), ifm.get(1), ifm.get(2));
            NpuOperator.Kind kind = kind();
            if (kind == NpuOperator.Kind.ADD) {
                return NpuOperator.binary(kind, input, input, act != 0).asFirst();
            }
            NpuOperator.Window window = new NpuOperator.Window(
                    kernel.get(0), kernel.get(1), stride, stride, Math.max(dilation, 1), padding.equals("SAME"));
            return NpuOperator.windowed(kind, input, out, window, act != 0).asFirst();
        }

        private static boolean hasSize(List<Integer> values, int size) {
            return values != null && values.size() == size && !values.contains(null);
        }

        private NpuOperator.Kind kind() {
            return switch (String.valueOf(op)) {
                case "conv" -> NpuOperator.Kind.CONVOLUTION;
                case "dw" -> NpuOperator.Kind.DEPTHWISE;
                case "fc" -> NpuOperator.Kind.FULLY_CONNECTED;
                case "maxpool" -> NpuOperator.Kind.MAX_POOL;
                case "avgpool" -> NpuOperator.Kind.AVERAGE_POOL;
                case "add" -> NpuOperator.Kind.ADD;
                default -> throw new InputException(
                        "layer.op: the latency model does not cover '" + op
                                + "', expected conv, dw, fc, maxpool, avgpool or add");
            };
        }
    }

    /** Sizes of an operator as another compiler encoded it. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Compiled(
            @JsonProperty("depth_slices") List<Integer> depthSlices,
            @JsonProperty("weights_bytes") long weightsBytes,
            @JsonProperty("full_weight_transfer_cycles") double fullWeightTransferCycles,
            List<StreamRange> ranges) {}

    /** The scale records and the stream of one core and one slice, which starts at a depth. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record StreamRange(
            int depth,
            @JsonProperty("scale_bytes") long scaleBytes,
            @JsonProperty("weight_bytes") long weightBytes) {}

    /**
     * The given sizes of the layer's first operator.
     *
     * @param config the system in which the other compiler measured
     * @throws InputException if the record holds none
     */
    public EncodedSizes givenSizes(NpuConfig config) {
        if (ops == null || ops.isEmpty()) {
            throw new InputException(name + ": ops: found none, expected the encoded sizes of one operator");
        }
        Compiled op = ops.get(0);
        List<Integer> slices = op.depthSlices() == null ? List.of() : op.depthSlices();
        List<EncodedSizes.Range> sizes = new ArrayList<>();
        for (int i = 0; i + 1 < slices.size() && op.ranges() != null && !op.ranges().isEmpty(); i++) {
            int begin = slices.get(i);
            long bytes = op.ranges().stream()
                    .filter(range -> range.depth() == begin)
                    .mapToLong(range -> roundUp16(range.scaleBytes()) + range.weightBytes())
                    .sum();
            sizes.add(new EncodedSizes.Range(begin, slices.get(i + 1), bytes));
        }
        long full = op.weightsBytes();
        if (sizes.size() > 1 && op.fullWeightTransferCycles() > 0) {
            full = config.bytesOfTransfer(op.fullWeightTransferCycles());
        }
        return new EncodedSizes.Given(full, sizes);
    }

    private static long roundUp16(long bytes) {
        return (bytes + 15) / 16 * 16;
    }
}
