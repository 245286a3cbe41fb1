package io.udc.arch;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/**
 * The sum of two feature maps. The second may have one channel, which is then added to every channel of the
 * first (the long residual of super resolution).
 */
public record Add(String name, String first, String second, Activation activation) implements Node {

    public Add {
        Checks.present(name, "activation", activation);
    }

    @Override
    @JsonIgnore
    public List<String> inputs() {
        return List.of(first, second);
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
        Shape a = inputs.get(0);
        Shape b = inputs.get(1);
        boolean sameExtent = a.height() == b.height() && a.width() == b.width();
        if (!sameExtent || (a.channels() != b.channels() && b.channels() != 1)) {
            throw new IllegalArgumentException(name + ": cannot add " + b + " to " + a);
        }
        return a;
    }
}
