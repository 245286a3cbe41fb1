package io.udc.search.model;

import io.udc.npu.BlockChoice;
import io.udc.npu.NpuConfig;
import io.udc.search.config.RunConfig;
import io.udc.search.run.Result;
import io.udc.search.run.Result.Competitor;
import io.udc.search.run.Result.SearchedBytes;
import io.udc.search.train.Metric;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes the result of a run from the file that it wrote. */
public final class Results {

    private Results() {}

    /**
     * The result of a run, with the limits of its configuration.
     *
     * @param metric what the figures are
     * @param model read from the run's model.udc
     * @param integerMetric of the integer network that the file decodes to
     * @param fakeQuantizedMetric of the network before it was converted; null if it was not measured
     * @param seconds wall time of the run
     * @param searchedBytes see {@link Result#searchedBytes}; null without a search
     */
    public static Result of(
            RunConfig config,
            Metric metric,
            ModelFile model,
            double integerMetric,
            Double fakeQuantizedMetric,
            double seconds,
            SearchedBytes searchedBytes,
            List<Competitor> competitors) {
        ModelSummary summary = ModelSummary.of(model);
        NpuConfig npu = NpuConfig.parse(model.encoded().npu(), config.systemConfig(), config.memoryMode());
        NetworkReport cost = NetworkReport.of(
                model.encoded().architecture(), model.encoded().layerBytes(), npu, BlockChoice.VELA);
        return new Result(
                config.task().toString(),
                metric.toString(),
                integerMetric,
                fakeQuantizedMetric,
                summary.encodedBytes(),
                config.budget() == null ? null : config.budget().bytes(),
                summary.closedFormBytes(),
                summary.entropyBytes(),
                cost.milliseconds(),
                config.maxLatency() == null ? null : 1e3 * config.maxLatency().seconds(),
                cost.peakSramBytes(),
                config.maxSram() == null ? null : config.maxSram().bytes(),
                model.encoded().npu(),
                model.encoded().architecture().macs(),
                summary.weights(),
                config.seed(),
                seconds,
                searchedBytes,
                layers(summary, cost),
                competitors);
    }

    private static List<Result.Layer> layers(ModelSummary summary, NetworkReport cost) {
        Map<String, Double> cycles = new HashMap<>();
        cost.layers().forEach(layer -> cycles.put(layer.name(), layer.cycles().total()));
        List<Result.Layer> layers = new ArrayList<>();
        for (ModelSummary.Layer layer : summary.layers()) {
            layers.add(new Result.Layer(layer.name(), layer.operator(), layer.inChannels(), layer.outChannels(),
                    layer.bits(), layer.sparsity(), layer.weights(), layer.encodedBytes(),
                    cycles.get(layer.name())));
        }
        return layers;
    }
}
