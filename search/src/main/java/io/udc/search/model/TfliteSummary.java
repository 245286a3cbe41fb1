package io.udc.search.model;

import io.udc.npu.WeightCodec;
import io.udc.tflite.TfliteNetwork;
import io.udc.tflite.TfliteOperator;
import io.udc.tflite.TfliteTensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A TFLite file's operators and weights.
 *
 * @param inputs the network's inputs
 * @param outputs the network's outputs
 * @param operators in execution order
 * @param weights number of int8 weights
 * @param entropyBytes bytes of the weights by each operator's zero-order entropy
 */
public record TfliteSummary(
        List<Port> inputs, List<Port> outputs, List<Row> operators, long weights, long entropyBytes) {

    public TfliteSummary {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        operators = List.copyOf(operators);
    }

    /**
     * An input or output.
     *
     * @param scale real number of one step; null if it is not quantized
     * @param zeroPoint value that stands for 0; null if it is not quantized
     */
    public record Port(String name, List<Integer> shape, String type, Float scale, Long zeroPoint) {

        private static Port of(TfliteTensor tensor) {
            boolean quantized = tensor.scales().size() == 1 && tensor.zeroPoints().size() == 1;
            return new Port(tensor.name(), tensor.shape(), tensor.type(),
                    quantized ? tensor.scales().get(0) : null, quantized ? tensor.zeroPoints().get(0) : null);
        }
    }

    /**
     * An operator.
     *
     * @param position in the file, from 0
     * @param name of the tensor that it writes first
     * @param operator its kind, such as CONV_2D
     * @param output shape of that tensor
     * @param weights number of its int8 weights; 0 without any
     * @param sparsity share of them that is zero, 0 to 1
     * @param entropyBitsPerWeight their zero-order entropy
     */
    public record Row(
            int position,
            String name,
            String operator,
            List<Integer> output,
            long weights,
            double sparsity,
            double entropyBitsPerWeight) {}

    /** Looks at a network. */
    public static TfliteSummary of(TfliteNetwork network) {
        List<Row> rows = new ArrayList<>();
        double bits = 0;
        for (TfliteOperator operator : network.operators()) {
            Row row = row(network, operator);
            rows.add(row);
            bits += row.entropyBitsPerWeight() * row.weights();
        }
        return new TfliteSummary(
                ports(network, network.inputs()),
                ports(network, network.outputs()),
                rows,
                rows.stream().mapToLong(Row::weights).sum(),
                Math.round(bits / 8));
    }

    private static List<Port> ports(TfliteNetwork network, List<Integer> tensors) {
        return tensors.stream().map(number -> Port.of(network.tensors().get(number))).toList();
    }

    private static Row row(TfliteNetwork network, TfliteOperator operator) {
        TfliteTensor output = operator.outputs().isEmpty() ? null : network.tensors().get(operator.outputs().get(0));
        short[] weights = operator.inputs().stream()
                .filter(number -> number >= 0)
                .map(number -> network.tensors().get(number))
                .filter(tensor -> tensor.isConstant() && tensor.isInt8())
                .findFirst()
                .map(tensor -> values(tensor.data()))
                .orElse(new short[0]);
        long zeros = 0;
        for (short weight : weights) {
            zeros += weight == 0 ? 1 : 0;
        }
        return new Row(
                operator.position(),
                output == null ? "" : output.name(),
                operator.kind(),
                output == null ? List.of() : output.shape(),
                weights.length,
                weights.length == 0 ? 0 : (double) zeros / weights.length,
                weights.length == 0 ? 0 : WeightCodec.entropyBitsPerWeight(weights));
    }

    private static short[] values(ByteBuffer data) {
        short[] values = new short[data.remaining()];
        for (int i = 0; i < values.length; i++) {
            values[i] = data.get(data.position() + i);
        }
        return values;
    }
}
