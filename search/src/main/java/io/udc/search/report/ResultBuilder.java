package io.udc.search.report;

import io.udc.arch.Architecture;
import io.udc.arch.Depthwise;
import io.udc.arch.Dense;
import io.udc.arch.Shape;
import io.udc.arch.WeightShape;
import io.udc.arch.WeightedNode;
import io.udc.format.UdcModel;
import io.udc.integer.IntegerLayer;
import io.udc.integer.IntegerModel;
import io.udc.npu.EncodedLayer;
import io.udc.npu.EncodedSizes;
import io.udc.npu.LayerEstimate;
import io.udc.npu.NetworkEstimate;
import io.udc.npu.NpuConfig;
import io.udc.npu.PerformanceModel;
import io.udc.npu.WeightCodec;
import io.udc.search.config.RunConfig;
import io.udc.search.cost.RateTable;
import io.udc.search.run.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Works out everything that result.json says of a network, from what its streams hold. Not thread-safe. */
public final class ResultBuilder {

    private static final int RECORD_BYTES = 10;

    private final RunConfig config;
    private final UdcModel model;
    private final IntegerModel integers;
    private final NetworkEstimate estimate;
    private final List<Result.Competitor> competitors = new ArrayList<>();
    private double accuracy;
    private double fakeQuantizedAccuracy;

    /**
     * @param model the encoded network
     * @param integers what its streams decode to
     */
    public ResultBuilder(RunConfig config, NpuConfig npu, UdcModel model, IntegerModel integers) {
        this.config = config;
        this.model = model;
        this.integers = integers;
        Map<String, Long> bytes = new HashMap<>();
        for (EncodedLayer layer : model.layers()) {
            bytes.put(layer.node(), (long) layer.tensor().length);
        }
        this.estimate = new PerformanceModel(npu)
                .estimate(model.architecture(), node -> EncodedSizes.total(bytes.get(node.name())));
    }

    /** Shares of the test pictures that are classified correctly, 0 to 1. */
    public void setAccuracy(double ofIntegers, double ofFakeQuantized) {
        accuracy = ofIntegers;
        fakeQuantizedAccuracy = ofFakeQuantized;
    }

    public void addCompetitor(Result.Competitor competitor) {
        competitors.add(competitor);
    }

    public Result build(double wallSeconds) {
        Architecture architecture = model.architecture();
        return new Result(
                config.task().toString(),
                "accuracy",
                accuracy * 100,
                fakeQuantizedAccuracy * 100,
                model.encodedBytes(),
                config.budget() == null ? null : config.budget().bytes(),
                closedFormBytes(),
                entropyBytes(),
                estimate.milliseconds(),
                config.maxLatency() == null ? null : config.maxLatency().seconds() * 1e3,
                estimate.peakSramBytes(),
                config.maxSram() == null ? null : config.maxSram().bytes(),
                config.npu(),
                architecture.macs(),
                architecture.weightCount(),
                config.seed(),
                wallSeconds,
                layers(),
                competitors);
    }

    private long closedFormBytes() {
        double bits = 0;
        for (int i = 0; i < integers.layers().size(); i++) {
            IntegerLayer layer = integers.layers().get(i);
            WeightedNode node = model.architecture().weightedNodes().get(i);
            bits += layer.weights().length
                    * RateTable.closedForm(node.compression().bits(), sparsity(layer));
        }
        return Math.round(bits / 8) + recordBytes();
    }

    private long entropyBytes() {
        double bits = 0;
        for (IntegerLayer layer : integers.layers()) {
            short[] values = new short[layer.weights().length];
            for (int i = 0; i < values.length; i++) {
                values[i] = layer.weights()[i];
            }
            bits += values.length * WeightCodec.entropyBitsPerWeight(values);
        }
        return Math.round(bits / 8) + recordBytes();
    }

    private long recordBytes() {
        return integers.layers().stream()
                .mapToLong(layer -> (long) RECORD_BYTES * layer.shape().outChannels())
                .sum();
    }

    private List<Result.Layer> layers() {
        Architecture architecture = model.architecture();
        Map<String, Shape> shapes = architecture.shapes();
        List<Result.Layer> rows = new ArrayList<>();
        for (int i = 0; i < integers.layers().size(); i++) {
            WeightedNode node = architecture.weightedNodes().get(i);
            IntegerLayer layer = integers.layers().get(i);
            LayerEstimate row = estimate.operators().get(architecture.nodes().indexOf(node));
            rows.add(new Result.Layer(node.name(), operator(node, layer.shape()),
                    shapes.get(node.input()).channels(), layer.shape().outChannels(),
                    node.compression().bits(), sparsity(layer), layer.weights().length,
                    model.layers().get(i).tensor().length, row.cycles().total()));
        }
        return rows;
    }

    private static String operator(WeightedNode node, WeightShape shape) {
        String kernel = shape.kernelHeight() + "x" + shape.kernelWidth();
        return node instanceof Dense ? "dense" : (node instanceof Depthwise ? "depthwise " : "conv ") + kernel;
    }

    private static double sparsity(IntegerLayer layer) {
        int zeros = 0;
        for (byte weight : layer.weights()) {
            zeros += weight == 0 ? 1 : 0;
        }
        return (double) zeros / layer.weights().length;
    }
}
