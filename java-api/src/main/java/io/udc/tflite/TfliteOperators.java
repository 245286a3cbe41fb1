package io.udc.tflite;

import io.udc.InputException;
import io.udc.npu.Accelerator;
import io.udc.npu.BackendEncoder;
import io.udc.npu.EncodedSizes;
import io.udc.npu.Hwc;
import io.udc.npu.LayerWeights;
import io.udc.npu.NpuOperator;
import io.udc.npu.NpuOperator.Kind;
import io.udc.npu.NpuOperator.Traits;
import io.udc.npu.NpuOperator.Window;
import io.udc.npu.PerformanceModel;
import io.udc.npu.WeightLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The NPU's operators of an int8 TFLite network, after the rewrites that Vela does before it costs a network:
 * pads go into the convolutions behind them, ReLUs and lookup tables into the operators before, reshapes
 * vanish, a softmax becomes 31 operators, a mean a depthwise window and a multiplication. What has no
 * counterpart is listed, not left out.
 */
public final class TfliteOperators {

    /** The greatest mean that Vela computes with one depthwise window. */
    private static final int MAX_MEAN_ROWS = 64;
    private static final int MAX_MEAN_VALUES = 4096;

    /** Bytes of a table of all 8-bit values. */
    private static final int TABLE_BYTES = 256;

    /** NPUs without memory banks that only tables use: there Vela gives a table an operator of its own. */
    private static final Set<Accelerator> NO_TABLE_BANKS =
            EnumSet.of(Accelerator.ETHOS_U55_32, Accelerator.ETHOS_U55_64);

    private static final Hwc SCALAR = new Hwc(1, 1, 1);

    private final TfliteNetwork network;
    private final PerformanceModel model;
    private final WeightedOperators.Sizes sizes;
    private final NpuGraph graph;
    private final WeightedOperators weighted;
    private final TensorReaders readers;

    private TfliteOperators(TfliteNetwork network, PerformanceModel model, WeightedOperators.Sizes sizes) {
        this.network = network;
        this.model = model;
        this.sizes = sizes;
        this.graph = new NpuGraph(network);
        this.readers = new TensorReaders(network);
        this.weighted = new WeightedOperators(graph, readers, this::checkedSizes);
    }

    /** Translates a network; its weights are encoded for the model's NPU at best effort, in one range of channels. */
    public static NpuNetwork of(TfliteNetwork network, PerformanceModel model) {
        return of(network, model,
                (name, operator, weights) -> EncodedSizes.total(encodedBytes(model, operator, weights)));
    }

    /** Translates a network with other sizes of its weights. */
    static NpuNetwork of(TfliteNetwork network, PerformanceModel model, WeightedOperators.Sizes sizes) {
        return new TfliteOperators(network, model, sizes).translate();
    }

    private NpuNetwork translate() {
        List<NpuNetwork.Uncovered> uncovered = new ArrayList<>();
        for (TfliteOperator operator : network.operators()) {
            try {
                add(operator);
            } catch (NotCovered e) {
                uncovered.add(new NpuNetwork.Uncovered(operator.position(), operator.kind(), e.getMessage()));
            }
        }
        return new NpuNetwork(graph.operators(), uncovered);
    }

    private void add(TfliteOperator operator) {
        switch (operator.kind()) {
            case "CONV_2D" -> weighted.convolution(operator);
            case "DEPTHWISE_CONV_2D" -> weighted.depthwise(operator);
            case "FULLY_CONNECTED" -> weighted.fullyConnected(operator);
            case "PAD" -> weighted.pad(operator);
            case "MAX_POOL_2D" -> pool(operator, Kind.MAX_POOL);
            case "AVERAGE_POOL_2D" -> pool(operator, Kind.AVERAGE_POOL);
            case "ADD" -> binary(operator, Kind.ADD);
            case "SUB" -> binary(operator, Kind.SUBTRACT);
            case "MUL" -> binary(operator, Kind.MULTIPLY);
            case "MINIMUM" -> binary(operator, Kind.MINIMUM);
            case "MAXIMUM" -> binary(operator, Kind.MAXIMUM);
            case "RESHAPE", "SQUEEZE", "EXPAND_DIMS" -> reshape(operator);
            case "RELU", "RELU6", "RELU_N1_TO_1" -> relu(operator);
            case "LOGISTIC", "TANH", "HARD_SWISH", "LEAKY_RELU" -> table(operator);
            case "MEAN" -> mean(operator);
            case "SOFTMAX" -> softmax(operator);
            case "DEPTH_TO_SPACE" -> depthToSpace(operator);
            default -> throw new NotCovered("the latency model does not know it");
        }
    }

    private void pool(TfliteOperator operator, Kind kind) {
        int from = NpuGraph.operand(operator, 0);
        int to = NpuGraph.result(operator);
        TfliteOptions options = operator.options();
        Window window = new Window(options.kernelHeight(), options.kernelWidth(), options.strideY(),
                options.strideX(), 1, options.same());
        Hwc input = graph.map(from);
        Windows.check(window, input, input.depth(), graph.map(to));
        add(NpuOperator.windowed(kind, input, 0, window, WeightedOperators.isRelu(operator)), from, -1, to);
    }

