package io.udc.search.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StepSizesTest {

    @Test
    void everyChannelHasItsOwnStep() {
        float[] weights = {1, -2, 7, 0, 10, -20, 70, 0};
        assertArrayEquals(new float[] {1, 10}, StepSizes.leastSquares(weights, 4, 7), 1e-6f);
    }

    @Test
    void weightsOnTheGridHaveNoError() {
        assertEquals(0, StepSizes.relativeError(new float[] {1, -2, 7, 0, 10, -20, 70, 0}, 4, 7), 1e-12);
        assertEquals(0, StepSizes.relativeError(new float[8], 4, 7));
    }

    @Test
    void theErrorIsAShareOfTheSquares() {
        // One level on either side: 1 becomes 2/3 of itself or 0; the best step of {1, 3} is found among candidates.
        float[] weights = {1, 3};
        float step = StepSizes.leastSquares(weights, 0, 2, 1);
        double left = Math.pow(1 - (step <= 2 ? step : 0), 2) + Math.pow(3 - step, 2);
        assertEquals(left / 10, StepSizes.relativeError(weights, 2, 1), 1e-6);
    }

    @Test
    void aBitMoreTakesAboutThreeQuartersOfAGaussiansErrorAway() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        float[] weights = new float[10_000];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian();
        }
        double[] errors = {
            StepSizes.relativeError(weights, 1000, 7),
            StepSizes.relativeError(weights, 1000, 15),
            StepSizes.relativeError(weights, 1000, 31)
        };
        assertTrue(errors[1] < 0.35 * errors[0] && errors[1] > 0.2 * errors[0], "seed " + seed);
        assertTrue(errors[2] < 0.35 * errors[1] && errors[2] > 0.2 * errors[1], "seed " + seed);
    }
}
