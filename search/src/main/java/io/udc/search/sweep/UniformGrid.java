package io.udc.search.sweep;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.udc.InputException;
import io.udc.arch.Compression;
import java.util.ArrayList;
import java.util.List;

/**
 * The compressions of uniform networks: every bit width with every sparsity. In text {@code 8,4x0,0.75}.
 *
 * @param bits weight bit widths, 2 to 8
 * @param sparsities shares of pruned weights, 0 to below 1
 */
public record UniformGrid(List<Integer> bits, List<Double> sparsities) {

    /** The grid that a front is held against: 8, 6, 4, 3 and 2 bits with 0, 50, 75 and 87.5% of zeros. */
    public static final String FULL = "8,6,4,3,2x0,0.5,0.75,0.875";

    /** No uniform networks. */
    public static final UniformGrid NONE = new UniformGrid(List.of(), List.of());

    public UniformGrid {
        bits = List.copyOf(bits);
        sparsities = List.copyOf(sparsities);
    }

    /**
     * Reads bits and sparsities, each separated by commas, with an x between.
     *
     * @throws InputException if the text has another form or a value is out of range
     */
    public static UniformGrid parse(String text) {
        String[] axes = text.split("x", -1);
        if (axes.length != 2) {
            throw new InputException("found '" + text + "', expected bits and sparsities such as " + FULL);
        }
        try {
            List<Integer> bits = new ArrayList<>();
            for (String value : axes[0].split(",", -1)) {
                bits.add(Integer.valueOf(value.trim()));
            }
            List<Double> sparsities = new ArrayList<>();
            for (String value : axes[1].split(",", -1)) {
                sparsities.add(Double.valueOf(value.trim()));
            }
            UniformGrid grid = new UniformGrid(bits, sparsities);
            grid.compressions();
            return grid;
        } catch (NumberFormatException e) {
            throw new InputException("found '" + text + "', expected bits and sparsities such as " + FULL, e);
        } catch (IllegalArgumentException e) {
            throw new InputException(e.getMessage(), e);
        }
    }

    /** Whether it has no compression. */
    @JsonIgnore
    public boolean isEmpty() {
        return bits.isEmpty() || sparsities.isEmpty();
    }

    /** Every bit width with every sparsity. */
    public List<Compression> compressions() {
        return bits.stream()
                .flatMap(width -> sparsities.stream().map(sparsity -> new Compression(width, sparsity)))
                .toList();
    }
}
