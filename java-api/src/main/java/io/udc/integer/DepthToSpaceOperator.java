package io.udc.integer;

import io.udc.arch.Shape;

/** Moves channels into space; see {@link io.udc.arch.DepthToSpace}. */
final class DepthToSpaceOperator implements IntegerOperator {

    private final Shape input;
    private final int block;

    DepthToSpaceOperator(Shape input, int block) {
        this.input = input;
        this.block = block;
    }

    @Override
    public byte[] run(byte[][] inputs, int pictures) {
        byte[] values = inputs[0];
        byte[] result = new byte[values.length];
        int channels = input.channels() / (block * block);
        int height = input.height() * block;
        int width = input.width() * block;
        for (int map = 0; map < pictures * channels; map++) {
            int picture = map / channels;
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int from = (y % block * block + x % block) * channels + map % channels;
                    int row = (picture * input.channels() + from) * input.height() + y / block;
                    result[(map * height + y) * width + x] = values[row * input.width() + x / block];
                }
            }
        }
        return result;
    }
}
