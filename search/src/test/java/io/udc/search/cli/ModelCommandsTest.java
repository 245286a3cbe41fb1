package io.udc.search.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.udc.arch.Activation;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.Convolution;
import io.udc.arch.Dense;
import io.udc.arch.GlobalAveragePool;
import io.udc.arch.Shape;
import io.udc.arch.WeightShape;
import io.udc.arch.WeightedNode;
import io.udc.data.ClassificationData;
import io.udc.data.DataOptions;
import io.udc.data.ImageDataset;
import io.udc.format.UdcFile;
import io.udc.format.UdcModel;
import io.udc.integer.ChannelRecord;
import io.udc.integer.IntegerLayer;
import io.udc.integer.IntegerModel;
import io.udc.integer.IntegerNetwork;
import io.udc.integer.Quantization;
import io.udc.integer.Requantization;
import io.udc.integer.Rounding;
import io.udc.json.Json;
import io.udc.npu.EthosLayerCodec;
import io.udc.npu.NpuConfig;
import io.udc.search.config.RunConfig;
import io.udc.search.config.Task;
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

/** The commands that look at a model: evaluate, inspect, estimate --arch. */
class ModelCommandsTest {

    private static final Architecture ARCHITECTURE = new Architecture("small", new Shape(3, 32, 32), List.of(
            new Convolution("stem", Architecture.INPUT, 12, 3, 3, Activation.RELU, new Compression(4, 0.5)),
            new GlobalAveragePool("pool", "stem"),
            new Dense("classes", "pool", 10, Activation.NONE, new Compression(8, 0))));

    @TempDir
    Path folder;

    private final CliFixture udc = new CliFixture();
    private final IntegerModel network = network();
    private Path model;

    @BeforeEach
    void writeTheModel() {
        model = folder.resolve("model.udc");
        UdcFile.write(model, UdcModel.encode("0.1.0", "shapes", shapes(DataOptions.defaults()).classNames(), network,
                new EthosLayerCodec(NpuConfig.parse("ethos-u55-128"))));
    }

    @Test
    void evaluateReproducesTheAccuracyOfTheIntegers() {
        JsonNode result = udc.json("evaluate", "--model", model);
        assertEquals("shapes", result.path("task").textValue());
        assertEquals("accuracy", result.path("metricName").textValue());
        assertEquals(accuracy(DataOptions.defaults()), result.path("metric").asDouble());
        assertEquals(2000, result.path("images").asInt());
        assertEquals(UdcFile.read(model).encodedBytes(), result.path("encodedBytes").asLong());
        assertTrue(result.path("seconds").asDouble() > 0);
    }

    @Test
    void evaluateTakesTheDataOfTheRun() throws IOException {
        DataOptions options = DataOptions.defaults().withShapes(10, 150);
        RunConfig config = RunConfig.builder(Task.SHAPES, "quick")
                .set("dataOptions.shapesTrain", "10")
                .set("dataOptions.shapesTest", "150")
                .build();
        Files.writeString(folder.resolve("config.json"), Json.text(config));
        JsonNode result = udc.json("evaluate", "--model", model);
        assertEquals(150, result.path("images").asInt());
        assertEquals(accuracy(options), result.path("metric").asDouble());
        try (IntegerNetwork executor = new IntegerNetwork(network, Rounding::ofTfliteOnX86)) {
            assertEquals(100 * executor.accuracy(shapes(options)),
                    udc.json("evaluate", "--model", model, "--tflite-rounding").path("metric").asDouble());
        }
    }

