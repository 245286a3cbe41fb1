package io.udc.search.model;

import io.udc.InputException;
import io.udc.npu.BlockChoice;
import io.udc.npu.NpuConfig;
import io.udc.npu.PerformanceModel;
import io.udc.tflite.NpuNetwork;
import io.udc.tflite.TfliteNetwork;
import io.udc.tflite.TfliteOperators;
import java.util.List;

/**
 * What a TFLite network costs on an NPU.
 *
 * @param network the operators that the latency model covers, and their sums
 * @param partial whether there are others, so that the sums are not those of the whole network
 * @param uncovered the others
 */
public record TfliteReport(NetworkReport network, boolean partial, List<NpuNetwork.Uncovered> uncovered) {

    public TfliteReport {
        uncovered = List.copyOf(uncovered);
    }

    /**
     * Estimates a network; its weights are encoded for the NPU.
     *
     * @throws InputException if no operator is covered, or the operators do not make a network
     */
    public static TfliteReport of(TfliteNetwork network, NpuConfig npu, BlockChoice choice) {
        NpuNetwork translated = TfliteOperators.of(network, new PerformanceModel(npu));
        if (translated.operators().isEmpty()) {
            throw new InputException("operators: found " + (translated.isPartial()
                    ? "none that the latency model covers; the first is " + translated.uncovered().get(0).operator()
                            + ": " + translated.uncovered().get(0).reason()
                    : "none but reshapes"));
        }
        return new TfliteReport(NetworkReport.of(network.name(), translated.operators(), npu, choice),
                translated.isPartial(), translated.uncovered());
    }
}
