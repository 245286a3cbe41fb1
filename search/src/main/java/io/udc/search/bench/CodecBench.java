package io.udc.search.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.udc.InputException;
import io.udc.bindings.Npu;
import io.udc.files.WholeFile;
import io.udc.json.Json;
import io.udc.npu.WeightCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.ShortPointer;

/**
 * Times the weight-stream codec on one thread, on made-up weights of the kinds that quantized and pruned networks have
 * and on reference streams. A speed is that of the fastest of several rounds. Every stream is decoded and compared, so
 * that a wrong codec has no speed.
 */
public final class CodecBench {

    private static final int COUNT = 1_000_000;
    private static final long SEED = 20240601;
    private static final int ROUNDS = 5;
    private static final long SHORTEST_NANOS = 20_000_000;
    private static final int MOST_WEIGHTS = 1 << 24;

    /**
     * Weights to code. The speeds of Vela 3.10 are those of the reference vectors' README: measured once, on one thread
     * of a 2-core cloud machine, with weights of the same kind.
     */
    private record Case(String name, short[] weights, Long velaBytes, Double velaEncode, Double velaDecode) {}

    private CodecBench() {}

    /**
     * All rows; each is also handed to progress as soon as it is known.
     *
     * @param vectors folder of reference streams with its index.json; null for none
     * @throws InputException if the folder or a stream cannot be read
     */
    public static List<CodecTiming> run(Path vectors, Consumer<CodecTiming> progress) {
        List<Case> cases = madeUp();
        if (vectors != null) {
            cases.addAll(reference(vectors));
        }
        List<CodecTiming> rows = new ArrayList<>();
        for (Case one : cases) {
            CodecTiming row = measure(one);
            progress.accept(row);
            rows.add(row);
        }
        return rows;
    }

    private static List<Case> madeUp() {
        Random random = new Random(SEED);
        List<Case> cases = new ArrayList<>();
        cases.add(new Case("dense 8-bit, sigma 45", gaussian(random, 45, 127), null, 5.0, 45.0));
        cases.add(new Case("dense 8-bit, sigma 12", gaussian(random, 12, 127), null, null, null));
        cases.add(new Case("4-bit", gaussian(random, 2.6, 7), null, 5.7, 50.0));
        cases.add(new Case("3-bit", gaussian(random, 1.1, 3), null, 7.8, 61.0));
        cases.add(new Case("ternary", gaussian(random, 0.8, 1), null, 5.8, 76.0));
        cases.add(new Case("binary", fill(() -> random.nextBoolean() ? 1 : -1, 1), null, 6.4, 150.0));
        cases.add(new Case("50% sparse", pruned(random, 0.5), null, null, null));
        cases.add(new Case("80% sparse", pruned(random, 0.8), null, 10.0, 92.0));
        cases.add(new Case("95% sparse", pruned(random, 0.95), null, 4.5, 185.0));
        cases.add(new Case("99% sparse", pruned(random, 0.99), null, 1.0, 377.0));
        return cases;
    }

    private static short[] gaussian(Random random, double sigma, int most) {
        return fill(() -> sigma * random.nextGaussian(), most);
    }

    private static short[] fill(DoubleSupplier draw, int most) {
        short[] weights = new short[COUNT];
        for (int i = 0; i < COUNT; i++) {
            weights[i] = (short) Math.max(-most, Math.min(most, Math.round(draw.getAsDouble())));
        }
        return weights;
    }

    /** Magnitude pruning: the smallest weights become zero. */
    private static short[] pruned(Random random, double zeros) {
        short[] weights = gaussian(random, 30, 127);
        int[] magnitudes = new int[COUNT];
        Arrays.setAll(magnitudes, i -> Math.abs(weights[i]));
        Arrays.sort(magnitudes);
        int least = magnitudes[(int) (zeros * COUNT)];
        for (int i = 0; i < COUNT; i++) {
            weights[i] = Math.abs(weights[i]) < least ? 0 : weights[i];
        }
        return weights;
    }