    @Test
    void evaluateNamesWhatIsWrong() throws IOException {
        udc.fails("none.udc: no such file", "evaluate", "--model", folder.resolve("none.udc"));
        udc.fails("--data: found none, expected the folder of the data set (task cifar10)", "evaluate",
                "--model", model, "--task", "cifar10");
        udc.fails("--data: found a model for shapes", "evaluate", "--model", model, "--data", folder);
        udc.fails(model + ": network 'small': found no depth to space at its end, expected an upscaler", "evaluate",
                "--model", model, "--task", "sr", "--data", folder);
        udc.fails(model + ": network 'small': found no depth to space at its end, expected an upscaler", "upscale",
                "--model", model, folder, folder.resolve("out"));
        Files.write(folder.resolve("test_batch.bin"), new byte[2 * 3073]);
        for (int i = 1; i <= 5; i++) {
            Files.createFile(folder.resolve("data_batch_" + i + ".bin"));
        }
        Files.writeString(folder.resolve("batches.meta.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
        udc.fails("found 10 classes of other names, expected the network's 10", "evaluate", "--model", model,
                "--task", "cifar10", "--data", folder);
        byte[] bytes = Files.readAllBytes(model);
        bytes[bytes.length - 20] ^= 4;
        udc.fails("metadata 'sha256': found ", "evaluate", "--model", Files.write(folder.resolve("flip.udc"), bytes));
        bytes[12] = 0;
        udc.fails("flip.udc: ", "evaluate", "--model", Files.write(folder.resolve("flip.udc"), bytes));
        udc.fails("flip.udc: ", "inspect", Files.write(folder.resolve("flip.udc"), new byte[5]));
    }

    @Test
    void aFileThatIsNoModelIsSaidToBeNone() throws IOException {
        Path text = Files.writeString(folder.resolve("text.tflite"), "this is no model at all");
        Path empty = Files.createFile(folder.resolve("empty.udc"));
        Path zeros = Files.write(folder.resolve("zeros.udc"), new byte[100]);
        for (Path file : List.of(text, empty, zeros)) {
            udc.fails(file + ": neither a .udc nor a .tflite file", "estimate", file);
            udc.fails(file + ": neither a .udc nor a .tflite file", "inspect", file);
            udc.fails(file + ": not a .udc file", "evaluate", "--model", file);
            udc.fails(file + ": not a .udc file", "export", "--model", file, folder.resolve("out.tflite"));
            udc.fails(file + ": not a .udc file", "upscale", "--model", file, folder, folder.resolve("out"));
            udc.fails(file + ": not a .udc file", "bench", "run", "--model", file);
        }
        Path cut = Files.write(folder.resolve("cut.udc"), java.util.Arrays.copyOf(Files.readAllBytes(model), 99));
        udc.fails(cut + ": header length: found ", "inspect", cut);
        udc.fails(empty + ": is empty, expected JSON", "train", "--arch", empty);
    }

    @Test
    void inspectCountsLayersAndSizes() {
        JsonNode layers = udc.json("inspect", model).path("model").path("layers");
        assertEquals(2, layers.size());
        JsonNode stem = layers.get(0);
        assertEquals("conv 3x3", stem.path("operator").textValue());
        assertEquals(12, stem.path("outChannels").asInt());
        assertEquals(4, stem.path("bits").asInt());
        assertEquals(0.5, stem.path("sparsity").asDouble());
        assertEquals(324, stem.path("weights").asInt());
        assertEquals(stem.path("encodedBytes").asInt() * 8 / 324.0, stem.path("bitsPerWeight").asDouble());
        JsonNode all = udc.json("inspect", model).path("model");
        assertEquals(444, all.path("weights").asInt());
        assertEquals(Math.round((324 * 3 + 120 * 8) / 8.0), all.path("closedFormBytes").asLong());
        assertTrue(all.path("entropyBytes").asLong() < all.path("encodedBytes").asLong());
        udc.run("inspect", model);
        assertTrue(udc.out().matches("(?s).*stem +conv 3x3 +3 to 12 +4 +50\\.0% +324 .*"), udc.out());
    }

    @Test
    void estimateTakesAModelAndAnArchitecture() throws IOException {
        JsonNode ofModel = udc.json("estimate", "--arch", model);
        JsonNode report = ofModel.path("network");
        assertEquals("of the model", ofModel.path("weights").textValue());
        assertEquals("ethos-u55-128", report.path("npu").textValue());
        assertEquals(UdcFile.read(model).encodedBytes(), report.path("encodedBytes").asLong());
        assertEquals(3, report.path("layers").size());
        assertTrue(report.path("milliseconds").asDouble() > 0 && report.path("peakSramBytes").asLong() > 3072);
        double cycles = 0;
        for (JsonNode layer : report.path("layers")) {
            cycles += layer.path("cycles").path("total").asDouble();
        }
        assertEquals(report.path("cycles").path("total").asDouble(), cycles, 1e-6 * cycles);
        assertEquals("of the model, encoded anew for this NPU",
                udc.json("estimate", "--arch", model, "--npu", "ethos-u65-512").path("weights").textValue());

        Path architecture = folder.resolve("architecture.json");
        Files.writeString(architecture, Json.text(ARCHITECTURE));
        udc.run("estimate", "--arch", architecture, "--npu", "ethos-u55-32");
        assertTrue(udc.out().contains("weights: random, pruned and quantized as the architecture says"), udc.out());
        assertTrue(udc.out().contains("on ethos-u55-32"), udc.out());
        udc.fails("architecture.json: not valid JSON", "estimate", "--arch", Files.writeString(architecture, "{"));
        udc.fails("--given-sizes: found a network too", "estimate", "--arch", model, "--given-sizes");
        assertFalse(udc.err().contains("internal"));
    }

    private double accuracy(DataOptions options) {
        try (IntegerNetwork executor = new IntegerNetwork(network)) {
            return 100 * executor.accuracy(shapes(options));
        }
    }

    private static ImageDataset shapes(DataOptions options) {
        return ClassificationData.openTest("shapes", null, options);
    }

    private static IntegerModel network() {
        Quantization map = new Quantization(0.02f, -128);
        Map<String, Quantization> quantization = new HashMap<>(
                Map.of(Architecture.INPUT, new Quantization(0.01f, 0), "stem", map, "pool", map));
        quantization.put("classes", new Quantization(0.1f, 3));
        List<IntegerLayer> layers = new ArrayList<>();
        Random random = new Random(2);
        for (WeightedNode node : ARCHITECTURE.weightedNodes()) {
            WeightShape shape = ARCHITECTURE.weightShape(node);
            byte[] weights = new byte[(int) shape.count()];
            for (int i = 0; i < weights.length; i++) {
                int magnitude = 1 + random.nextInt(node.compression().maxLevel());
                weights[i] = (byte) (node.compression().sparsity() > 0 && i % 2 == 0 ? 0
                        : random.nextBoolean() ? magnitude : -magnitude);
            }
            layers.add(new IntegerLayer(node.name(), shape, weights, Collections.nCopies(
                    shape.outChannels(), new ChannelRecord(100, Requantization.of(0.01)))));
        }
        return new IntegerModel(ARCHITECTURE, quantization, layers);
    }
}
