package io.udc.tflite;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which operators read each tensor of a network. */
final class TensorReaders {

    private final Map<Integer, List<TfliteOperator>> readers = new HashMap<>();
    private final List<Integer> outputs;

    TensorReaders(TfliteNetwork network) {
        this.outputs = network.outputs();
        for (TfliteOperator operator : network.operators()) {
            for (int input : operator.inputs()) {
                readers.computeIfAbsent(input, none -> new ArrayList<>(1)).add(operator);
            }
        }
    }

    /** The operators that read a tensor, which is no output of the network; else none. */
    List<TfliteOperator> of(int tensor) {
        return outputs.contains(tensor) ? List.of() : readers.getOrDefault(tensor, List.of());
    }

    /** Whether one operator alone reads a tensor. */
    boolean isOnlyRead(int tensor) {
        return of(tensor).size() == 1;
    }
}
