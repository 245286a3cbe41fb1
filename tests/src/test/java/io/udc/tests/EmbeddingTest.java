package io.udc.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.udc.arch.Activation;
import io.udc.arch.Add;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.Convolution;
import io.udc.arch.Dense;
import io.udc.arch.DepthToSpace;
import io.udc.arch.Depthwise;
import io.udc.arch.GlobalAveragePool;
import io.udc.arch.Node;
import io.udc.arch.Shape;
import io.udc.format.UdcFile;
import io.udc.format.UdcModel;
import io.udc.integer.IntegerModel;
import io.udc.integer.IntegerNetwork;
import io.udc.integer.Quantization;
import io.udc.integer.RandomModels;
import io.udc.npu.EthosLayerCodec;
import io.udc.npu.NpuConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs in tests/native, built against the installed C API, beside {@link IntegerNetwork}. */
class EmbeddingTest {

    private static final Compression BITS = new Compression(5, 0.5);

    @TempDir
    static Path folder;

    @BeforeAll
    static void installAndBuildPrograms() throws Exception {
        Path built = Launcher.ROOT.resolve("native/target/cmake");
        assumeTrue(Files.exists(built.resolve("lib/libudc.a")), "the native parts are not built");
        Path installed = folder.resolve("installed");
        run("cmake", "--install", built.toString(), "--component", "udc", "--prefix", installed.toString());
        run("cmake", "-S", Launcher.ROOT.resolve("tests/native").toString(), "-B", folder.toString(),
                "-DCMAKE_PREFIX_PATH=" + installed);
        run("cmake", "--build", folder.toString());
    }

    @Test
    void aProgramInCClassifiesAPicture() throws Exception {
        Random random = new Random(17);
        Shape input = new Shape(3, 20, 23);
        List<Node> nodes = List.of(
                new Convolution("stem", Architecture.INPUT, 24, 3, 1, Activation.RELU, BITS),
                new Depthwise("dw", "stem", 3, 1, Activation.RELU, BITS),
                new Convolution("pw", "dw", 24, 1, 1, Activation.NONE, BITS),
                new Add("sum", "stem", "pw", Activation.RELU),
                new Convolution("down", "sum", 32, 5, 2, Activation.RELU, BITS),
                new GlobalAveragePool("pool", "down"),
                new Dense("classes", "pool", 9, Activation.NONE, BITS));
        IntegerModel model = RandomModels.withRandomIntegers(new Architecture("classifier", input, nodes), random);
        List<String> names = IntStream.range(0, 9).mapToObj(i -> "class " + i).toList();
        Path file = written("classifier.udc", model, names);
        byte[] pixels = new byte[(int) input.elements()];
        random.nextBytes(pixels);
        Path picture = folder.resolve("picture.ppm");
        Files.write(picture, ppm(pixels, input));

        byte[] scores = answer(model, pixels);
        String expected = IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparing(i -> -scores[i]))
                .limit(5)
                .map(i -> scores[i] + " " + i + " class " + i + "\n")
                .reduce("", String::concat);
        assertEquals(expected, run(folder.resolve("classify_ppm").toString(), file.toString(), picture.toString()));

