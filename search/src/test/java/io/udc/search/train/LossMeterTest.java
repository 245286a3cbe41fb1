package io.udc.search.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.device.Device;
import io.udc.memory.StepScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class LossMeterTest {

    @Test
    void theMeanDoesNotDependOnWhenItIsRead() {
        try (LossMeter never = new LossMeter(Device.CPU);
                LossMeter often = new LossMeter(Device.CPU)) {
            for (int step = 1; step <= 7; step++) {
                add(never, 1f / step);
                add(often, 1f / step);
                assertEquals(1f / step, often.recent(), 1e-6);
            }
            assertEquals(never.mean(), often.mean(), 0);
        }
    }

    @Test
    void theMeanOfAllDoesNotChangeWhatIsRecent() {
        try (LossMeter meter = new LossMeter(Device.CPU)) {
            add(meter, 1);
            assertEquals(1, meter.recent());
            add(meter, 2);
            assertEquals(1.5, meter.mean());
            add(meter, 6);
            assertEquals(4, meter.recent());
        }
    }

    @Test
    void aLossThatIsNoNumberShowsInEveryLaterReading() {
        try (LossMeter meter = new LossMeter(Device.CPU)) {
            assertEquals(0, meter.mean());
            add(meter, Float.NaN);
            add(meter, 1);
            assertTrue(Double.isNaN(meter.recent()));
            add(meter, 1);
            assertTrue(Double.isNaN(meter.recent()) && Double.isNaN(meter.mean()));
        }
    }

    private static void add(LossMeter meter, float loss) {
        try (StepScope scope = StepScope.open()) {
            meter.add(Tensor.create(loss));
        }
    }
}
