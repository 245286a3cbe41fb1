package io.udc.search.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** A table in plain text: columns as wide as they need to be, numbers to the right. */
public final class Table {

    private static final Pattern NUMBER = Pattern.compile("[-+]?[\\d.,]+( ?(%|[KM]i?B|B|ms|us|s|dB|x))?|-|");
    private static final String GAP = "  ";

    private final List<String> header;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... header) {
        this.header = List.of(header);
    }

    /** Adds a row of as many cells as the header has. */
    public Table row(String... cells) {
        if (cells.length != header.size()) {
            throw new IllegalArgumentException("found " + cells.length + " cells, expected " + header.size());
        }
        rows.add(List.of(cells));
        return this;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        append(text, header);
        append(text, IntStream.range(0, header.size()).mapToObj(column -> "-".repeat(width(column))).toList());
        rows.forEach(row -> append(text, row));
        return text.toString().stripTrailing();
    }

    private void append(StringBuilder text, List<String> row) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            String pad = " ".repeat(width(i) - row.get(i).length());
            line.append(i == 0 ? "" : GAP).append(isNumeric(i) ? pad + row.get(i) : row.get(i) + pad);
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }

    private int width(int column) {
        int widest = header.get(column).length();
        for (List<String> row : rows) {
            widest = Math.max(widest, row.get(column).length());
        }
        return widest;
    }

    private boolean isNumeric(int column) {
        return !rows.isEmpty()
                && rows.stream().allMatch(row -> NUMBER.matcher(row.get(column)).matches());
    }
}
