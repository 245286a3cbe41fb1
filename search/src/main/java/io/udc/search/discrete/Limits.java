package io.udc.search.discrete;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.npu.EncodedSizes;
import io.udc.npu.NetworkEstimate;
import io.udc.npu.NpuConfig;
import io.udc.npu.PerformanceModel;
import io.udc.search.config.RunConfig;
import java.util.EnumMap;
import java.util.Map;

/** The limits of a run, and how much of them an encoded network takes. Immutable. */
public final class Limits {

    private final Map<LimitKind, Double> limits = new EnumMap<>(LimitKind.class);
    private final PerformanceModel model;

    private Limits(PerformanceModel model) {
        this.model = model;
    }

    /**
     * The limits that a configuration sets.
     *
     * @param npu on which latency and SRAM count
     */
    public static Limits of(RunConfig config, NpuConfig npu) {
        Limits limits = new Limits(new PerformanceModel(npu));
        limits.put(LimitKind.BYTES, config.budget() == null ? null : (double) config.budget().bytes());
        limits.put(LimitKind.LATENCY, config.maxLatency() == null ? null : config.maxLatency().seconds());
        limits.put(LimitKind.SRAM, config.maxSram() == null ? null : (double) config.maxSram().bytes());
        return limits;
    }

    private void put(LimitKind kind, Double limit) {
        if (limit != null) {
            limits.put(kind, limit);
        }
    }

    /** The limits that there are, in the order of {@link LimitKind}; at least one. */
    public Map<LimitKind, Double> all() {
        return new EnumMap<>(limits);
    }

    /** The performance model that latency and SRAM are measured by. */
    public PerformanceModel model() {
        return model;
    }

    /**
     * The greatest share of a limit that a network takes: at most 1 if it keeps all of them.
     *
     * @param layerBytes encoded bytes of each layer by the name of its node
     */
    public double load(Architecture architecture, Map<String, Long> layerBytes) {
        Map<LimitKind, Double> figures = figures(architecture, layerBytes);
        return limits.entrySet().stream()
                .mapToDouble(limit -> figures.get(limit.getKey()) / limit.getValue())
                .max()
                .orElse(0);
    }

    /**
     * Makes sure that a network keeps all limits.
     *
     * @throws InputException that names the limit that is broken
     */
    public void require(Architecture architecture, Map<String, Long> layerBytes) {
        Map<LimitKind, Double> figures = figures(architecture, layerBytes);
        limits.forEach((kind, limit) -> {
            if (figures.get(kind) > limit) {
                throw new InputException(kind.flag() + ": the network takes " + kind.display(figures.get(kind))
                        + " and cannot be pruned to the limit of " + kind.display(limit));
            }
        });
    }

    private Map<LimitKind, Double> figures(Architecture architecture, Map<String, Long> layerBytes) {
        Map<LimitKind, Double> figures = new EnumMap<>(LimitKind.class);
        figures.put(LimitKind.BYTES, (double) layerBytes.values().stream().mapToLong(Long::longValue).sum());
        if (limits.containsKey(LimitKind.LATENCY) || limits.containsKey(LimitKind.SRAM)) {
            NetworkEstimate estimate =
                    model.estimate(architecture, node -> EncodedSizes.total(layerBytes.get(node.name())));
            figures.put(LimitKind.LATENCY, estimate.milliseconds() / 1e3);
            figures.put(LimitKind.SRAM, (double) estimate.peakSramBytes());
        }
        return figures;
    }
}