    private void binary(TfliteOperator operator, Kind kind) {
        int first = NpuGraph.operand(operator, 0);
        int second = NpuGraph.operand(operator, 1);
        if (graph.tensor(first).isConstant()) {
            int constant = first;
            first = second;
            second = constant;
        }
        int to = NpuGraph.result(operator);
        boolean relu = WeightedOperators.isRelu(operator);
        Hwc input = graph.map(first);
        if (graph.tensor(second).isConstant()) {
            if (graph.tensor(second).elements() != 1) {
                throw new NotCovered("it reads a constant of several values");
            }
            add(NpuOperator.binary(kind, input, SCALAR, relu).withTraits(Traits.USUAL.withScalar()), first, -1, to);
        } else {
            add(NpuOperator.binary(kind, input, graph.map(second), relu), first, second, to);
        }
    }

    private void reshape(TfliteOperator operator) {
        graph.alias(NpuGraph.result(operator), NpuGraph.operand(operator, 0));
    }

    private void relu(TfliteOperator operator) {
        int from = NpuGraph.operand(operator, 0);
        int to = NpuGraph.result(operator);
        Hwc map = graph.map(from);
        boolean alone = readers.isOnlyRead(from) && graph.tensor(from).isQuantizedAs(graph.tensor(to));
        if (!alone || !graph.fuse(from, to, NpuOperator::withRelu)) {
            add(NpuOperator.copy(map).withRelu(), from, -1, to);
        }
    }

    /** A lookup table on the output of the operator before, or on a sum with 0. */
    private void table(TfliteOperator operator) {
        int from = NpuGraph.operand(operator, 0);
        int to = NpuGraph.result(operator);
        Hwc map = graph.map(from);
        graph.map(to);
        boolean fuses = readers.isOnlyRead(from) && !NO_TABLE_BANKS.contains(model.config().accelerator());
        if (!fuses || !graph.fuse(from, to, before -> before.withTraits(before.traits().withTable(TABLE_BYTES)))) {
            Traits traits = Traits.USUAL.withScalar().withTable(TABLE_BYTES);
            add(NpuOperator.binary(Kind.ADD, map, SCALAR, false).withTraits(traits), from, -1, to);
        }
    }

    /** A depthwise window of ones over the rows and columns, and a multiplication by their share. */
    private void mean(TfliteOperator operator) {
        int from = NpuGraph.operand(operator, 0);
        int to = NpuGraph.result(operator);
        Hwc map = graph.map(from);
        int rank = graph.tensor(from).shape().size();
        int rows = 1;
        int columns = 1;
        for (int axis : WeightedOperators.integers(graph.tensor(NpuGraph.operand(operator, 1)))) {
            switch ((axis < 0 ? axis + rank : axis) + 4 - rank) {
                case 1 -> rows = map.height();
                case 2 -> columns = map.width();
                default -> throw new NotCovered("it is over other axes than rows and columns");
            }
        }
        if (rows > MAX_MEAN_ROWS || (long) rows * columns > MAX_MEAN_VALUES) {
            throw new NotCovered("it is over " + rows + " x " + columns + " values, expected at most "
                    + MAX_MEAN_VALUES + " in " + MAX_MEAN_ROWS + " rows");
        }
        Window window = new Window(rows, columns, 1, 1, 1, false);
        NpuOperator sum = NpuOperator.windowed(Kind.DEPTHWISE, map, 0, window, false).withTraits(Traits.bits(8, 32));
        check(sum);
        byte[] ones = new byte[weighted.spend((long) rows * columns * map.depth())];
        Arrays.fill(ones, (byte) 1);
        int sums = graph.newTensor();
        String name = graph.name(to);
        graph.add(name + "_sum", sum, checkedSizes(name + "_sum", sum, ones), from, sums);
        Hwc means = new Hwc(map.height() - rows + 1, map.width() - columns + 1, map.depth());
        add(NpuOperator.binary(Kind.MULTIPLY, means, SCALAR, false)
                .withTraits(Traits.bits(32, 8).withScalar()), sums, -1, to);
    }

    private void softmax(TfliteOperator operator) {
        int from = NpuGraph.operand(operator, 0);
        int to = NpuGraph.result(operator);
        graph.featureMap(to);
        SoftmaxExpansion softmax = new SoftmaxExpansion(graph, graph.name(to), graph.map(from));
        check(softmax.greatest());
        softmax.add(from, to);
    }

    private void depthToSpace(TfliteOperator operator) {
        int from = NpuGraph.operand(operator, 0);
        int to = NpuGraph.result(operator);
        long block = operator.options().block();
        if (block < 1 || graph.map(from).depth() != graph.map(to).depth() * block * block) {
            throw new NotCovered("its shapes do not fit");
        }
        add(NpuOperator.copy(graph.map(from)), from, -1, to);
    }

    private void add(NpuOperator operator, int first, int second, int to) {
        graph.featureMap(to);
        check(operator);
        if (second < 0) {
            graph.add(graph.name(to), operator, first, to);
        } else {
            graph.add(graph.name(to), operator, first, second, to);
        }
    }

    /** Sizes of an operator that the model covers. */
    private EncodedSizes checkedSizes(String name, NpuOperator operator, byte[] weights) {
        check(operator);
        return sizes.of(name, operator, weights);
    }

    private void check(NpuOperator operator) {
        try {
            model.velaBlock(operator);
        } catch (InputException e) {
            throw new NotCovered(e.getMessage());
        }
    }

    private static long encodedBytes(PerformanceModel model, NpuOperator operator, byte[] weights) {
        WeightLayout layout = model.weightLayout(operator);
        LayerWeights layer = new LayerWeights(layout, layout.fold(weights), new int[0], new double[0]);
        return new BackendEncoder(BackendEncoder.Effort.BEST).bytes(layer, model.config().accelerator(),
                model.velaBlock(operator).depth(), 0, layout.outChannels());
    }
}
