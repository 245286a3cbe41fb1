package io.udc.arch;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/** The mean over all rows and columns of each channel. */
public record GlobalAveragePool(String name, String input) implements Node {

    @Override
    @JsonIgnore
    public List<String> inputs() {
        return List.of(input);
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
        return new Shape(inputs.get(0).channels(), 1, 1);
    }
}
