package io.udc.search.supernet;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.device.Device;
import io.udc.memory.StepScope;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class SupernetMemoryTest {

    private static final int ROUNDS = 4;
    private static final int STEPS = 500;
    private static final long MEBIBYTE = 1 << 20;

    @Test
    void twoThousandStepsLeaveNoNativeMemoryBehind() {
        SpaceGraph graph = TinySpaces.everyKind();
        SplittableRandom random = new SplittableRandom(1);
        try (Supernet supernet = new Supernet(graph, 1, Device.CPU);
                DecisionTable decisions = new DecisionTable(graph, Device.CPU)) {
            steps(supernet, decisions, random, STEPS);
            // A leak grows in every round, which the code cache and the allocator's arenas do not.
            long leastGrowth = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                long resident = Pointer.physicalBytes();
                long objects = Pointer.totalBytes();
                steps(supernet, decisions, random, STEPS);
                // Less is no leak: the collector may free what an earlier test left behind.
                long left = Pointer.totalBytes() - objects;
                assertTrue(left <= 0, () -> left + " bytes of native objects left behind");
                leastGrowth = Math.min(leastGrowth, Pointer.physicalBytes() - resident);
            }
            assertTrue(leastGrowth < 16 * MEBIBYTE,
                    "resident memory grew by at least " + leastGrowth / MEBIBYTE + " MiB in every round");
        }
    }

    private static void steps(Supernet supernet, DecisionTable decisions, SplittableRandom random, int count) {
        for (int i = 0; i < count; i++) {
            try (StepScope step = StepScope.open()) {
                Tensor p = decisions.noisyProbabilities(1, 1, random);
                Tensor leaf = p.detach();
                leaf.set_requires_grad(true);
                Tensor target = Tensor.create(new long[] {0, 1, 2, 0});
                torch.cross_entropy_loss(supernet.forward(torch.randn(4, 3, 8, 8), leaf), target).backward();
                supernet.backward(leaf);
            }
        }
    }
}
