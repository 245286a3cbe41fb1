package io.udc.search.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NormalizedMapsTest {

    private static final int CHANNELS = 6;

    /** Leaves that hold the same values for each of the two ways. */
    private record Inputs(Tensor map, Tensor residual, Tensor scale, Tensor shift, Tensor mean, Tensor variance) {
        Inputs copy() {
            return new Inputs(leaf(map), leaf(residual), leaf(scale), leaf(shift), mean.clone(), variance.clone());
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, 0, 0.1})
    void theKernelAndLibtorchAgree(double momentum) {
        try (StepScope scope = StepScope.open()) {
            torch.manual_seed(7);
            Inputs given = new Inputs(map(), map(), torch.randn(CHANNELS), torch.randn(CHANNELS),
                    torch.randn(CHANNELS), torch.rand(CHANNELS).add_(torch.ones(1)));
            Inputs byKernel = given.copy();
            Inputs byLibtorch = given.copy();
            Tensor output = run(byKernel, momentum, new GraphCuts());
            assertClose(run(byLibtorch, momentum, new GraphCuts(false)), output, "output");
            assertClose(byLibtorch.mean(), byKernel.mean(), "mean");
            assertClose(byLibtorch.variance(), byKernel.variance(), "variance");
            assertEquals(momentum > 0, !given.mean().equal(byKernel.mean()));
            assertClose(byLibtorch.map().grad(), byKernel.map().grad(), "gradient of the map");
            assertClose(byLibtorch.residual().grad(), byKernel.residual().grad(), "gradient of the residual");
            assertClose(byLibtorch.scale().grad(), byKernel.scale().grad(), "gradient of the scale");
            assertClose(byLibtorch.shift().grad(), byKernel.shift().grad(), "gradient of the shift");
        }
    }

    /** The output, and with it all gradients. */
    private static Tensor run(Inputs inputs, double momentum, GraphCuts cuts) {
        NormalizedMaps.Term term = new NormalizedMaps.Term(
                inputs.map(), inputs.scale(), inputs.shift(), inputs.mean(), inputs.variance());
        Tensor output = new NormalizedMaps(true, momentum).apply(List.of(term), inputs.residual(), cuts);
        output.square().sum().backward();
        try (NoGradient off = NoGradient.open()) {
            cuts.backward();
        }
        return output.detach();
    }

    private static Tensor map() {
        return torch.randn(5, 4, 3, CHANNELS).permute(0, 3, 1, 2);
    }

    private static Tensor leaf(Tensor values) {
        Tensor leaf = values.clone();
        leaf.set_requires_grad(true);
        return leaf;
    }

    private static void assertClose(Tensor expected, Tensor found, String what) {
        double difference = expected.sub(found).abs().max().item_double();
        double most = expected.abs().max().item_double();
        assertTrue(difference <= 1e-5 * (1 + most), what + ": " + difference + " of " + most);
    }
}
