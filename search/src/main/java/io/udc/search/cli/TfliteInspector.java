package io.udc.search.cli;

import io.udc.search.model.TfliteSummary;
import io.udc.tflite.TfliteNetwork;
import io.udc.units.ByteSize;
import java.util.List;
import java.util.Locale;

/** {@code udc inspect} of a TFLite file. */
final class TfliteInspector {

    private final Console console;

    TfliteInspector(Console console) {
        this.console = console;
    }

    void run(TfliteNetwork network, boolean json) {
        TfliteSummary summary = TfliteSummary.of(network);
        if (json) {
            console.json(summary);
            return;
        }
        Table table = new Table("#", "operator", "output", "weights", "zeros", "entropy", "name");
        for (TfliteSummary.Row row : summary.operators()) {
            boolean weighted = row.weights() > 0;
            table.row(
                    Integer.toString(row.position()),
                    row.operator(),
                    shape(row.output()),
                    String.format(Locale.ROOT, "%,d", row.weights()),
                    weighted ? String.format(Locale.ROOT, "%.1f%%", 100 * row.sparsity()) : "-",
                    weighted ? String.format(Locale.ROOT, "%.3f", row.entropyBitsPerWeight()) : "-",
                    row.name());
        }
        console.result(table.toString());
        console.result("");
        summary.inputs().forEach(port -> console.result("input: " + port(port)));
        summary.outputs().forEach(port -> console.result("output: " + port(port)));
        console.result(String.format(Locale.ROOT, "weights: %,d, entropy %s",
                summary.weights(), ByteSize.display(summary.entropyBytes())));
    }

    private static String port(TfliteSummary.Port port) {
        String quantized = port.scale() == null
                ? ""
                : ", scale " + port.scale() + ", zero point " + port.zeroPoint();
        return "'" + port.name() + "', " + port.type() + " " + shape(port.shape()) + quantized;
    }

    private static String shape(List<Integer> extents) {
        return extents.stream().map(String::valueOf).reduce((a, b) -> a + "x" + b).orElse("scalar");
    }
}