    /** The weights are taken from Vela's streams, so that reordered ones need no layer. */
    private static List<Case> reference(Path folder) {
        Path inner = folder.resolve("weights");
        Path home = Files.exists(inner.resolve("index.json")) ? inner : folder;
        List<Case> cases = new ArrayList<>();
        for (JsonNode entry : Json.read(home.resolve("index.json"), JsonNode.class).path("cases")) {
            Path file = home.resolve(entry.path("mlw_file").asText());
            byte[] stream = WholeFile.read(file);
            try {
                cases.add(new Case(entry.path("name").asText(), WeightCodec.decode(stream, MOST_WEIGHTS),
                        (long) stream.length, null, null));
            } catch (InputException e) {
                throw new InputException(file + ": " + e.getMessage(), e);
            }
        }
        if (cases.isEmpty()) {
            throw new InputException(home.resolve("index.json") + ": cases: found none, expected a list");
        }
        return cases;
    }

    private static CodecTiming measure(Case one) {
        try (Codec codec = new Codec(one.weights)) {
            double fast = speed(one.weights.length, () -> codec.encode(Npu.UDC_NPU_EFFORT_FAST));
            long fastBytes = codec.bytes();
            codec.compare();
            double decode = speed(one.weights.length, codec::decode);
            double sizeOnly = speed(one.weights.length, codec::size);
            if (codec.bytes() != fastBytes) {
                throw new IllegalStateException(one.name + ": the size differs from the stream's");
            }
            double best = speed(one.weights.length, () -> codec.encode(Npu.UDC_NPU_EFFORT_BEST));
            long bestBytes = codec.bytes();
            codec.compare();
            return new CodecTiming(one.name, one.weights.length, WeightCodec.entropyBitsPerWeight(one.weights),
                    fastBytes, bestBytes, one.velaBytes, fast, best, sizeOnly, decode, one.velaEncode,
                    one.velaDecode);
        }
    }

    private static double speed(int weights, Runnable body) {
        double fastest = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            long elapsed;
            int repeats = 0;
            do {
                body.run();
                repeats++;
                elapsed = System.nanoTime() - start;
            } while (elapsed < SHORTEST_NANOS);
            fastest = Math.max(fastest, 1e3 * weights * repeats / elapsed);
        }
        return fastest;
    }

    /** The codec on buffers in native memory, so that no copies are timed. */
    private static final class Codec implements AutoCloseable {

        private final short[] expected;
        private final ShortPointer weights;
        private final ShortPointer decoded;
        private final BytePointer stream;
        private final long capacity;
        private final LongPointer size = new LongPointer(1);
        private final LongPointer count = new LongPointer(1);
        private final Npu.udc_npu_error error = new Npu.udc_npu_error();

        Codec(short[] expected) {
            this.expected = expected;
            weights = new ShortPointer(expected);
            decoded = new ShortPointer(expected.length);
            capacity = Npu.udc_npu_encoded_size_bound(expected.length);
            stream = new BytePointer(capacity);
        }

        long bytes() {
            return size.get();
        }

        void encode(int effort) {
            check(Npu.udc_npu_encode_weights(weights, expected.length, effort, stream, capacity, size, error));
        }

        void size() {
            check(Npu.udc_npu_encoded_size(weights, expected.length, Npu.UDC_NPU_EFFORT_FAST, size, error));
        }

        void decode() {
            check(Npu.udc_npu_decode_weights(stream, bytes(), decoded, expected.length, count, error));
        }

        void compare() {
            decode();
            short[] found = new short[expected.length];
            decoded.get(found);
            if (count.get() != expected.length || !Arrays.equals(found, expected)) {
                throw new IllegalStateException("a stream does not decode to its weights");
            }
        }

        private void check(int status) {
            if (status != Npu.UDC_NPU_OK) {
                throw new IllegalStateException("NPU backend, status " + status + ": " + error.message().getString());
            }
        }

        @Override
        public void close() {
            weights.close();
            decoded.close();
            stream.close();
            size.close();
            count.close();
            error.close();
        }
    }
}
