package io.udc.integer;

import io.udc.arch.Add;
import io.udc.arch.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * TFLite's int8 ADD (tensorflow/lite/kernels/internal/reference/add.h): both inputs are brought to a common scale
 * with 20 more bits, added, and brought to the output's scale. A second input of one channel is added to every
 * channel of the first.
 */
final class AddOperator implements IntegerOperator {

    private static final int LEFT_SHIFT = 20;

    private final Shape output;
    private final boolean broadcast;
    private final int[] first;
    private final int[] second;
    private final Requantization toOutput;
    private final Quantization quantization;
    private final int least;
    private final Rounding rounding;

    AddOperator(Add node, List<Shape> shapes, Quantization a, Quantization b, Quantization out, Rounding rounding) {
        this.output = shapes.get(0);
        this.broadcast = shapes.get(1).channels() != output.channels();
        double twiceGreater = 2 * Math.max(a.scale(), b.scale());
        this.first = rescaled(a, twiceGreater, rounding);
        this.second = rescaled(b, twiceGreater, rounding);
        this.toOutput = Requantization.of(twiceGreater / ((1 << LEFT_SHIFT) * (double) out.scale()));
        this.quantization = out;
        this.least = IntegerModel.leastValue(node.activation(), out);
        this.rounding = rounding;
        long greatest = Math.max(greatest(first), greatest(second)) * 2;
        if (greatest > (long) Integer.MAX_VALUE >> toOutput.leftShift()) {
            throw new IllegalArgumentException(
                    node.name() + ": the output scale " + out.scale() + " is too small for the inputs' scales");
        }
    }

    @Override
    public byte[] run(byte[][] inputs, int pictures) {
        byte[] a = inputs[0];
        byte[] b = inputs[1];
        byte[] result = new byte[a.length];
        int plane = output.height() * output.width();
        IntStream.range(0, pictures * output.channels()).parallel().forEach(map -> {
            int from = map * plane;
            int other = (broadcast ? map / output.channels() : map) * plane;
            for (int i = 0; i < plane; i++) {
                int sum = first[a[from + i] - Quantization.MIN] + second[b[other + i] - Quantization.MIN];
                int value = toOutput.apply(sum, rounding) + quantization.zeroPoint();
                result[from + i] = (byte) Math.min(Math.max(value, least), Quantization.MAX);
            }
        });
        return result;
    }

    /** The rescaled value of each of the 256 possible inputs. */
    private static int[] rescaled(Quantization input, double twiceGreater, Rounding rounding) {
        Requantization rescale = Requantization.of(input.scale() / twiceGreater);
        return IntStream.rangeClosed(Quantization.MIN, Quantization.MAX)
                .map(q -> rescale.apply((q - input.zeroPoint()) << LEFT_SHIFT, rounding))
                .toArray();
    }

    private static long greatest(int[] values) {
        return IntStream.of(values).mapToLong(value -> Math.abs((long) value)).max().orElse(0);
    }
}
