package io.udc.search.sweep;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.json.Json;
import io.udc.npu.EthosLayerCodec;
import io.udc.npu.NpuConfig;
import io.udc.search.Cancellation;
import io.udc.search.RecordedRun;
import io.udc.search.Search;
import io.udc.search.SearchEvent.Message;
import io.udc.search.SearchListener;
import io.udc.search.UniformFit;
import io.udc.search.config.RunConfig;
import io.udc.search.config.RunConfigBuilder;
import io.udc.search.model.ArchitectureTraining;
import io.udc.search.report.FrontReport;
import io.udc.search.run.Result;
import io.udc.search.run.RunDirectory;
import io.udc.search.space.SpaceGraph;
import io.udc.search.task.SearchTask;
import io.udc.units.ByteSize;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Searches at several budgets, trains the uniform networks of the same sizes, and draws the front. The searches of a
 * seed share their warm-up: it depends on no budget, so the first of them leaves its state behind and the others
 * start from it.
 *
 * <pre>
 * config.json          what the runs have in common
 * sweep.json           budgets, seeds and grid
 * warmup-s1.safetensors
 * found-64KiB-s1/      a run directory
 * uniform-8bit-0.0-64KiB-s1/
 * front.json front.svg report.html
 * </pre>
 *
 * <p>Runs that have a result are not run again, one that was interrupted goes on; front.json is written after every
 * run. Not thread-safe.
 */
public final class Sweep {

    private static final String NAME = "found";

    private final RunConfig common;
    private final SweepPlan plan;
    private final RunDirectory folder;
    private final String toolVersion;
    private final SearchListener listener;
    private final Cancellation cancellation;
    private final List<FrontPoint> points = new ArrayList<>();
    private String metricName = "";

    /**
     * @param common values of all runs; its budget and seed do not matter
     * @param folder where the runs' folders go
     * @param toolVersion goes into the encoded files
     */
    public Sweep(
            RunConfig common,
            SweepPlan plan,
            RunDirectory folder,
            String toolVersion,
            SearchListener listener,
            Cancellation cancellation) {
        this.common = common;
        this.plan = plan;
        this.folder = folder;
        this.toolVersion = toolVersion;
        this.listener = listener;
        this.cancellation = cancellation;
    }

    /** The plan that a folder was made by. */
    public static SweepPlan planOf(RunDirectory folder) {
        return Json.read(planFile(folder), SweepPlan.class);
    }

    private static Path planFile(RunDirectory folder) {
        return folder.folder().resolve("sweep.json");
    }

    /**
     * Does what is left to do.
     *
     * @throws InputException if the data, the space or a budget cannot be used
     * @throws io.udc.search.CancelledException if a stop was requested; a checkpoint is in the folder of its run then
     */
    public Front run() {
        folder.writeJson(planFile(folder), plan);
        if (plan.searched()) {
            forEachSize(this::search);
        }
        if (!plan.grid().compressions().isEmpty()) {
            SpaceGraph graph = SearchTask.open(common).graph(common);
            plan.grid().compressions().forEach(compression ->
                    forEachSize((budget, seed) -> uniform(graph, compression, budget, seed)));
        }
        return write();
    }

    private void forEachSize(BiConsumer<ByteSize, Long> run) {
        for (long seed : plan.seeds()) {
            for (ByteSize budget : plan.budgets()) {
                run.accept(budget, seed);
                write();
            }
        }
    }

    private Front write() {
        Front front = Front.of(common.task().toString(), metricName, common.npu(), points);
        folder.writeJson(folder.folder().resolve("front.json"), front);
        FrontReport report = new FrontReport(front, common);
        folder.writeText(folder.folder().resolve("front.svg"), report.toSvg());
        folder.writeText(folder.report(), report.toHtml());
        return front;
    }

    /** The found network, and its competitors where the grid does not stand for them. */
    private void search(ByteSize budget, long seed) {
        RunConfig config = config(budget, seed)
                .set("competitors", Boolean.toString(common.competitors() && plan.grid().compressions().isEmpty()))
                .build();
        Result result = recorded(String.join("-", NAME, budget.toString(), "s" + seed)).run(config, (run, events) ->
                Search.builder(config)
                        .optListener(events)
                        .optCancellation(cancellation)
                        .optWarmup(folder.folder().resolve("warmup-s" + seed + ".safetensors"))
                        .build()
                        .run(run));
        add(NAME, null, budget, result);
        for (Result.Competitor competitor : result.competitors()) {
            points.add(new FrontPoint(competitor.name(),
                    new Compression(competitor.bits(), competitor.sparsity()), budget.bytes(), seed,
                    competitor.metric(), competitor.encodedBytes()));
        }
    }

    private void add(String name, Compression compression, ByteSize budget, Result result) {
        metricName = result.metricName();
        points.add(new FrontPoint(
                name, compression, budget.bytes(), result.seed(), result.metric(), result.encodedBytes()));
    }

    /** A uniform network, unless even the narrowest is larger than the budget. */
    private void uniform(SpaceGraph graph, Compression compression, ByteSize budget, long seed) {
        RunConfig config = config(budget, seed).build().forUniform();
        String name = UniformFit.name(compression);
        RecordedRun recorded = recorded(String.join("-", label(compression), budget.toString(), "s" + seed));
        Architecture architecture = null;
        if (recorded.result().isEmpty()) {
            NpuConfig npu = NpuConfig.parse(config.npu(), config.systemConfig(), config.memoryMode());
            try {
                architecture = new UniformFit(graph, new EthosLayerCodec(npu), seed).fit(compression, budget.bytes());
            } catch (InputException e) {
                listener.on(Message.warning(name + ": " + e.getMessage()));
                return;
            }
        }
        Architecture fitted = architecture;
        add(name, compression, budget, recorded.run(config, (run, events) ->
                new ArchitectureTraining(config, run, toolVersion).train(fitted, events, cancellation)));
    }

    /** Such as {@code uniform-4bit-75}. */
    private static String label(Compression compression) {
        return "uniform-" + compression.bits() + "bit-" + Math.round(1000 * compression.sparsity()) / 10.0;
    }

    private RunConfigBuilder config(ByteSize budget, long seed) {
        return RunConfigBuilder.from(common).set("budget", budget.toString()).set("seed", Long.toString(seed));
    }

    private RecordedRun recorded(String name) {
        listener.on(Message.info("-- " + name));
        return new RecordedRun(folder.folder().resolve(name), listener);
    }
}
