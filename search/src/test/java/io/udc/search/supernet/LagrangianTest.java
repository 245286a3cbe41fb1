package io.udc.search.supernet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.udc.device.Device;
import io.udc.memory.StepScope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class LagrangianTest {

    private static final double PENALTY = 4;
    private static final double[] FLOORS = {Lagrangian.NO_FLOOR, 0, 0};

    @Test
    void termsAreTheAugmentedLagrangiansOfTheValuesBeforeTheMultipliersMove() {
        double[] m = {-0.5, 0.3, 0.1};
        float[] g = {0.2f, 0.4f, -0.6f};
        try (StepScope scope = StepScope.open();
                Lagrangian lagrangian = new Lagrangian(3, PENALTY, PENALTY, Device.CPU)) {
            lagrangian.restore(List.of(m[0], m[1], m[2]));
            Tensor values = Tensor.create(g).set_requires_grad(true);
            Tensor sum = lagrangian.step(values, Tensor.create(FLOORS));
            double held = m[0] * g[0] + PENALTY * g[0] * g[0] / 2;
            double above = m[1] * g[1] + PENALTY * g[1] * g[1] / 2;
            double slack = -m[2] * m[2] / (2 * PENALTY); // m + r g is below 0
            assertEquals(held + above + slack, sum.item_double(), 1e-6);
            sum.backward();
            assertEquals(m[0] + PENALTY * g[0], values.grad().select(0, 0).item_double(), 1e-6);
            assertEquals(m[1] + PENALTY * g[1], values.grad().select(0, 1).item_double(), 1e-6);
            assertEquals(0, values.grad().select(0, 2).item_double(), 1e-6);
        }
    }

    @Test
    void multipliersMoveWithTheViolationAndNotBelowTheirFloor() {
        try (StepScope scope = StepScope.open();
                Lagrangian lagrangian = new Lagrangian(3, PENALTY, PENALTY, Device.CPU)) {
            for (int step = 0; step < 2; step++) {
                lagrangian.step(Tensor.create(new float[] {-1, 2, -1}), Tensor.create(FLOORS));
            }
            List<Double> moved = lagrangian.multipliers();
            assertEquals(-2 * 0.05 * PENALTY, moved.get(0), 1e-12);
            assertEquals(4 * 0.05 * PENALTY, moved.get(1), 1e-12);
            assertEquals(0, moved.get(2), 0);
        }
    }

    @Test
    void multipliersStayWithinTheirBound() {
        double most = 1.5;
        try (StepScope scope = StepScope.open();
                Lagrangian lagrangian = new Lagrangian(3, PENALTY, most, Device.CPU)) {
            for (int step = 0; step < 100; step++) {
                lagrangian.step(Tensor.create(new float[] {-1, 2, -1}), Tensor.create(FLOORS));
            }
            assertEquals(List.of(-most, most, 0.0), lagrangian.multipliers());
        }
    }
}
