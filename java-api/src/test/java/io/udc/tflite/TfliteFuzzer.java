package io.udc.tflite;

import io.udc.InputException;
import io.udc.integer.RandomModels;
import io.udc.npu.EncodedSizes;
import io.udc.npu.NpuConfig;
import io.udc.npu.PerformanceModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * A target for Jazzer, which is libFuzzer for the JVM (com.code-intelligence:jazzer): reads a file and estimates it.
 * After {@code mvn package}, with the test class path in CP (dependency:build-classpath) and Jazzer's two jars in it:
 *
 * <pre>
 *     java -cp $CP io.udc.tflite.TfliteFuzzer CORPUS        writes the first files
 *     java -cp $CP com.code_intelligence.jazzer.Jazzer --target_class=io.udc.tflite.TfliteFuzzer \\
 *         --instrumentation_includes=io.udc.tflite.**:com.google.flatbuffers.** -max_len=8192 -timeout=5 CORPUS
 * </pre>
 */
public final class TfliteFuzzer {

    private static final PerformanceModel U55 = new PerformanceModel(NpuConfig.parse("ethos-u55-128"));

    private TfliteFuzzer() {}

    /** Anything but a network or an {@link InputException} of one line is a finding. */
    public static void fuzzerTestOneInput(byte[] content) {
        try {
            NpuNetwork network = TfliteOperators.of(TfliteFile.parse(content, "fuzz"), U55,
                    (name, operator, weights) -> EncodedSizes.total(weights.length));
            if (!network.operators().isEmpty()) {
                U55.estimate(network.operators());
            }
        } catch (InputException e) {
            if (e.getMessage().lines().count() != 1) {
                throw new IllegalStateException("not one line: " + e.getMessage(), e);
            }
        }
    }

    /** Writes the files from which a run starts. */
    public static void main(String[] args) throws IOException {
        Path corpus = Files.createDirectories(Path.of(args[0]));
        Files.write(corpus.resolve("mixed"), SampleFiles.mixed());
        for (int seed = 0; seed < 4; seed++) {
            Files.write(corpus.resolve("classifier" + seed),
                    TfliteExport.of(RandomModels.classifier(new Random(seed))).bytes());
            Files.write(corpus.resolve("upscaler" + seed),
                    TfliteExport.of(RandomModels.upscaler(new Random(seed))).bytes());
        }
    }
}
