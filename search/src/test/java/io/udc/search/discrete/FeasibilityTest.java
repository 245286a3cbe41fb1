package io.udc.search.discrete;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.device.Device;
import io.udc.npu.NpuConfig;
import io.udc.search.config.RunConfig;
import io.udc.search.config.RunConfigBuilder;
import io.udc.search.config.Task;
import io.udc.search.cost.CostModel;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class FeasibilityTest {

    private static final int OPTIONS = 2;

    @Test
    void aLimitBelowTheSpaceIsRefusedWithTheLeastThatIsReachable() {
        refused("100B", null, null, "--budget: found 100 bytes, expected at least \\d+ bytes, .*");
        refused(null, "1us", null, "--max-latency: found 0.0010 ms, expected at least 0.\\d+ ms, .*");
        refused(null, null, "100B", "--max-sram: found 100 bytes, expected at least \\d+ bytes, .*");
    }

    @Test
    void limitsThatCannotBeKeptTogetherAreRefusedWithTheNearestThatCan() {
        SpaceGraph largeOrSlow = TinySpaces.largeOrSlow();
        String fast = milliseconds(largeOrSlow, limits("1MiB", "1s", null));
        String slow = milliseconds(largeOrSlow, limits("4600B", "1s", null));
        assertDoesNotThrow(() -> check(largeOrSlow, limits("1MiB", fast, null)));
        assertDoesNotThrow(() -> check(largeOrSlow, limits("4600B", slow, null)));
        InputException refused = assertThrows(
                InputException.class, () -> check(largeOrSlow, limits("4600B", fast, null)));
        assertTrue(
                refused.getMessage().matches("--max-latency: found .* ms, expected at least .* ms, "
                        + "the least that is reachable with --budget 4600 bytes"),
                refused.getMessage());
    }

    /** The least latency within the other limits, rounded up. */
    private static String milliseconds(SpaceGraph graph, Limits limits) {
        try (CostModels models = new CostModels(graph, OPTIONS, limits, Device.CPU)) {
            CostModel latency = models.byKind().get(LimitKind.LATENCY);
            double seconds = latency.measured(
                    new Feasibility(graph, models.byKind(), limits).cheapest(LimitKind.LATENCY).orElseThrow());
            return String.format(Locale.ROOT, "%.3fus", seconds * 1e6 + 0.001);
        }
    }

    private static void refused(String budget, String latency, String sram, String message) {
        InputException refused = assertThrows(
                InputException.class, () -> check(TinySpaces.countable(), limits(budget, latency, sram)));
        assertTrue(refused.getMessage().matches(message), refused.getMessage());
    }

    private static void check(SpaceGraph graph, Limits limits) {
        try (CostModels models = new CostModels(graph, OPTIONS, limits, Device.CPU)) {
            new Feasibility(graph, models.byKind(), limits).check();
        }
    }

    private static Limits limits(String budget, String latency, String sram) {
        RunConfigBuilder config = RunConfig.builder(Task.SHAPES, "quick");
        config.set("budget", budget == null ? "null" : budget);
        config.set("maxLatency", latency == null ? "null" : latency).set("maxSram", sram == null ? "null" : sram);
        return Limits.of(config.build(), NpuConfig.parse("ethos-u55-128"));
    }
}
