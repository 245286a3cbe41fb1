package io.udc.format;

/** The element types that the project's tensor files use; the names are those of the safetensors format. */
public enum ElementType {
    U8(1),
    I8(1),
    I32(4),
    I64(8),
    F32(4),
    F64(8);

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }
}
