package io.udc.search.cli;

import io.udc.search.bench.CodecTiming;
import java.util.List;
import java.util.Locale;

/** The codec's speeds and sizes beside Vela's. */
final class CodecTable {

    /** Shorter streams are mostly header and padding. */
    private static final long LEAST_BYTES = 256;

    private final List<CodecTiming> rows;

    CodecTable(List<CodecTiming> rows) {
        this.rows = rows;
    }

    @Override
    public String toString() {
        Table table = new Table("weights", "count", "fast", "best", "size only", "decode", "Vela encode", "Vela decode",
                "entropy", "fast bits", "best bits", "best/Vela");
        for (CodecTiming row : rows) {
            table.row(row.name(), String.format(Locale.ROOT, "%,d", row.weights()), number(row.fast(), 1),
                    number(row.best(), 1), number(row.sizeOnly(), 1), number(row.decode(), 1),
                    number(row.velaEncode(), 1), number(row.velaDecode(), 0), number(row.entropyBitsPerWeight(), 3),
                    number(8.0 * row.fastBytes() / row.weights(), 3), number(8.0 * row.bestBytes() / row.weights(), 3),
                    number(row.bestOverVela(), 4));
        }
        String text = table + "\n\nspeeds: million weights per second on one thread; Vela's were measured once, "
                + "on another machine";
        List<CodecTiming> counted = rows.stream()
                .filter(row -> row.velaBytes() != null && row.velaBytes() >= LEAST_BYTES)
                .toList();
        return counted.isEmpty() ? text : text + String.format(Locale.ROOT,
                "%nmean of best/Vela over %d streams of %d bytes and more: %.4f", counted.size(), LEAST_BYTES,
                counted.stream().mapToDouble(CodecTiming::bestOverVela).average().orElseThrow());
    }

    private static String number(Double value, int digits) {
        return value == null ? "-" : String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
