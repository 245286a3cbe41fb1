package io.udc.search.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.udc.data.Normalization;
import io.udc.device.Device;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.space.Choices;
import io.udc.search.space.DecisionKind;
import io.udc.search.space.Head;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import io.udc.search.supernet.Subnet;
import io.udc.search.supernet.Supernet;
import io.udc.search.train.TrainableNetwork.Mode;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A network that is cut out of a supernet goes on where the supernet was. */
class CutNetworkTest {

    private static final int SIDE = 9;
    private static final Normalization NORMALIZATION = Normalization.of(new double[] {0}, new double[] {1});

    private final SpaceGraph graph = TinySpaces.upscaler();

    /** Seeds are given, because the rounding to 8 bits may come to more once in a while. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    @SuppressWarnings("try")
    void anUpscalerComputesWhatTheSupernetDoesWhenItsChoicesAreCertain(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Choices choices = mostBitsAndNoZeros(random);
        try (StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open();
                Supernet supernet = new Supernet(graph, seed, Device.CPU)) {
            Subnet cut = Subnet.of(supernet, choices);
            try (TrainableNetwork network =
                    new TrainableNetwork(cut.architecture(), cut.parameters(), NORMALIZATION, Device.CPU)) {
                Tensor picture = Tensor.create(gaussian(SIDE * SIDE, random), 1, 1, SIDE, SIDE);
                float[] expected = values(supernet.forward(picture, certain(choices)));
                float[] found = values(network.forward(picture, Mode.EVALUATE_FLOAT));
                for (int i = 0; i < expected.length; i++) {
                    // The supernet's weights have 8 bits.
                    assertEquals(expected[i], found[i], 0.1 * Head.Upscaler.INITIAL_RESIDUAL, "[" + i + "]");
                }
            }
        }
    }

    private Choices mostBitsAndNoZeros(SplittableRandom random) {
        return graph.choose((decision, option) -> decision.kind() == DecisionKind.BITS
                ? option
                : decision.kind() == DecisionKind.SPARSITY ? -option : random.nextDouble());
    }

    private Tensor certain(Choices choices) {
        int options = graph.decisions().stream().mapToInt(d -> d.options()).max().orElseThrow();
        float[] table = new float[graph.decisions().size() * options];
        graph.decisions().forEach(d -> table[d.index() * options + choices.option(d.index())] = 1);
        return Tensor.create(table, graph.decisions().size(), options);
    }

    private static float[] gaussian(int count, SplittableRandom random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static float[] values(Tensor tensor) {
        float[] values = new float[(int) tensor.numel()];
        new FloatPointer(tensor.contiguous().data_ptr()).get(values);
        return values;
    }
}
