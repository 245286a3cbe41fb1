package io.udc.arch;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/** A fully connected layer over all values of its input, which must be 1x1 in space. */
public record Dense(
        String name, String input, int outChannels, Activation activation, Compression compression)
        implements WeightedNode {

    public Dense {
        Checks.present(name, "activation", activation);
        Checks.present(name, "compression", compression);
        Checks.atLeastOne(name, "outChannels", outChannels);
    }

    @Override
    @JsonIgnore
    public int stride() {
        return 1;
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
        Shape input = inputs.get(0);
        if (input.height() != 1 || input.width() != 1) {
            throw new IllegalArgumentException(name + ": a dense layer reads 1x1 maps, found " + input);
        }
        return new Shape(outChannels, 1, 1);
    }

    @Override
    public WeightShape weightShape(Shape input) {
        return new WeightShape(outChannels, input.channels(), 1, 1);
    }

    @Override
    public Dense withCompression(Compression other) {
        return new Dense(name, input, outChannels, activation, other);
    }
}
