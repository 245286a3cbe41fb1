package io.udc.search.supernet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.device.Device;
import io.udc.memory.StepScope;
import io.udc.search.config.RunConfig;
import io.udc.search.config.Task;
import io.udc.search.space.Decision;
import io.udc.search.space.Extent;
import io.udc.search.space.SearchBlock;
import io.udc.search.space.SearchLayer;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Operators that are all but ruled out cost nothing and change nothing. */
class LeftOutOperatorsTest {

    private static final int PICTURES = 6;

    private final SpaceGraph graph = TinySpaces.everyKind();
    private final Supernet supernet = new Supernet(graph, 3, Device.CPU);
    private final float[] pixels = pixels();
    private final double[][] p = uniform();

    @AfterEach
    void close() {
        supernet.close();
    }

    @Test
    void anOperatorThatIsNeverUsedChangesNothing() {
        SearchBlock block = blockWithOperators();
        onlyOption(block.operator(), 0);
        float[] computed = output();
        supernet.leaveOutBelow(0.01, p);
        assertArrayEquals(computed, output(), 1e-5f);
    }

    @Test
    void aBlockThatIsNeverKeptHandsItsInputOn() {
        onlyOption(blockThatMayBeSkipped().depth(), Decision.SKIP);
        float[] computed = output();
        supernet.leaveOutBelow(0.01, p);
        assertArrayEquals(computed, output(), 1e-5f);
    }

    @Test
    void theWeightsOfALeftOutOperatorHaveNoGradient() {
        SearchBlock block = blockWithOperators();
        SearchLayer left = block.operators().get(1).last();
        p[block.operator()][1] = 0.009;
        assertFalse(gradientIsZero(left), "computed, an unlikely operator has a small gradient");
        supernet.leaveOutBelow(0.01, p);
        assertTrue(gradientIsZero(left));
    }

    @Test
    void whatIsLikelyAgainIsComputedAgain() {
        float[] computed = output();
        double[][] decided = uniform();
        Arrays.fill(decided[blockWithOperators().operator()], 0);
        decided[blockWithOperators().operator()][0] = 1;
        supernet.leaveOutBelow(0.01, decided);
        assertFalse(Arrays.equals(computed, output()));
        supernet.leaveOutBelow(0.01, p);
        assertArrayEquals(computed, output());
    }

    @Test
    void theWeightsOfALeftOutOperatorStandStillWhateverTheirMomentum() {
        SearchBlock block = blockWithOperators();
        List<SearchLayer> left = block.operators().get(1).layers();
        SearchSettings settings = RunConfig.builder(Task.SHAPES, "quick")
                .set("search.optimizer", "muon")
                .build()
                .search();
        try (DecisionTable decisions = new DecisionTable(graph, Device.CPU);
                SearchProgress progress =
                        new SearchProgress(supernet, decisions, settings, List.of(), 1, Device.CPU)) {
            List<float[]> before = left.stream().map(supernet::weightArray).toList();
            assertFalse(gradientIsZero(left.get(0)));
            progress.stepWeights(0.1);
            left.forEach(layer -> assertTrue(distance(before.get(left.indexOf(layer)), layer) > 0.01));

            List<float[]> moved = left.stream().map(supernet::weightArray).toList();
            p[block.operator()][1] = 0.009;
            supernet.leaveOutBelow(0.01, p);
            progress.leaveOut(supernet.unused());
            assertTrue(gradientIsZero(left.get(0)));
            progress.stepWeights(0.1);
            left.forEach(layer -> assertEquals(0, distance(moved.get(left.indexOf(layer)), layer), 1e-5));
        }
    }

    /** The largest difference of a layer's weights from earlier ones. */
    private double distance(float[] earlier, SearchLayer layer) {
        float[] now = supernet.weightArray(layer);
        return IntStream.range(0, now.length)
                .mapToDouble(i -> Math.abs(now[i] - earlier[i]))
                .max()
                .orElseThrow();
    }

    private SearchBlock blockWithOperators() {
        return graph.blocks().stream().filter(b -> b.operator() != Extent.FIXED).findFirst().orElseThrow();
    }

    private SearchBlock blockThatMayBeSkipped() {
        return graph.blocks().stream().filter(b -> b.depth() != Extent.FIXED).findFirst().orElseThrow();
    }

    private void onlyOption(int decision, int option) {
        Arrays.fill(p[decision], 0);
        p[decision][option] = 1;
    }

    private float[] output() {
        try (StepScope scope = StepScope.open()) {
            Tensor logits = supernet.forward(images(), table());
            float[] values = new float[(int) logits.numel()];
            new FloatPointer(logits.detach().contiguous().data_ptr()).get(values);
            return values;
        }
    }

    private boolean gradientIsZero(SearchLayer layer) {
        try (StepScope scope = StepScope.open()) {
            Tensor table = table();
            supernet.forward(images(), table).square().sum().backward();
            supernet.backward(table);
            long offset = graph.layers().stream()
                    .limit(layer.index())
                    .mapToLong(l -> l.widest().count())
                    .sum();
            Tensor gradient = supernet.parameters().weightGradients().narrow(0, offset, layer.widest().count());
            return gradient.abs().max().item_float() == 0;
        }
    }

    private Tensor images() {
        return Tensor.create(pixels, PICTURES, 3, 8, 8);
    }

    private Tensor table() {
        float[] flat = new float[p.length * p[0].length];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (float) p[i / p[0].length][i % p[0].length];
        }
        return Tensor.create(flat, p.length, p[0].length);
    }

    private double[][] uniform() {
        int options = graph.decisions().stream().mapToInt(Decision::options).max().orElseThrow();
        double[][] table = new double[graph.decisions().size()][options];
        for (Decision decision : graph.decisions()) {
            Arrays.fill(table[decision.index()], 0, decision.options(), 1.0 / decision.options());
        }
        return table;
    }

    private static float[] pixels() {
        SplittableRandom random = new SplittableRandom(11);
        float[] values = new float[PICTURES * 3 * 8 * 8];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
