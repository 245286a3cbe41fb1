package io.udc.search.supernet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.memory.StepScope;
import io.udc.search.space.SearchBlock;
import io.udc.search.space.SearchBlock.SearchOperator;
import io.udc.search.space.SearchLayer;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class LinearOperatorsTest {

    private static final int SIDE = 7;
    private static final long[] ONE = {1, 1};

    private final SpaceGraph graph = TinySpaces.everyKind();
    private final SearchBlock block = graph.blocks().get(1);
    private final SearchOperator dense = block.operators().get(0);
    private final SearchOperator separable = block.operators().get(1);
    private final SplittableRandom random = new SplittableRandom(5);

    @Test
    void oneConvolutionComputesTheMeanOfWhatTheOperatorsCompute() {
        try (StepScope scope = StepScope.open()) {
            double[][] table = new double[graph.decisions().size()][4];
            table[block.operator()] = new double[] {0.3, 0.5, 0.1, 0.1};
            List<LayerTensors> tensors = new ArrayList<>();
            graph.layers().forEach(layer -> tensors.add(onlyMixed(gaussian(layer.widest().sizes()))));
            int channels = block.out().largest();
            Tensor map = gaussian(1, channels, SIDE, SIDE);

            LinearOperators joined = LinearOperators.of(block, block.operators());
            double[] output = values(convolve(map, joined.weights(tensors, joined.shares(tensor(table))), 1));

            double[] alone = values(convolve(map, mixed(tensors, dense.last()), 1));
            Tensor depthwise = convolve(map, mixed(tensors, separable.layers().get(0)), channels);
            double[] chain = values(convolve(depthwise, mixed(tensors, separable.last()), 1));
            for (int i = 0; i < output.length; i++) {
                assertEquals((0.3 * alone[i] + 0.5 * chain[i]) / 0.8, output[i], 1e-9);
            }
        }
    }

    @Test
    void operatorsJoinADenseOneWithAKernelAsLargeIfNothingBendsTheirSum() {
        assertEquals(List.of(dense, separable), LinearOperators.of(block, block.operators()).operators());
    }

    @Test
    void anOperatorThatIsLeftWithoutADenseOneIsComputedByItself() {
        List<SearchOperator> withoutDense = block.operators().subList(1, block.operators().size());
        assertTrue(LinearOperators.of(block, withoutDense).operators().isEmpty());
        assertTrue(LinearOperators.of(block, List.of(dense)).operators().isEmpty());
    }

    private static LayerTensors onlyMixed(Tensor mixed) {
        return new LayerTensors(null, mixed, null, null, null, null, null, null, null, null, null);
    }

    private static Tensor mixed(List<LayerTensors> tensors, SearchLayer layer) {
        return tensors.get(layer.index()).mixed();
    }

    private Tensor gaussian(long... shape) {
        long count = LongStream.of(shape).reduce(1, (a, b) -> a * b);
        return Tensor.create(DoubleStream.generate(random::nextGaussian).limit(count).toArray(), shape);
    }

    private static Tensor tensor(double[][] table) {
        double[] flat = Arrays.stream(table).flatMapToDouble(DoubleStream::of).toArray();
        return Tensor.create(flat, table.length, table[0].length);
    }

    private static Tensor convolve(Tensor map, Tensor weights, int groups) {
        long[] margin = {weights.size(2) / 2, weights.size(3) / 2};
        return torch.conv2d(map, weights, new TensorOptional(), ONE, margin, ONE, groups);
    }

    private static double[] values(Tensor tensor) {
        double[] values = new double[(int) tensor.numel()];
        new DoublePointer(tensor.contiguous().data_ptr()).get(values);
        return values;
    }
}
