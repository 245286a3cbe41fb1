package io.udc.search.sweep;

import io.udc.InputException;
import io.udc.arch.Compression;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The compressions of uniform networks. In text {@code 8,4x0,0.75}, every bit width with every sparsity, or several of
 * that with a plus between: {@code 8x0+4x0,0.75}.
 *
 * @param compressions each of them once
 */
public record UniformGrid(List<Compression> compressions) {

    /** The grid that a front is held against: 8, 6, 4, 3 and 2 bits with 0, 50, 75 and 87.5% of zeros. */
    public static final String FULL = "8,6,4,3,2x0,0.5,0.75,0.875";

    /** No uniform networks. */
    public static final UniformGrid NONE = new UniformGrid(List.of());

    public UniformGrid {
        compressions = compressions.stream().distinct().toList();
    }

    /**
     * Reads bits and sparsities, each separated by commas, with an x between; several of that with a plus between.
     *
     * @throws InputException if the text has another form or a value is out of range
     */
    public static UniformGrid parse(String text) {
        List<Compression> compressions = new ArrayList<>();
        for (String product : text.split("\\+", -1)) {
            String[] axes = product.split("x", -1);
            if (axes.length != 2) {
                throw new InputException(expectation(text));
            }
            try {
                List<Double> sparsities = values(axes[1], Double::valueOf);
                for (int bits : values(axes[0], Integer::valueOf)) {
                    sparsities.forEach(sparsity -> compressions.add(new Compression(bits, sparsity)));
                }
            } catch (NumberFormatException e) {
                throw new InputException(expectation(text), e);
            } catch (IllegalArgumentException e) {
                throw new InputException(e.getMessage(), e);
            }
        }
        return new UniformGrid(compressions);
    }

    private static <T> List<T> values(String list, Function<String, T> parser) {
        List<T> values = new ArrayList<>();
        for (String value : list.split(",", -1)) {
            values.add(parser.apply(value.trim()));
        }
        return values;
    }

    private static String expectation(String text) {
        return "found '" + text + "', expected bits and sparsities such as " + FULL + " or 8x0+4,3x0.5";
    }
}
