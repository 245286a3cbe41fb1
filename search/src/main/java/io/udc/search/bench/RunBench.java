package io.udc.search.bench;

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
import io.udc.integer.RandomIntegers;
import io.udc.npu.Accelerator;
import io.udc.npu.EthosLayerCodec;
import io.udc.npu.NpuConfig;
import io.udc.tflite.TfliteExport;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Times the executor behind the C API beside TensorFlow Lite on the exported file of the same network. Both run in
 * turns, so that other work on the machine meets both, and their answers are compared before: ours must be the integer
 * network's in every byte, while XNNPACK rounds some values another way.
 */
public final class RunBench {

    private static final int ROUNDS = 7;
    private static final long ROUND_NANOS = 300_000_000L;
    private static final long SEED = 1;

    private RunBench() {}

    /** A network to measure, as both executors read it. */
    private record Case(IntegerModel model, byte[] udc, byte[] tflite) {

        String name() {
            return model.architecture().name();
        }

        int outputs() {
            Architecture architecture = model.architecture();
            return Math.toIntExact(architecture.shapes().get(architecture.output().name()).elements());
        }
    }

    /** Rows of a network with random weights; each is also handed to progress as soon as it is known. */
    public static List<ExecutorTiming> run(IntegerModel model, Consumer<ExecutorTiming> progress) {
        byte[] file = UdcFile.bytes(UdcModel.encode("bench", "bench", List.of(), model,
                new EthosLayerCodec(NpuConfig.of(Accelerator.ETHOS_U55_128))));
        return run(model, file, progress);
    }

    /**
     * Rows of a network.
     *
     * @param file content of the .udc file that decodes to the model
     */
    public static List<ExecutorTiming> run(IntegerModel model, byte[] file, Consumer<ExecutorTiming> progress) {
        return measure(new Case(model, file, TfliteExport.of(model).bytes()), progress);
    }

    /** A classifier of 32x32 pictures and an upscaler by two of 320x180 ones, both with random weights. */
    public static List<IntegerModel> networks() {
        return List.of(
                RandomIntegers.of(classifier(), new Random(SEED)), RandomIntegers.of(upscaler(), new Random(SEED)));
    }

    private static Architecture classifier() {
        Compression bits = new Compression(5, 0.5);
        List<Node> nodes = new ArrayList<>();
        nodes.add(new Convolution("stem", Architecture.INPUT, 16, 3, 1, Activation.RELU, bits));
        nodes.add(new Convolution("stage1", "stem", 32, 3, 2, Activation.RELU, bits));
        nodes.add(new Depthwise("depthwise2", "stage1", 3, 1, Activation.RELU, bits));
        nodes.add(new Convolution("pointwise2", "depthwise2", 32, 1, 1, Activation.NONE, bits));
        nodes.add(new Add("sum2", "pointwise2", "stage1", Activation.RELU));
        nodes.add(new Convolution("stage3", "sum2", 64, 3, 2, Activation.RELU, bits));
        nodes.add(new Convolution("block4", "stage3", 64, 3, 1, Activation.NONE, bits));
        nodes.add(new Add("sum4", "block4", "stage3", Activation.RELU));
        nodes.add(new Convolution("stage5", "sum4", 96, 3, 2, Activation.RELU, bits));
        nodes.add(new GlobalAveragePool("pool", "stage5"));
        nodes.add(new Dense("classes", "pool", 100, Activation.NONE, bits));
        return new Architecture("classifier", new Shape(3, 32, 32), nodes);
    }

    private static Architecture upscaler() {
        Compression bits = new Compression(8, 0);
        return new Architecture("upscaler", new Shape(1, 180, 320), List.of(
                new Convolution("stem", Architecture.INPUT, 16, 5, 1, Activation.RELU, bits),
                new Convolution("first", "stem", 16, 3, 1, Activation.RELU, bits),
                new Convolution("second", "first", 16, 3, 1, Activation.NONE, bits),
                new Add("short", "second", "stem", Activation.RELU),
                new Convolution("head", "short", 4, 3, 1, Activation.NONE, bits),
                new Add("long", "head", Architecture.INPUT, Activation.NONE),
                new DepthToSpace("shuffle", "long", 2)));
    }

