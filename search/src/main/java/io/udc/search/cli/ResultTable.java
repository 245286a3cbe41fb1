package io.udc.search.cli;

import io.udc.search.run.Result;
import io.udc.search.run.Result.Competitor;
import io.udc.search.run.Result.SearchedBytes;
import io.udc.units.ByteSize;
import java.util.Locale;

/** A result in a few lines: the found network beside its competitors, and its size counted three ways. */
final class ResultTable {

    private final Result result;

    ResultTable(Result result) {
        this.result = result;
    }

    @Override
    public String toString() {
        Table table = new Table("network", result.metricName(), "encoded bytes", "found is better by");
        table.row("found", metric(result.metric()), bytes(result.encodedBytes()), "");
        for (Competitor competitor : result.competitors()) {
            table.row(competitor.name(), metric(competitor.metric()), bytes(competitor.encodedBytes()),
                    String.format(Locale.ROOT, "%+.2f", result.metric() - competitor.metric()));
        }
        String limit = result.budgetBytes() == null ? "no limit" : String.format(Locale.ROOT,
                "%.1f%% of %s", 100.0 * result.encodedBytes() / result.budgetBytes(),
                ByteSize.display(result.budgetBytes()));
        return table + "\n\n"
                + String.format(Locale.ROOT, "size:    %s encoded (%s); closed form %s, entropy %s%n",
                        ByteSize.display(result.encodedBytes()), limit, ByteSize.display(result.closedFormBytes()),
                        ByteSize.display(result.entropyBytes()))
                + searchedBytes()
                + String.format(Locale.ROOT, "on %s: %.3f ms, peak SRAM %s", result.npu(), result.latencyMs(),
                        ByteSize.display(result.sramBytes()));
    }

    private String searchedBytes() {
        SearchedBytes searched = result.searchedBytes();
        return searched == null ? "" : String.format(Locale.ROOT,
                "search:  ended with %s expected, %s encoded before training (%+.1f%%)%n",
                ByteSize.display(Math.round(searched.expected())), ByteSize.display(searched.encoded()),
                searched.errorPercent());
    }

    private String metric(double value) {
        return String.format(Locale.ROOT, result.metricName().equals("psnr") ? "%.2f dB" : "%.2f%%", value);
    }

    private static String bytes(long bytes) {
        return String.format(Locale.ROOT, "%,d", bytes);
    }
}