        Launcher.Outcome wrong = Launcher.run(folder.resolve("classify_ppm"), folder, Map.of(), file.toString(),
                file.toString());
        assertEquals(1, wrong.code());
        assertEquals("classify_ppm: " + file + ": expected a binary PPM of 8-bit pixels\n", wrong.err());
    }

    @Test
    void aProgramInCppUpscalesRawFrames() throws Exception {
        Random random = new Random(18);
        List<Node> nodes = List.of(
                new Convolution("head", Architecture.INPUT, 16, 3, 1, Activation.RELU, BITS),
                new Convolution("body", "head", 9, 3, 1, Activation.NONE, BITS),
                new Add("long", "body", Architecture.INPUT, Activation.NONE),
                new DepthToSpace("shuffle", "long", 3));
        IntegerModel model = RandomModels.withRandomIntegers(
                new Architecture("upscaler", new Shape(1, 8, 8), nodes), random);
        Path file = written("upscaler.udc", model, List.of());
        Shape frame = new Shape(1, 46, 70);
        IntegerModel sized = model.withInput(frame);
        int frames = 5;
        int pixels = (int) frame.elements();
        byte[] input = new byte[frames * pixels];
        random.nextBytes(input);
        Files.write(folder.resolve("frames.gray"), input);
        run("sh", "-c", folder.resolve("upscale_frames") + " " + file + " 70 46 gray 2 < " + folder
                + "/frames.gray > " + folder + "/upscaled.gray");

        byte[] expected = new byte[9 * input.length];
        for (int i = 0; i < frames; i++) {
            byte[] one = Arrays.copyOfRange(input, i * pixels, (i + 1) * pixels);
            byte[] answer = outputPixels(sized, answer(sized, one));
            System.arraycopy(answer, 0, expected, i * answer.length, answer.length);
        }
        assertArrayEquals(expected, Files.readAllBytes(folder.resolve("upscaled.gray")));

        // Planes of constant colour stay constant.
        byte[] coloured = new byte[pixels + 2 * 23 * 35];
        Arrays.fill(coloured, pixels, coloured.length, (byte) 77);
        Files.write(folder.resolve("frame.yuv"), coloured);
        run("sh", "-c", folder.resolve("upscale_frames") + " " + file + " 70 46 yuv420p < " + folder
                + "/frame.yuv > " + folder + "/upscaled.yuv");
        byte[] upscaled = Files.readAllBytes(folder.resolve("upscaled.yuv"));
        assertEquals(9 * pixels + 2 * 69 * 105, upscaled.length);
        assertTrue(IntStream.range(9 * pixels, upscaled.length).allMatch(i -> upscaled[i] == 77));
    }

    @Test
    void theExampleOfTheReadmeRuns() throws Exception {
        List<Node> nodes = List.of(
                new Convolution("stem", Architecture.INPUT, 8, 3, 2, Activation.RELU, BITS),
                new GlobalAveragePool("pool", "stem"),
                new Dense("classes", "pool", 100, Activation.NONE, BITS));
        IntegerModel model = RandomModels.withRandomIntegers(
                new Architecture("example", new Shape(3, 32, 32), nodes), new Random(19));
        Path file = written("example.udc", model, List.of());
        byte[] scores = answer(model, new byte[3 * 32 * 32]);
        int best = IntStream.range(0, scores.length).reduce(0, (a, b) -> scores[b] > scores[a] ? b : a);
        assertEquals("class " + best + "\n", run(folder.resolve("example").toString(), file.toString()));
    }

    private static String run(String... command) throws Exception {
        String[] arguments = new ArrayList<>(List.of(command)).subList(1, command.length).toArray(String[]::new);
        Launcher.Outcome outcome = Launcher.run(Path.of(command[0]), folder, Map.of(), arguments);
        assertEquals(0, outcome.code(), () -> String.join(" ", command) + ":\n" + outcome.out() + outcome.err());
        return outcome.out();
    }

    private static Path written(String name, IntegerModel model, List<String> classNames) {
        Path file = folder.resolve(name);
        UdcFile.write(file, UdcModel.encode(
                "test", "test", classNames, model, new EthosLayerCodec(NpuConfig.parse("ethos-u55-128"))));
        return file;
    }

    private static byte[] answer(IntegerModel model, byte[] pixels) {
        try (IntegerNetwork network = new IntegerNetwork(model)) {
            return network.run(pixels, 1);
        }
    }

    /** The pixels that output values stand for: the nearest on the input's scale. */
    private static byte[] outputPixels(IntegerModel model, byte[] values) {
        Quantization in = model.quantization().get(Architecture.INPUT);
        byte[] pixels = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            double steps = model.outputQuantization().real(values[i]) / in.scale();
            pixels[i] = (byte) Math.min(Math.max(Math.round(steps + in.zeroPoint()) + 128, 0), 255);
        }
        return pixels;
    }

    private static byte[] ppm(byte[] planes, Shape shape) throws IOException {
        int plane = shape.height() * shape.width();
        byte[] header = ("P6\n# a comment\n" + shape.width() + " " + shape.height() + "\n255\n")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] file = Arrays.copyOf(header, header.length + planes.length);
        for (int i = 0; i < planes.length; i++) {
            file[header.length + i % plane * 3 + i / plane] = planes[i];
        }
        return file;
    }
}
