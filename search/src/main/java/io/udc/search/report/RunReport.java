package io.udc.search.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.udc.json.Json;
import io.udc.search.SearchEvent.EpochDone;
import io.udc.search.run.MetricsLog;
import io.udc.search.run.Result;
import io.udc.search.run.RunDirectory;
import io.udc.units.ByteSize;
import io.udc.units.TimeSpan;
import java.util.List;
import java.util.Optional;

/** The page report.html of a run directory. */
public final class RunReport {

    private final JsonNode config;
    private final List<EpochDone> epochs;
    private final Optional<Result> result;

    private RunReport(JsonNode config, List<EpochDone> epochs, Optional<Result> result) {
        this.config = config;
        this.epochs = epochs;
        this.result = result;
    }

    /**
     * Reads what a run has left so far; a run that has not ended gives a page without results.
     *
     * @throws io.udc.InputException if a file of the run is broken
     */
    public static RunReport of(RunDirectory run) {
        return of(run, run.readResult());
    }

    private static RunReport of(RunDirectory run, Optional<Result> result) {
        return new RunReport(Json.read(run.config(), JsonNode.class), MetricsLog.read(run.metrics()), result);
    }

    /** Reads a run, and writes its report.html. */
    public static void write(RunDirectory run) {
        run.writeText(run.report(), of(run).toHtml());
    }

    /** Writes the report.html of a run that ends with a result. */
    public static void write(RunDirectory run, Result result) {
        run.writeText(run.report(), of(run, Optional.of(result)).toHtml());
    }

    /** The whole page. */
    public String toHtml() {
        StringBuilder body = new StringBuilder();
        result.ifPresent(reached -> body.append(cards(reached)));
        result.filter(reached -> !reached.competitors().isEmpty())
                .ifPresent(reached -> body.append(new ComparisonSection(reached).toHtml()));
        body.append(new HistorySection(epochs, budget()).toHtml());
        result.ifPresent(reached -> body.append(new LayerSection(reached).toHtml()));
        body.append(Html.configuration(config));
        return Html.page("UDC search: " + task(), headline(), subtitle(), body.toString());
    }

    private String task() {
        return config.path("task").asText("unknown task");
    }

    private String headline() {
        return result.map(reached -> Html.format(
                        "%s: %s in %s", task(), Units.metric(reached), ByteSize.display(reached.encodedBytes())))
                .orElse(task() + ": not finished");
    }

    private String subtitle() {
        String start = Html.format("preset %s, seed %s, %s on %s",
                config.path("preset").asText("?"), config.path("seed").asText("?"),
                config.path("npu").asText("?"), config.path("device").asText("?"));
        return start + result.map(reached -> ", " + TimeSpan.display(reached.wallSeconds())).orElse("");
    }

    private Double budget() {
        if (result.isPresent()) {
            return result.get().budgetBytes() == null ? null : result.get().budgetBytes().doubleValue();
        }
        JsonNode budget = config.path("budget");
        return budget.isTextual() ? (double) ByteSize.parse(budget.textValue()).bytes() : null;
    }

    private static String cards(Result reached) {
        StringBuilder html = new StringBuilder("<section class=\"cards\">\n");
        html.append(card(Units.name(reached), Units.metric(reached), "integer network, from the encoded file"));
        html.append(limited("Encoded", reached.encodedBytes(), reached.budgetBytes(), ByteSize::display));
        html.append(limited("Latency", reached.latencyMs(), reached.maxLatencyMs(),
                ms -> Html.format("%.2f ms", ms)));
        html.append(limited("Peak SRAM", reached.sramBytes(), reached.maxSramBytes(), ByteSize::display));
        html.append(card("Weights", Html.format("%,d", reached.weights()),
                Html.format("%.2f M multiply-accumulates", reached.macs() / 1e6)));
        html.append(card("Size, three ways", ByteSize.display(reached.encodedBytes()),
                "closed form " + ByteSize.display(reached.closedFormBytes()) + ", entropy "
                        + ByteSize.display(reached.entropyBytes())));
        return html.append("</section>\n").toString();
    }

    private static String limited(
            String name, double value, Number limit, java.util.function.DoubleFunction<String> format) {
        if (limit == null) {
            return card(name, format.apply(value), "no limit");
        }
        double share = value / limit.doubleValue();
        return Html.format(
                "<div class=\"card\"><h3>%s</h3><b>%s</b><div class=\"gauge%s\"><i style=\"width:%.1f%%\"></i></div>"
                        + "<p>%.1f%% of %s</p></div>\n",
                Html.escape(name), Html.escape(format.apply(value)), share > 1 ? " over" : "",
                Math.min(100, share * 100), share * 100, Html.escape(format.apply(limit.doubleValue())));
    }

    private static String card(String name, String value, String note) {
        return Html.format("<div class=\"card\"><h3>%s</h3><b>%s</b><p>%s</p></div>\n",
                Html.escape(name), Html.escape(value), Html.escape(note));
    }
}
