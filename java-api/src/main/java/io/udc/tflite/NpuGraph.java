package io.udc.tflite;

import io.udc.npu.EncodedSizes;
import io.udc.npu.Hwc;
import io.udc.npu.NetworkOperator;
import io.udc.npu.NpuOperator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The NPU's operators of a TFLite network while they are collected, and the tensors between them. */
final class NpuGraph {

    private final TfliteNetwork network;
    private final List<NetworkOperator> operators = new ArrayList<>();
    private final Map<Integer, Integer> writers = new HashMap<>();
    /** The tensor whose bytes each tensor shares: itself, unless it is reshaped from another. */
    private final int[] source;
    private int tensorCount;

    NpuGraph(TfliteNetwork network) {
        this.network = network;
        this.source = new int[network.tensors().size()];
        for (int i = 0; i < source.length; i++) {
            source[i] = i;
        }
        this.tensorCount = source.length;
    }

    List<NetworkOperator> operators() {
        return operators;
    }

    TfliteTensor tensor(int number) {
        return network.tensors().get(number);
    }

    /**
     * The number of the tensor that an operator reads.
     *
     * @throws NotCovered if there is none
     */
    static int operand(TfliteOperator operator, int index) {
        if (index >= operator.inputs().size() || operator.inputs().get(index) < 0) {
            throw new NotCovered("it has no input " + index);
        }
        return operator.inputs().get(index);
    }

    /** The number of the only tensor that an operator writes. */
    static int result(TfliteOperator operator) {
        if (operator.outputs().size() != 1) {
            throw new NotCovered("it has " + operator.outputs().size() + " outputs");
        }
        return operator.outputs().get(0);
    }

    /**
     * The shape of a feature map of 8 bits; missing outer extents are 1.
     *
     * @throws NotCovered if it is no such map, or of several pictures
     */
    Hwc map(int number) {
        return shape(featureMap(number));
    }

    /**
     * A tensor that is computed and of 8 bits.
     *
     * @throws NotCovered if it is not
     */
    TfliteTensor featureMap(int number) {
        TfliteTensor tensor = tensor(number);
        if (!tensor.isInt8() || tensor.isConstant()) {
            throw new NotCovered(tensor.isConstant() ? "it reads a constant" : "its values are " + tensor.type());
        }
        return tensor;
    }

    /** The shape of a tensor as rows, columns and channels. */
    static Hwc shape(TfliteTensor tensor) {
        int[] extents = {1, 1, 1};
        List<Integer> shape = tensor.shape();
        for (int i = 0; i < shape.size(); i++) {
            int axis = i + 3 - shape.size();
            int extent = shape.get(i);
            if (extent < 1 || (axis < 0 && extent != 1)) {
                throw new NotCovered("its shape is " + shape);
            }
            if (axis >= 0) {
                extents[axis] = extent;
            }
        }
        return new Hwc(extents[0], extents[1], extents[2]);
    }

    /** Lets a tensor share the bytes of another. */
    void alias(int number, int original) {
        if (tensor(number).elements() != tensor(original).elements()) {
            throw new NotCovered("it turns " + tensor(original).shape() + " into " + tensor(number).shape());
        }
        source[number] = source[original];
    }

    /** A tensor that the file does not know. */
    int newTensor() {
        return tensorCount++;
    }

    /** A name for what writes a tensor. */
    String name(int number) {
        String name = tensor(number).name();
        return name.isEmpty() ? "tensor " + number : name;
    }

    /** Whether an operator is the network's first for Vela, too, which counts the operators of the file. */
    boolean isFirst(TfliteOperator operator) {
        return operators.isEmpty() && operator.position() == 0;
    }

    void add(String name, NpuOperator operator, int input, int output) {
        add(name, operator, EncodedSizes.NONE, input, output);
    }

    void add(String name, NpuOperator operator, EncodedSizes sizes, int input, int output) {
        add(new NetworkOperator(name, operator, sizes, resolve(input), -1, output));
    }

    void add(String name, NpuOperator operator, int input, int second, int output) {
        add(new NetworkOperator(name, operator, EncodedSizes.NONE, resolve(input), resolve(second), output));
    }

    private void add(NetworkOperator operator) {
        writers.put(operator.output(), operators.size());
        operators.add(operator);
    }

    /**
     * Fuses an activation with the operator that writes its input.
     *
     * @param change gives that operator its activation
     * @return whether there is such an operator, without an activation of its own
     */
    boolean fuse(int input, int output, UnaryOperator<NpuOperator> change) {
        Integer index = writers.get(input);
        if (index == null) {
            return false;
        }
        NetworkOperator producer = operators.get(index);
        if (producer.operator().relu() || producer.operator().traits().tableBytes() > 0) {
            return false;
        }
        operators.set(index, new NetworkOperator(producer.name(), change.apply(producer.operator()),
                producer.sizes(), producer.input(), producer.second(), output));
        writers.put(output, index);
        return true;
    }

    private int resolve(int number) {
        return number >= 0 && number < source.length ? source[number] : number;
    }
}
