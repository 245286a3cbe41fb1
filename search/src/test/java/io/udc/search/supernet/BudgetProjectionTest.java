package io.udc.search.supernet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.device.Device;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.npu.Accelerator;
import io.udc.npu.LayerStreams;
import io.udc.npu.NpuConfig;
import io.udc.npu.PerformanceModel;
import io.udc.search.cost.BytesCost;
import io.udc.search.cost.CostModel;
import io.udc.search.cost.LatencyCost;
import io.udc.search.cost.RateTable;
import io.udc.search.cost.StreamLayout;
import io.udc.search.discrete.Budget;
import io.udc.search.discrete.Discretizer;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try")
class BudgetProjectionTest {

    private final SpaceGraph graph = TinySpaces.everyKind();
    private final DecisionTable decisions = new DecisionTable(graph, Device.CPU);
    private final BytesCost bytes = new BytesCost(graph, decisions.options(),
            StreamLayout.of(new LayerStreams(Accelerator.ETHOS_U55_128)), new RateTable(graph), Device.CPU);
    private final long seed = System.nanoTime();
    private final SplittableRandom random = new SplittableRandom(seed);

    @AfterEach
    void close() {
        decisions.close();
        bytes.close();
    }

    @Test
    void decisionsComeToTheBudgetHoweverSureTheyAre() {
        for (double sureness : new double[] {0.1, 1, 5, 20}) {
            for (int trial = 0; trial < 5; trial++) {
                draw(sureness);
                Budget budget = new Budget(bytes, between(bytes), true);
                String where = "seed " + seed + ", logits of " + sureness + ", trial " + trial;
                assertTrue(project(budget), where);
                assertEquals(1, expected(bytes) / budget.limit(), 2 * BudgetProjection.TOLERANCE, where);
            }
        }
    }

    @Test
    void nothingChangesWhereTheBudgetIsMetAlready() {
        draw(2);
        double[][] before = decisions.toArray();
        assertTrue(project(new Budget(bytes, expected(bytes) * 1.001, true)));
        assertTrue(project(new Budget(bytes, expected(bytes) * 2, false)), "only bounded from above");
        for (int decision = 0; decision < before.length; decision++) {
            assertArrayEquals(before[decision], decisions.toArray()[decision]);
        }
    }

    @Test
    void whatChangesIsInProportionToWhatItCosts() {
        draw(1);
        try (StepScope scope = StepScope.open()) {
            Tensor before = centred(decisions.logits().detach().clone());
            assertTrue(project(new Budget(bytes, 0.7 * expected(bytes), true)));
            Tensor p = decisions.probabilities().detach();
            p.set_requires_grad(true);
            bytes.expected(p).backward();
            Tensor moved = centred(decisions.logits().detach()).sub(before).flatten();
            Tensor wanted = centred(p.grad()).neg().flatten();
            double cosine = moved.dot(wanted).div(moved.norm().mul(wanted.norm())).item_double();
            assertTrue(cosine > 0.98, "seed " + seed + ": found a cosine of " + cosine);
        }
    }

    @Test
    void allBudgetsHoldTogether() {
        try (LatencyCost latency = new LatencyCost(graph, decisions.options(),
                new PerformanceModel(NpuConfig.parse("ethos-u55-128")), bytes, Device.CPU)) {
            draw(3);
            List<Budget> budgets = List.of(
                    new Budget(bytes, 0.9 * expected(bytes), true),
                    new Budget(latency, 0.9 * expected(latency), false));
            new BudgetProjection(budgets, Device.CPU).apply(decisions);
            for (Budget budget : budgets) {
                double load = expected(budget.cost()) / budget.limit();
                assertTrue(load <= 1 + 2 * BudgetProjection.TOLERANCE,
                        "seed " + seed + ": " + budget.cost().name() + " at " + load);
            }
        }
    }

    @Test
    void anImpossibleBudgetIsReported() {
        draw(1);
        assertFalse(project(new Budget(bytes, 10 * bytes.of(graph, graph.widest()), true)));
    }

    private boolean project(Budget budget) {
        return new BudgetProjection(List.of(budget), Device.CPU).apply(decisions);
    }

    private double expected(CostModel cost) {
        try (StepScope scope = StepScope.open()) {
            return cost.expected(decisions.probabilities()).item_double();
        }
    }

    private void draw(double sureness) {
        try (StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            float[] logits = new float[(int) decisions.logits().numel()];
            for (int i = 0; i < logits.length; i++) {
                logits[i] = (float) (sureness * (2 * random.nextDouble() - 1));
            }
            decisions.logits().copy_(Tensor.create(logits, decisions.logits().shape()));
        }
    }

    /** A limit that networks of the space come to. */
    private double between(CostModel cost) {
        double least = cost.of(graph, new Discretizer(graph, List.of()).cheapest(cost).orElseThrow());
        return least + (cost.of(graph, graph.widest()) - least) * (0.2 + 0.6 * random.nextDouble());
    }

    /** Without what is common to a row, under the probabilities; softmax does not see it. */
    private Tensor centred(Tensor rows) {
        Tensor p = decisions.probabilities().detach();
        Tensor present = p.gt(new Scalar(0)).to(torch.ScalarType.Float);
        Tensor mean = rows.mul(present).sum(1).div(present.sum(1));
        return rows.sub(mean.unsqueeze(1)).mul(present);
    }
}
