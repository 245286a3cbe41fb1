package io.udc.npu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.npu.WeightCodec.Effort;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WeightCodecTest {

    private static short[] gaussian(int count, double sigma, double zeros) {
        Random random = new Random(42);
        short[] weights = new short[count];
        for (int i = 0; i < count; i++) {
            double weight = random.nextDouble() < zeros ? 0 : sigma * random.nextGaussian();
            weights[i] = (short) Math.max(-127, Math.min(127, Math.round(weight)));
        }
        return weights;
    }

    @Test
    void weightsComeBack() {
        for (double zeros : new double[] {0, 0.5, 0.95, 1}) {
            short[] weights = gaussian(5000, 20, zeros);
            for (Effort effort : Effort.values()) {
                byte[] stream = WeightCodec.encode(weights, effort);
                assertEquals(0, stream.length % 16);
                assertEquals(stream.length, WeightCodec.encodedBytes(weights, effort));
                assertArrayEquals(weights, WeightCodec.decode(stream, weights.length));
            }
        }
    }

    @Test
    void streamsApproachTheEntropy() {
        short[] weights = gaussian(20000, 12, 0);
        double bits = 8.0 * WeightCodec.encodedBytes(weights, Effort.BEST) / weights.length;
        double entropy = WeightCodec.entropyBitsPerWeight(weights);
        assertTrue(bits > entropy && bits < entropy + 0.2, bits + " bits, entropy " + entropy);
    }

    @Test
    void refusesWhatNoStreamHolds() {
        assertThrows(InputException.class, () -> WeightCodec.encode(new short[0], Effort.FAST));
        InputException range =
                assertThrows(InputException.class, () -> WeightCodec.encode(new short[] {0, 256}, Effort.FAST));
        assertTrue(range.getMessage().contains("weight 1 is 256"), range.getMessage());
    }

    @Test
    void refusesDamagedStreamsAndTooManyWeights() {
        byte[] stream = WeightCodec.encode(gaussian(1000, 20, 0), Effort.FAST);
        InputException cut = assertThrows(
                InputException.class, () -> WeightCodec.decode(Arrays.copyOf(stream, stream.length / 2), 1000));
        assertTrue(cut.getMessage().contains("bit "), cut.getMessage());
        InputException limit = assertThrows(InputException.class, () -> WeightCodec.decode(stream, 999));
        assertTrue(limit.getMessage().contains("more than 999"), limit.getMessage());
    }
}
