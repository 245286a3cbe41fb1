package io.udc.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.npu.EthosLayerCodec;
import io.udc.npu.LayerCodec;
import io.udc.npu.NpuConfig;
import io.udc.search.space.TinySpaces;
import io.udc.search.train.EncodedSize;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UniformFitTest {

    private static final Compression EIGHT_BITS = new Compression(8, 0);
    private static final long BUDGET = 4096;
    private static final long SEED = 1;

    private final LayerCodec codec = new EthosLayerCodec(NpuConfig.parse("ethos-u55-128"));
    private final UniformFit uniform = new UniformFit(TinySpaces.everyKind(), codec, SEED);

    /** What the fit took each round's network for, when training makes networks this much smaller. */
    private List<Long> rounds(double share, List<Long> trainedBytes) {
        List<Long> measured = new ArrayList<>();
        uniform.trained(
                EIGHT_BITS,
                BUDGET,
                (architecture, round) -> {
                    assertEquals(measured.size(), round);
                    measured.add(EncodedSize.of(codec, SEED).applyAsLong(architecture));
                    trainedBytes.add(Math.round(share * measured.get(round)));
                    return architecture;
                },
                (Architecture architecture) ->
                        Math.round(share * EncodedSize.of(codec, SEED).applyAsLong(architecture)));
        return measured;
    }

    @Test
    void aNetworkThatTrainingMakesMuchSmallerGivesWayToALargerOne() {
        List<Long> trained = new ArrayList<>();
        List<Long> measured = rounds(0.6, trained);
        assertTrue(measured.size() > 1, () -> "one round, " + measured);
        assertTrue(measured.get(0) <= BUDGET && measured.get(1) > BUDGET, measured::toString);
        assertTrue(trained.get(1) > 0.85 * BUDGET && trained.get(1) <= BUDGET, trained::toString);
    }

    @Test
    void aNetworkThatKeepsItsSizeIsTrainedOnce() {
        assertEquals(1, rounds(1, new ArrayList<>()).size());
    }

    @Test
    void theNetworkClosestToTheBudgetIsTaken() {
        List<Architecture> tried = new ArrayList<>();
        // Every training but the second ends far from the budget.
        Architecture taken = uniform.trained(
                EIGHT_BITS,
                BUDGET,
                (architecture, round) -> {
                    tried.add(architecture);
                    return architecture;
                },
                architecture -> tried.indexOf(architecture) == 1 ? BUDGET * 8 / 10 : BUDGET / 2);
        assertEquals(tried.get(1), taken);
    }

    /** The least budget, in steps of a stream's alignment, that a network fits into. */
    private long smallestBytes() {
        for (long bytes = 16; ; bytes += 16) {
            try {
                uniform.fit(EIGHT_BITS, bytes);
                return bytes;
            } catch (InputException e) {
                assertTrue(bytes < BUDGET, e::getMessage);
            }
        }
    }

    @Test
    void aSmallestNetworkThatTrainingMakesLargerStays() {
        long smallest = smallestBytes();
        assertEquals(uniform.fit(EIGHT_BITS, smallest), uniform.trained(
                EIGHT_BITS, smallest, (architecture, round) -> architecture, architecture -> 3 * smallest));
    }
}
