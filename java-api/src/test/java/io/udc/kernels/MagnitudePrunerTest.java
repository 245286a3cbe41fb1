package io.udc.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MagnitudePrunerTest extends KernelTest {

    private static final double[] SPARSITIES = {0, 0.001, 0.5, 0.75, 0.94, 1};

    @ParameterizedTest
    @EnumSource
    void keepsExactlyTheLargest(Implementation implementation) {
        use(implementation);
        for (int[] shape : SHAPES) {
            check(normals(shape[0] * shape[1], 0.1));
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsTheFirstOfEqualWeights(Implementation implementation) {
        use(implementation);
        float[] few = new float[100003];
        for (int i = 0; i < few.length; i++) {
            few[i] = (random.nextInt(9) - 4) * 0.25f;
        }
        check(few);
        check(new float[1000]);
    }

    @ParameterizedTest
    @EnumSource
    void ordersDenormalsAndValuesThatAreNotFiniteByTheirBits(Implementation implementation) {
        use(implementation);
        float[] odd = normals(2000, 0x1p-140);
        odd[3] = Float.NaN;
        odd[4] = Float.NEGATIVE_INFINITY;
        odd[5] = -0.0f;
        check(odd);
    }

    @ParameterizedTest
    @EnumSource
    void setsPrunedWeightsToZero(Implementation implementation) {
        use(implementation);
        float[] values = normals(1001, 1);
        values[7] = Float.NaN;
        Tensor weights = place(values, 1001);
        Tensor mask = zeroBytes(1001);
        try (MagnitudePruner pruner = new MagnitudePruner(List.of(new MagnitudePruner.Layer(weights, mask)))) {
            pruner.updateMasks(new double[] {0.6});
            pruner.applyMasks();
        }
        boolean[] survivors = KernelReference.survivors(values, 0.6);
        for (int i = 0; i < values.length; i++) {
            values[i] = survivors[i] ? values[i] : 0;
        }
        assertSameBits(values, read(weights), "weights");
    }

    @Test
    void marksWeightsOnTheHost() {
        assertArrayEquals(new byte[] {1, 0, 0, 1}, MagnitudePruner.mask(new float[] {1, -1, 1, 2}, 0.5));
        float[] values = normals(99, 1);
        int survivors = 0;
        for (byte one : MagnitudePruner.mask(values, 0.3)) {
            survivors += one;
        }
        assertEquals(99 - 30, survivors, seedMessage());
    }

    /** The same weights as several layers of one network, one for each sparsity. */
    private void check(float[] values) {
        List<MagnitudePruner.Layer> layers = new ArrayList<>();
        for (int s = 0; s < SPARSITIES.length; s++) {
            layers.add(new MagnitudePruner.Layer(place(values, values.length), zeroBytes(values.length)));
        }
        try (MagnitudePruner pruner = new MagnitudePruner(layers)) {
            pruner.updateMasks(SPARSITIES);
        }
        for (int s = 0; s < SPARSITIES.length; s++) {
            boolean[] expected = KernelReference.survivors(values, SPARSITIES[s]);
            byte[] mask = readBytes(layers.get(s).mask());
            boolean[] actual = new boolean[mask.length];
            for (int i = 0; i < mask.length; i++) {
                actual[i] = mask[i] != 0;
            }
            assertArrayEquals(expected, actual, "sparsity " + SPARSITIES[s] + ", " + seedMessage());
        }
    }
}
