package io.udc.search.supernet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.search.space.DecisionKind;
import org.junit.jupiter.api.Test;

class EntropyScheduleTest {

    @Test
    void structureIsDecidedFirstAndCompressionLast() {
        EntropySchedule schedule = new EntropySchedule(1, 0.6);
        assertEquals(0.5, schedule.target(DecisionKind.WIDTH, 0.3), 1e-12);
        assertEquals(0, schedule.target(DecisionKind.OPERATOR, 0.6), 1e-12);
        assertEquals(1, schedule.target(DecisionKind.BITS, 0.4), 1e-12);
        assertEquals(0.5, schedule.target(DecisionKind.SPARSITY, 0.7), 1e-12);
    }

    @Test
    void compressionIsHeldOpenUntilItsSpanBegins() {
        EntropySchedule schedule = new EntropySchedule(1, 0.6);
        assertFalse(schedule.decidesCompression(0.39));
        assertTrue(schedule.decidesCompression(0.41));
        assertTrue(new EntropySchedule(1, 1).decidesCompression(0));
    }

    @Test
    void everyKindIsOpenAtTheStartAndDecidedAtTheEnd() {
        for (double span : new double[] {0.25, 0.6, 1}) {
            EntropySchedule schedule = new EntropySchedule(2, span);
            for (DecisionKind kind : DecisionKind.values()) {
                assertEquals(1, schedule.target(kind, 0), 1e-12, kind.label());
                assertEquals(0, schedule.target(kind, 1), 1e-12, kind.label());
            }
        }
    }

    @Test
    void aSpanOfOneDecidesAllKindsTogether() {
        EntropySchedule schedule = new EntropySchedule(1, 1);
        for (DecisionKind kind : DecisionKind.values()) {
            assertEquals(0.75, schedule.target(kind, 0.25), 1e-12, kind.label());
        }
    }
}
