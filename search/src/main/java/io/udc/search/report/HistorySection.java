package io.udc.search.report;

import io.udc.search.SearchEvent.EpochDone;
import io.udc.search.SearchEvent.SearchState;
import io.udc.units.ByteSize;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;

/** How the run went, epoch by epoch. */
final class HistorySection {

    private static final double KIB = 1024;

    private final List<EpochDone> epochs;
    private final Double budget;

    /** @param budget bytes; null for none */
    HistorySection(List<EpochDone> epochs, Double budget) {
        this.epochs = epochs;
        this.budget = budget;
    }

    String toHtml() {
        if (epochs.isEmpty()) {
            return "<section><h2>Progress</h2><p>No epoch is done yet.</p></section>\n";
        }
        StringBuilder html = new StringBuilder("<section><h2>Progress</h2>\n<div class=\"charts\">\n");
        for (Chart chart : List.of(loss(), bytes(), entropy(), multipliers())) {
            if (!chart.isEmpty()) {
                html.append("<figure>").append(chart.toSvg()).append("</figure>\n");
            }
        }
        return html.append("</div></section>\n").toString();
    }

    private Chart loss() {
        return withPhases(new Chart("Training loss", "epoch")).line("loss", allEpochs(), column(EpochDone::loss));
    }

    private Chart bytes() {
        Chart chart = new Chart("Expected encoded bytes during the search", "epoch")
                .fromZero()
                .yFormat(value -> Html.format("%.0f KiB", value))
                .line("expected", searchEpochs(), search(state -> state.expectedBytes() / KIB))
                .line("encoded", searchEpochs(),
                        search(state -> state.encodedBytes() == null ? null : state.encodedBytes() / KIB));
        return budget == null ? chart : chart.reference("budget " + ByteSize.display(budget), budget / KIB);
    }

    private Chart entropy() {
        Chart chart = new Chart("Normalised entropy of the decisions", "epoch").fromZero();
        for (String kind : keys(state -> state.entropy().keySet())) {
            chart.line(kind, searchEpochs(), search(state -> state.entropy().get(kind)));
        }
        return chart.line("target", searchEpochs(), search(SearchState::entropyTarget));
    }

    private Chart multipliers() {
        Chart chart = new Chart("Multipliers of the constraints", "epoch").fromZero();
        for (String name : keys(state -> state.multipliers().keySet())) {
            chart.line(name, searchEpochs(), search(state -> state.multipliers().get(name)));
        }
        return chart;
    }

    /** Marks where each phase begins and ends. */
    private Chart withPhases(Chart chart) {
        int from = 0;
        for (int i = 1; i <= epochs.size(); i++) {
            if (i == epochs.size() || !epochs.get(i).phase().equals(epochs.get(from).phase())) {
                chart.band(epochs.get(from).phase(), from + 0.5, i + 0.5);
                from = i;
            }
        }
        return chart;
    }

    private List<Double> allEpochs() {
        List<Double> x = new ArrayList<>();
        for (int i = 1; i <= epochs.size(); i++) {
            x.add((double) i);
        }
        return x;
    }

    private List<Double> searchEpochs() {
        return searching().stream().map(epoch -> (double) epoch.epoch()).toList();
    }

    private List<EpochDone> searching() {
        return epochs.stream().filter(epoch -> epoch.search() != null).toList();
    }

    private List<Double> column(Function<EpochDone, Double> value) {
        return new ArrayList<>(epochs.stream().map(value).toList());
    }

    private List<Double> search(Function<SearchState, Double> value) {
        List<Double> values = new ArrayList<>();
        searching().forEach(epoch -> values.add(value.apply(epoch.search())));
        return values;
    }

    private TreeSet<String> keys(Function<SearchState, java.util.Set<String>> of) {
        TreeSet<String> keys = new TreeSet<>();
        searching().forEach(epoch -> keys.addAll(of.apply(epoch.search())));
        return keys;
    }
}
