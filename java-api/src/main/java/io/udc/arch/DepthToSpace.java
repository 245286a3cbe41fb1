package io.udc.arch;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/**
 * Moves channels into space as TFLite's DEPTH_TO_SPACE does: output (c, y*block+dy, x*block+dx) is input channel
 * (dy*block+dx)*C + c at (y, x), with C output channels. For one output channel this is also the pixel shuffle.
 */
public record DepthToSpace(String name, String input, int block) implements Node {

    public DepthToSpace {
        Checks.atLeastOne(name, "block", block);
    }

    @Override
    @JsonIgnore
    public List<String> inputs() {
        return List.of(input);
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
        Shape input = inputs.get(0);
        if (input.channels() % (block * block) != 0) {
            throw new IllegalArgumentException(
                    name + ": " + input.channels() + " channels do not divide by " + block * block);
        }
        return new Shape(input.channels() / (block * block), input.height() * block, input.width() * block);
    }
}
