package io.udc.search.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.flatbuffers.FlatBufferBuilder;
import io.udc.arch.Activation;
import io.udc.arch.Add;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.Convolution;
import io.udc.arch.Dense;
import io.udc.arch.DepthToSpace;
import io.udc.arch.Depthwise;
import io.udc.arch.GlobalAveragePool;
import io.udc.arch.Shape;
import io.udc.arch.WeightShape;
import io.udc.arch.WeightedNode;
import io.udc.format.UdcFile;
import io.udc.format.UdcModel;
import io.udc.integer.ChannelRecord;
import io.udc.integer.IntegerLayer;
import io.udc.integer.IntegerModel;
import io.udc.integer.Quantization;
import io.udc.integer.Requantization;
import io.udc.npu.EthosLayerCodec;
import io.udc.npu.NpuConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.lite.schema.Buffer;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.Model;
import org.tensorflow.lite.schema.Operator;
import org.tensorflow.lite.schema.OperatorCode;
import org.tensorflow.lite.schema.SubGraph;
import org.tensorflow.lite.schema.Tensor;
import org.tensorflow.lite.schema.TensorType;

/** The commands that write and read TFLite files: export, estimate, inspect. */
class TfliteCommandsTest {

    private static final Compression BITS = new Compression(4, 0.5);
    private static final Architecture ARCHITECTURE = new Architecture("residual", new Shape(3, 32, 32), List.of(
            new Convolution("stem", Architecture.INPUT, 24, 3, 2, Activation.RELU, BITS),
            new Depthwise("window", "stem", 3, 1, Activation.NONE, BITS),
            new Convolution("mix", "window", 24, 1, 1, Activation.RELU, BITS),
            new Add("sum", "stem", "mix", Activation.RELU),
            new Convolution("wide", "sum", 96, 3, 2, Activation.RELU, BITS),
            new GlobalAveragePool("pool", "wide"),
            new Dense("classes", "pool", 10, Activation.NONE, BITS)));

    private static final Architecture UPSCALER = new Architecture("upscaler", new Shape(1, 24, 20), List.of(
            new Convolution("head", Architecture.INPUT, 16, 5, 1, Activation.RELU, BITS),
            new Convolution("body", "head", 4, 3, 1, Activation.NONE, BITS),
            new Add("long", "body", Architecture.INPUT, Activation.NONE),
            new DepthToSpace("shuffle", "long", 2)));

    @TempDir
    Path folder;

    private final CliFixture udc = new CliFixture();
    private Path model;
    private Path exported;

    @BeforeEach
    void exportAClassifier() {
        model = folder.resolve("model.udc");
        exported = folder.resolve("model.tflite");
        export(ARCHITECTURE);
    }

    private void export(Architecture architecture) {
        UdcFile.write(model, UdcModel.encode("0.1.0", "shapes", List.of(), network(architecture),
                new EthosLayerCodec(NpuConfig.parse("ethos-u55-128"))));
        JsonNode result = udc.json("export", "--model", model, "--format", "tflite", exported);
        assertEquals("tflite", result.path("format").textValue());
        assertEquals(exported.toFile().length(), result.path("bytes").asLong());
        assertEquals(0, result.path("deviatingChannels").asInt());
    }

    @Test
    void exportNamesWhatIsWrong() {
        udc.run("export", "--model", model, exported);
        assertTrue(udc.out().contains("every factor exact"), udc.out());
        udc.fails("none.udc: no such file", "export", "--model", folder.resolve("none.udc"), exported);
        udc.fails("--format: found 'onnx', expected tflite", "export", "--model", model, "--format", "onnx", exported);
        udc.fails("no such folder", "export", "--model", model, folder.resolve("none/model.tflite"));
    }

    @Test
    void theExportCostsWhatTheModelCosts() {
        compareCosts(ARCHITECTURE);
        export(UPSCALER);
        compareCosts(UPSCALER);
    }

    private void compareCosts(Architecture architecture) {
        for (String npu : List.of("ethos-u55-128", "ethos-u55-32", "ethos-u65-512")) {
            JsonNode ofModel = udc.json("estimate", model, "--npu", npu).path("network");
            JsonNode ofExport = udc.json("estimate", exported, "--npu", npu);
            assertTrue(!ofExport.path("partial").asBoolean() && ofExport.path("uncovered").isEmpty());
            for (String figure : List.of("encodedBytes", "cycles", "milliseconds", "macs", "peakSramBytes")) {
                assertEquals(ofModel.path(figure), ofExport.path("network").path(figure), figure + " on " + npu);
            }
            for (int i = 0; i < architecture.nodes().size(); i++) {
                for (String figure : List.of("name", "ofmBlock", "depthSlices", "encodedBytes", "cycles",
                        "sramBytes")) {
                    assertEquals(ofModel.path("layers").path(i).path(figure),
                            ofExport.path("network").path("layers").path(i).path(figure), figure + " on " + npu);
                }
            }
        }
    }

