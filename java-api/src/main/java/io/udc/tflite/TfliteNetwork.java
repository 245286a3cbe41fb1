package io.udc.tflite;

import java.util.List;

/**
 * What a TFLite file computes first: the operators of its first subgraph, in execution order, between tensors that
 * they name by number.
 *
 * @param name of the subgraph; may be empty
 * @param tensors all tensors, constants too
 * @param operators in execution order
 * @param inputs numbers of the network's inputs
 * @param outputs numbers of its outputs
 */
public record TfliteNetwork(
        String name,
        List<TfliteTensor> tensors,
        List<TfliteOperator> operators,
        List<Integer> inputs,
        List<Integer> outputs) {

    public TfliteNetwork {
        tensors = List.copyOf(tensors);
        operators = List.copyOf(operators);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }
}