    private static List<ExecutorTiming> measure(Case network, Consumer<ExecutorTiming> progress) {
        List<Supplier<PictureRunner>> executors = List.of(
                () -> new UdcRunner(network.udc()),
                () -> new TfliteRunner(network.tflite(), network.outputs()));
        List<List<PictureRunner>> runners = new ArrayList<>();
        int threads = Runtime.getRuntime().availableProcessors();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            byte[] picture = picture(network.model());
            for (Supplier<PictureRunner> executor : executors) {
                List<PictureRunner> perThread = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    PictureRunner runner = executor.get();
                    perThread.add(runner);
                    runner.setPicture(picture);
                }
                runners.add(perThread);
            }
            return rows(network, executors, runners, pool, progress);
        } finally {
            pool.shutdownNow();
            awaitEnd(pool);
            runners.forEach(perThread -> perThread.forEach(PictureRunner::close));
        }
    }

    /** Waits even where this thread is interrupted: a runner that is closed must not be running. */
    private static void awaitEnd(ExecutorService pool) {
        boolean interrupted = false;
        while (!pool.isTerminated()) {
            try {
                pool.awaitTermination(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<ExecutorTiming> rows(
            Case network, List<Supplier<PictureRunner>> executors, List<List<PictureRunner>> runners,
            ExecutorService pool, Consumer<ExecutorTiming> progress) {
        int count = executors.size();
        double[][] one = new double[count][ROUNDS];
        double[][] all = new double[count][ROUNDS];
        double[][] first = new double[count][ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < count; i++) {
                first[i][round] = firstPictureMilliseconds(executors.get(i), picture(network.model()));
                one[i][round] = picturesPerSecond(runners.get(i).get(0));
                all[i][round] = picturesPerSecond(runners.get(i), pool);
            }
        }
        byte[] expected = expected(network.model());
        List<ExecutorTiming> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            PictureRunner runner = runners.get(i).get(0);
            double differing = differing(expected, runner.answer());
            if (runner instanceof UdcRunner && differing != 0) {
                throw new IllegalStateException(network.name() + ": the executor differs from the integer network");
            }
            ExecutorTiming row = new ExecutorTiming(network.name(), runner.executor(),
                    network.model().architecture().macs(), Median.of(one[i]), runners.get(i).size(), Median.of(all[i]),
                    Median.of(first[i]), runner.sessionBytes(), differing);
            progress.accept(row);
            rows.add(row);
        }
        return rows;
    }

    private static double firstPictureMilliseconds(Supplier<PictureRunner> executor, byte[] picture) {
        long start = System.nanoTime();
        try (PictureRunner runner = executor.get()) {
            runner.setPicture(picture);
            runner.run();
            return (System.nanoTime() - start) / 1e6;
        }
    }

    private static double picturesPerSecond(PictureRunner runner) {
        long start = System.nanoTime();
        long pictures = 0;
        while (System.nanoTime() - start < ROUND_NANOS) {
            runner.run();
            pictures++;
        }
        return pictures * 1e9 / (System.nanoTime() - start);
    }

    private static double picturesPerSecond(List<PictureRunner> runners, ExecutorService pool) {
        List<Future<Double>> parts = new ArrayList<>();
        for (PictureRunner runner : runners) {
            parts.add(pool.submit(() -> picturesPerSecond(runner)));
        }
        double sum = 0;
        for (Future<Double> part : parts) {
            try {
                sum += part.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
        return sum;
    }

    /** Random int8 values [row, column, channel], the same in every run. */
    private static byte[] picture(IntegerModel model) {
        byte[] values = new byte[Math.toIntExact(model.architecture().input().elements())];
        new Random(SEED).nextBytes(values);
        return values;
    }

    /** The integer network's answer to {@link #picture}, [row, column, channel]. */
    private static byte[] expected(IntegerModel model) {
        Shape input = model.architecture().input();
        byte[] pixels = picture(model);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] ^= (byte) 0x80;
        }
        try (IntegerNetwork network = new IntegerNetwork(model)) {
            byte[] answer = network.run(planar(pixels, input), 1);
            Architecture architecture = model.architecture();
            return interleaved(answer, architecture.shapes().get(architecture.output().name()));
        }
    }

    private static byte[] planar(byte[] values, Shape shape) {
        byte[] turned = new byte[values.length];
        int plane = shape.height() * shape.width();
        for (int i = 0; i < values.length; i++) {
            turned[i % shape.channels() * plane + i / shape.channels()] = values[i];
        }
        return turned;
    }

    private static byte[] interleaved(byte[] values, Shape shape) {
        byte[] turned = new byte[values.length];
        int plane = shape.height() * shape.width();
        for (int i = 0; i < values.length; i++) {
            turned[i % plane * shape.channels() + i / plane] = values[i];
        }
        return turned;
    }

    private static double differing(byte[] expected, byte[] found) {
        int count = 0;
        for (int i = 0; i < expected.length; i++) {
            count += expected[i] == found[i] ? 0 : 1;
        }
        return (double) count / expected.length;
    }
}
