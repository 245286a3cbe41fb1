package io.udc.integer;

import io.udc.arch.Shape;

/**
 * The mean over rows and columns as TFLite's int8 AVERAGE_POOL_2D computes it: the sum of the int8 values divided
 * by their number, rounded half away from zero, zero point and all.
 */
final class PoolOperator implements IntegerOperator {

    private final int plane;

    PoolOperator(Shape input) {
        this.plane = input.height() * input.width();
    }

    @Override
    public byte[] run(byte[][] inputs, int pictures) {
        byte[] values = inputs[0];
        byte[] means = new byte[values.length / plane];
        for (int map = 0; map < means.length; map++) {
            int sum = 0;
            for (int i = map * plane; i < (map + 1) * plane; i++) {
                sum += values[i];
            }
            means[map] = (byte) ((sum > 0 ? sum + plane / 2 : sum - plane / 2) / plane);
        }
        return means;
    }
}
