package io.udc.tflite;

import io.udc.npu.NetworkOperator;
import java.util.List;

/**
 * The NPU's operators of a TFLite network.
 *
 * @param operators in execution order; what an uncovered operator writes is to them an input of the network
 * @param uncovered operators of the file that are not among them
 */
public record NpuNetwork(List<NetworkOperator> operators, List<Uncovered> uncovered) {

    /**
     * An operator that the latency model does not cover.
     *
     * @param position in the file, from 0
     * @param operator its kind, such as CONCATENATION
     * @param reason why not
     */
    public record Uncovered(int position, String operator, String reason) {}

    public NpuNetwork {
        operators = List.copyOf(operators);
        uncovered = List.copyOf(uncovered);
    }

    /** Whether figures of the operators are not those of the whole network. */
    public boolean isPartial() {
        return !uncovered.isEmpty();
    }
}
