package io.udc.tflite;

import java.util.List;

/**
 * An operator of a TFLite file.
 *
 * @param position in the file, from 0
 * @param kind the schema's name, such as CONV_2D
 * @param inputs numbers of the tensors that it reads, -1 for those that are left out
 * @param outputs numbers of the tensors that it writes
 * @param options its parameters
 */
public record TfliteOperator(
        int position, String kind, List<Integer> inputs, List<Integer> outputs, TfliteOptions options) {

    public TfliteOperator {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** For messages. */
    @Override
    public String toString() {
        return "operator " + position + " (" + kind + ")";
    }
}
