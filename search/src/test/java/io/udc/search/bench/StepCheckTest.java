package io.udc.search.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class StepCheckTest {

    @Test
    void theGreatestDifferenceIsAShareOfTheLoss() {
        assertEquals(0.1, StepCheck.compare(List.of(2.0, 4.0), List.of(2.2, 4.2), 0.21), 1e-12);
        assertEquals(0, StepCheck.compare(List.of(2.0), List.of(2.0), 0));
    }

    @Test
    void theFirstStepThatDiffersIsNamed() {
        String apart = assertThrows(IllegalStateException.class, () ->
                StepCheck.compare(List.of(2.0, 2.0), List.of(2.01, 2.1), 0.03)).getMessage();
        assertEquals("step 2: found losses 2.0 and 2.1 in two searches of the same seed, expected a difference of at "
                + "most 3.0% of the first", apart);
        String bits = assertThrows(IllegalStateException.class, () ->
                StepCheck.compare(List.of(2.0), List.of(Math.nextUp(2.0)), 0)).getMessage();
        assertEquals("step 1: found losses 2.0 and 2.0000000000000004 in two searches of the same seed, expected the "
                + "same bits", bits);
        assertThrows(IllegalStateException.class, () ->
                StepCheck.compare(List.of(2.0), List.of(Double.NaN), 0.02));
    }
}
