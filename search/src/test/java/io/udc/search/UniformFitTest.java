package io.udc.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.npu.EthosLayerCodec;
import io.udc.npu.NpuConfig;
import io.udc.search.space.TinySpaces;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UniformFitTest {

    private static final Compression EIGHT_BITS = new Compression(8, 0);
    private static final long BUDGET = 4096;

    private final UniformFit uniform = new UniformFit(
            TinySpaces.everyKind(), new EthosLayerCodec(NpuConfig.parse("ethos-u55-128")), 1);

    @Test
    void aNetworkThatTrainingHasMadeMuchSmallerGivesWayToALargerOne() {
        Architecture fitted = uniform.fit(EIGHT_BITS, BUDGET);
        Architecture larger = uniform.larger(fitted, EIGHT_BITS, BUDGET, BUDGET / 2).orElseThrow();
        assertTrue(larger.weightCount() > fitted.weightCount());
        assertEquals(uniform.fit(EIGHT_BITS, 2 * BUDGET), larger);
    }

    @Test
    void aNetworkThatUsesItsBudgetStays() {
        Architecture fitted = uniform.fit(EIGHT_BITS, BUDGET);
        assertEquals(Optional.empty(), uniform.larger(fitted, EIGHT_BITS, BUDGET, BUDGET * 95 / 100));
    }
}
