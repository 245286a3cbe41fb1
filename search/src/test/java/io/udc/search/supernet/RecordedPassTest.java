package io.udc.search.supernet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.data.Batch;
import io.udc.device.Device;
import io.udc.device.RecordedWork;
import io.udc.memory.StepScope;
import io.udc.search.SearchEvent;
import io.udc.search.SearchEvent.Message;
import io.udc.search.space.Extent;
import io.udc.search.space.SearchBlock;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Recording on the CPU: what would be a graph does its work again, on the tensors with which it was recorded. */
class RecordedPassTest {

    private final SpaceGraph graph = TinySpaces.everyKind();
    private final Supernet supernet = new Supernet(graph, 5, Device.CPU);
    private final Supernet other = new Supernet(graph, 5, Device.CPU);
    private final DecisionTable decisions = new DecisionTable(graph, Device.CPU);
    private final SearchFeed feed = TinyFeed.create();
    private final SplittableRandom random = new SplittableRandom(1);
    private final List<Rerun> works = new ArrayList<>();
    private final List<SearchEvent> events = new ArrayList<>();
    private final SupernetPass direct = new DirectPass(other, feed);
    private final RecordedPass recorded = new RecordedPass(
            new DirectPass(supernet, feed), supernet::leftOut, this::work, Device.CPU, events::add);
    private boolean refuses;

    @AfterEach
    void close() {
        recorded.close();
        assertTrue(works.stream().allMatch(Rerun::isClosed));
        supernet.close();
        other.close();
        decisions.close();
        feed.close();
    }

    private RecordedWork work() {
        Rerun work = new Rerun(refuses);
        works.add(work);
        return work;
    }

    @Test
    void passesAreRecordedBehindTheirWarmUpAndThenRepeated() {
        steps(5, false);
        assertEquals(1, works.size());
        assertEquals(List.of("warm up", "warm up", "capture", "replay", "replay", "replay"), works.get(0).calls());
    }

    @Test
    void stepsOfWeightsAndDecisionsAreRecordedEachByThemselves() {
        for (int i = 0; i < 3; i++) {
            steps(1, false);
            steps(1, true);
        }
        for (Rerun work : works) {
            assertEquals(List.of("warm up", "warm up", "capture", "replay"), work.calls());
        }
        assertEquals(2, works.size());
    }

    @Test
    void batchesOfAnotherFormArePassedOverDirectly() {
        steps(3, true);
        int calls = works.get(0).calls().size();
        try (StepScope scope = StepScope.open(); Batch batch = batch(7)) {
            compare(new Batch(batch.images().narrow(0, 0, 5), batch.targets().narrow(0, 0, 5)), true);
        }
        assertEquals(calls, works.get(0).calls().size());
        steps(1, true);
        assertEquals("replay", works.get(0).calls().get(calls));
    }

    @Test
    void otherOperatorsAreRecordedAnew() {
        steps(4, true);
        double[][] p = decisions.toArray();
        SearchBlock block = graph.blocks().stream()
                .filter(b -> b.operator() != Extent.FIXED)
                .findFirst()
                .orElseThrow();
        p[block.operator()][1] = 0;
        supernet.leaveOutBelow(0.01, p);
        other.leaveOutBelow(0.01, p);
        works.get(0).calls().clear();
        steps(4, true);
        assertEquals(List.of("warm up", "warm up", "capture", "replay", "replay"), works.get(0).calls());
        supernet.leaveOutBelow(0.01, p);
        steps(1, true);
        assertEquals("replay", works.get(0).calls().get(5), "the same operators need no other recording");
    }

    @Test
    void whatCannotBeRecordedRunsDirectlyAndIsToldOnce() {
        refuses = true;
        for (int i = 0; i < 5; i++) {
            steps(1, false);
            steps(1, true);
        }
        assertEquals(List.of(Message.warning(
                "search.cudaGraph: steps are not recorded from here on: operation not permitted")), events);
        assertEquals(List.of("warm up", "warm up", "capture"), works.get(0).calls());
        assertEquals(List.of("warm up", "warm up"), works.get(1).calls());
    }

    /** Passes over several batches, each compared with a direct one. */
    private void steps(int count, boolean learnsDecisions) {
        for (int i = 0; i < count; i++) {
            try (Batch batch = batch(i)) {
                compare(batch, learnsDecisions);
            }
        }
    }

    private Batch batch(int epoch) {
        return feed.weightBatches(epoch).iterator().next();
    }

    /** Loss and all gradients of both kinds of pass, under noise of its own, bit for bit. */
    private void compare(Batch batch, boolean learnsDecisions) {
        try (StepScope scope = StepScope.open()) {
            Tensor expectedLeaf = decisions.noisyProbabilities(1, 1, random).detach();
            Tensor leaf = expectedLeaf.clone();
            expectedLeaf.set_requires_grad(learnsDecisions);
            leaf.set_requires_grad(learnsDecisions);
            float expected = direct.run(batch, expectedLeaf).item_float();
            assertNotEquals(0, expected);
            assertEquals(expected, recorded.run(batch, leaf).item_float());
            assertArrayEquals(
                    values(other.parameters().weightGradients()), values(supernet.parameters().weightGradients()));
            assertArrayEquals(
                    values(other.parameters().affineGradients()), values(supernet.parameters().affineGradients()));
            if (learnsDecisions) {
                assertArrayEquals(values(expectedLeaf.grad()), values(leaf.grad()));
            }
        }
    }

    private static float[] values(Tensor tensor) {
        float[] values = new float[(int) tensor.numel()];
        new FloatPointer(tensor.contiguous().data_ptr()).get(values);
        return values;
    }
}
