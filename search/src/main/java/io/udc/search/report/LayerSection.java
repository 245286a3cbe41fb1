package io.udc.search.report;

import io.udc.search.run.Result;
import io.udc.search.run.Result.Layer;

/** The layers of the found network as a table. */
final class LayerSection {

    private final Result result;

    LayerSection(Result result) {
        this.result = result;
    }

    String toHtml() {
        long mostBytes = result.layers().stream().mapToLong(Layer::encodedBytes).max().orElse(1);
        double mostCycles = result.layers().stream().mapToDouble(Layer::cycles).max().orElse(1);
        StringBuilder html = new StringBuilder("<section><h2>Layers</h2>\n<div class=\"scroll\"><table class=\"layers\">"
                + "<thead><tr><th>layer</th><th>operator</th><th class=\"n\">in</th><th class=\"n\">out</th>"
                + "<th class=\"n\">bits</th><th class=\"n\">zeros</th><th class=\"n\">weights</th>"
                + "<th class=\"n\">bits/weight</th><th>encoded bytes</th><th>cycles</th></tr></thead><tbody>\n");
        for (Layer layer : result.layers()) {
            html.append(Html.format(
                    "<tr><td>%s</td><td>%s</td><td class=\"n\">%d</td><td class=\"n\">%d</td>"
                            + "<td class=\"n\"><span class=\"bits b%d\">%d</span></td><td class=\"n\">%.0f%%</td>"
                            + "<td class=\"n\">%,d</td><td class=\"n\">%.2f</td>%s%s</tr>\n",
                    Html.escape(layer.name()), Html.escape(layer.operator()), layer.inChannels(),
                    layer.outChannels(), layer.bits(), layer.bits(), layer.sparsity() * 100, layer.weights(),
                    layer.bitsPerWeight(), bar(layer.encodedBytes(), mostBytes, ""),
                    bar(layer.cycles(), mostCycles, "second")));
        }
        return html.append("</tbody></table></div></section>\n").toString();
    }

    private static String bar(double value, double most, String style) {
        return Html.format("<td class=\"bar\"><i class=\"%s\" style=\"width:%.1f%%\"></i><span>%,.0f</span></td>",
                style, most > 0 ? value / most * 100 : 0, value);
    }
}
