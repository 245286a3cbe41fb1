package io.udc.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * One tensor of a file, in host memory.
 *
 * @param type element type
 * @param shape extents, outermost first; empty for a scalar
 * @param bytes the elements, little endian, row-major; not copied, so not to be changed
 */
public record StoredTensor(ElementType type, List<Long> shape, ByteBuffer bytes) {

    /** @throws IllegalArgumentException if the number of bytes does not fit type and shape */
    public StoredTensor {
        shape = List.copyOf(shape);
        bytes = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        long expected = byteCount(type, shape);
        if (expected != bytes.remaining()) {
            throw new IllegalArgumentException(
                    "a " + type + " tensor of shape " + shape + " has " + expected + " bytes, found "
                            + bytes.remaining());
        }
    }

    public static StoredTensor ofBytes(byte[] values) {
        return new StoredTensor(ElementType.U8, List.of((long) values.length), ByteBuffer.wrap(values));
    }

    public static StoredTensor ofFloats(float[] values, long... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return new StoredTensor(ElementType.F32, boxed(shape), bytes);
    }

    public static StoredTensor ofLongs(long[] values, long... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return new StoredTensor(ElementType.I64, boxed(shape), bytes);
    }

    /** A copy of the values of a U8 or I8 tensor. */
    public byte[] toBytes() {
        byte[] values = new byte[bytes.remaining()];
        bytes.duplicate().get(values);
        return values;
    }

    /** A copy of the values of an F32 tensor. */
    public float[] toFloats() {
        expect(ElementType.F32);
        float[] values = new float[bytes.remaining() / Float.BYTES];
        littleEndian().asFloatBuffer().get(values);
        return values;
    }

    /** A copy of the values of an I64 tensor. */
    public long[] toLongs() {
        expect(ElementType.I64);
        long[] values = new long[bytes.remaining() / Long.BYTES];
        littleEndian().asLongBuffer().get(values);
        return values;
    }

    /** The extents as an array. */
    public long[] sizes() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    /**
     * Bytes of a tensor.
     *
     * @throws ArithmeticException if they do not fit a long
     */
    static long byteCount(ElementType type, List<Long> shape) {
        long count = type.bytes();
        for (long extent : shape) {
            count = Math.multiplyExact(count, extent);
        }
        return count;
    }

    private ByteBuffer littleEndian() {
        return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    private void expect(ElementType wanted) {
        if (type != wanted) {
            throw new IllegalStateException("a tensor of type " + type + " read as " + wanted);
        }
    }

    private static List<Long> boxed(long[] shape) {
        return java.util.Arrays.stream(shape).boxed().toList();
    }
}