    @Test
    void inspectShowsOperatorsAndWeights() {
        JsonNode shown = udc.json("inspect", exported);
        assertEquals(8, shown.path("operators").size());
        JsonNode stem = shown.path("operators").path(0);
        assertEquals("CONV_2D", stem.path("operator").textValue());
        assertEquals(24 * 27, stem.path("weights").asInt());
        assertEquals(0.5, stem.path("sparsity").asDouble(), 0.01);
        assertEquals("image", shown.path("inputs").path(0).path("name").textValue());
        assertEquals(ARCHITECTURE.weightCount(), shown.path("weights").asLong());
        udc.run("inspect", exported);
        assertTrue(udc.out().contains("input: 'image', INT8 1x32x32x3, scale 0.01, zero point 0"), udc.out());
    }

    @Test
    void totalsWithoutAnOperatorAreCalledPartial() throws IOException {
        Path file = Files.write(
                folder.resolve("lstm.tflite"), twoOperators(BuiltinOperator.RELU6, BuiltinOperator.LSTM));
        JsonNode result = udc.json("estimate", file);
        assertTrue(result.path("partial").asBoolean());
        assertEquals("LSTM", result.path("uncovered").path(0).path("operator").textValue());
        assertEquals(1, result.path("uncovered").path(0).path("position").asInt());
        assertEquals(1, result.path("network").path("layers").size());
        udc.run("estimate", file);
        assertTrue(udc.out().contains("not covered: operator 1, LSTM: the latency model does not know it"), udc.out());
        assertTrue(udc.out().contains("PARTIAL, 1 not covered, on ethos-u55-128"), udc.out());
        Files.write(file, twoOperators(BuiltinOperator.LSTM, BuiltinOperator.SVDF));
        udc.fails("lstm.tflite: operators: found none that the latency model covers; the first is LSTM",
                "estimate", file);
        Files.write(file, new byte[] {1, 2, 3, 4, 'T', 'F', 'L', '3', 5});
        udc.fails("lstm.tflite: found an offset that leaves the file", "estimate", file);
        udc.fails("lstm.tflite: found an offset that leaves the file", "inspect", file);
    }

    /** A chain of two operators without options. */
    private static byte[] twoOperators(byte... kinds) {
        FlatBufferBuilder builder = new FlatBufferBuilder();
        int[] tensors = new int[3];
        for (int i = 0; i < tensors.length; i++) {
            int name = builder.createString("t" + i);
            int shape = Tensor.createShapeVector(builder, new int[] {1, 4, 4, 16});
            tensors[i] = Tensor.createTensor(builder, shape, TensorType.INT8, 0, name, 0, false, 0, 0);
        }
        int[] operators = new int[kinds.length];
        int[] codes = new int[kinds.length];
        for (int i = 0; i < kinds.length; i++) {
            codes[i] = OperatorCode.createOperatorCode(builder, kinds[i], 0, 1);
            int in = Operator.createInputsVector(builder, new int[] {i});
            int out = Operator.createOutputsVector(builder, new int[] {i + 1});
            operators[i] = Operator.createOperator(builder, i, in, out, (byte) 0, 0, 0, (byte) 0, 0, 0);
        }
        int graph = SubGraph.createSubGraph(builder, SubGraph.createTensorsVector(builder, tensors),
                SubGraph.createInputsVector(builder, new int[] {0}),
                SubGraph.createOutputsVector(builder, new int[] {2}),
                SubGraph.createOperatorsVector(builder, operators), 0);
        int buffers = Model.createBuffersVector(builder, new int[] {Buffer.createBuffer(builder, 0)});
        builder.finish(Model.createModel(builder, 3, Model.createOperatorCodesVector(builder, codes),
                Model.createSubgraphsVector(builder, new int[] {graph}), 0, buffers, 0, 0), "TFL3");
        return builder.sizedByteArray();
    }

    private static IntegerModel network(Architecture architecture) {
        Map<String, Quantization> quantization = new HashMap<>();
        architecture.shapes().keySet().forEach(name -> quantization.put(name, new Quantization(0.02f, -128)));
        quantization.put(Architecture.INPUT, new Quantization(0.01f, 0));
        List<IntegerLayer> layers = new ArrayList<>();
        Random random = new Random(2);
        for (WeightedNode node : architecture.weightedNodes()) {
            WeightShape shape = architecture.weightShape(node);
            byte[] weights = new byte[(int) shape.count()];
            for (int i = 0; i < weights.length; i++) {
                int magnitude = 1 + random.nextInt(node.compression().maxLevel());
                weights[i] = (byte) (i % 2 == 0 ? 0 : random.nextBoolean() ? magnitude : -magnitude);
            }
            double factor = (double) quantization.get(node.input()).scale() * 0.01f
                    / quantization.get(node.name()).scale();
            layers.add(new IntegerLayer(node.name(), shape, weights, Collections.nCopies(
                    shape.outChannels(), new ChannelRecord(100, Requantization.of(factor)))));
        }
        return new IntegerModel(architecture, quantization, layers);
    }
}
