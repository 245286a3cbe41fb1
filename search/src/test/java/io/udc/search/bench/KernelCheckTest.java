package io.udc.search.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.memory.StepScope;
import io.udc.search.bench.KernelBench.Inputs;
import io.udc.search.bench.KernelCheck.Comparison;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class KernelCheckTest {

    @Test
    void everyKernelAgreesWithItsComposition() {
        try (StepScope scope = StepScope.open()) {
            Inputs inputs = KernelBench.makeInputs(List.of(new long[] {48, 75}, new long[] {1, 5000}));
            KernelCheck check = new KernelCheck(inputs);
            for (double error : new double[] {check.mixForward(), check.mixBackward(), check.quantizeForward(),
                check.quantizeBackward(), check.thresholds(), check.mixForward()}) {
                assertTrue(error >= 0 && error <= 1e-4, () -> "relative error " + error);
            }
            inputs.mixer().close();
            inputs.quantizer().close();
        }
    }

    @Test
    void aWrongResultIsNamedInOneLine() {
        try (StepScope scope = StepScope.open()) {
            Tensor right = torch.ones(100);
            Comparison comparison = new Comparison("mix_forward");
            comparison.add(right, right);
            assertEquals(0, comparison.error());
            comparison.add(right.mul(new Scalar(1.1)), right);
            String message = assertThrows(IllegalStateException.class, comparison::error).getMessage();
            assertTrue(message.startsWith("mix_forward: found a relative error of 0.05"), message);
            assertEquals(1, message.lines().count());
            comparison.add(right.mul(new Scalar(Double.NaN)), right);
            assertThrows(IllegalStateException.class, comparison::error);
        }
    }
}
