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

    private static final int STEPS = 2000;
    private static final long MEBIBYTE = 1 << 20;

    @Test
    void twoThousandStepsLeaveNoNativeMemoryBehind() {
        SpaceGraph graph = TinySpaces.everyKind();
        SplittableRandom random = new SplittableRandom(1);
        try (Supernet supernet = new Supernet(graph, 1, Device.CPU);
                DecisionTable decisions = new DecisionTable(graph, Device.CPU)) {
            steps(supernet, decisions, random, STEPS / 4);
            long objects = Pointer.totalBytes();
            long resident = Pointer.physicalBytes();
            steps(supernet, decisions, random, STEPS);
            // Less is no leak: the collector may free what an earlier test left behind.
            long left = Pointer.totalBytes() - objects;
            assertTrue(left <= 0, () -> left + " bytes of native objects left behind");
            long growth = Pointer.physicalBytes() - resident;
            assertTrue(growth < 64 * MEBIBYTE, "resident memory grew by " + growth / MEBIBYTE + " MiB");
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
