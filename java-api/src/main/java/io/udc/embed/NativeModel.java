package io.udc.embed;

import io.udc.InputException;
import io.udc.arch.Shape;
import io.udc.bindings.Udc;
import java.util.Locale;
import org.bytedeco.javacpp.BytePointer;

/**
 * A network that the C API has opened. Immutable, for any number of threads; holds native memory until it is closed,
 * which must be after its sessions.
 */
public final class NativeModel implements AutoCloseable {

    /** Code paths of the executor, in the order of the C header. All give the same bytes. */
    public enum Instructions {
        BEST,
        PORTABLE,
        AVX2,
        AVX512_VNNI;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private final Udc.udc_model model;
    private final Shape input;
    private final Shape output;
    private final Instructions instructions;

    private NativeModel(Udc.udc_model model) {
        this.model = model;
        try (Udc.udc_model_info info = new Udc.udc_model_info();
                Udc.udc_error error = new Udc.udc_error()) {
            check(Udc.udc_model_describe(model, info, error), error);
            this.input = shape(info.input());
            this.output = shape(info.output());
            this.instructions = Instructions.values()[info.instructions()];
        }
    }

    /**
     * Opens the content of a .udc file.
     *
     * @throws InputException if it is no such file, or if the machine lacks the instructions
     */
    public static NativeModel open(byte[] file, Instructions instructions) {
        try (BytePointer bytes = new BytePointer(file);
                Udc.udc_open_options options = new Udc.udc_open_options();
                Udc.udc_model model = new Udc.udc_model();
                Udc.udc_error error = new Udc.udc_error()) {
            options.zero();
            options.struct_bytes(options.sizeof()).instructions(instructions.ordinal());
            check(Udc.udc_model_open_memory(bytes, file.length, options, model, error), error);
            return new NativeModel(new Udc.udc_model(model));
        }
    }

    /** Shape of one picture. */
    public Shape input() {
        return input;
    }

    /** Shape of the answer to one picture of {@link #input()}. */
    public Shape output() {
        return output;
    }

    /** The code path in use; never {@link Instructions#BEST}. */
    public Instructions instructions() {
        return instructions;
    }

    /** A session for pictures of {@link #input()}. */
    public NativeSession session() {
        return session(input.height(), input.width());
    }

    /**
     * A session for pictures of another size.
     *
     * @throws InputException if the network takes one size only
     */
    public NativeSession session(int height, int width) {
        return new NativeSession(model, height, width);
    }

    @Override
    public void close() {
        Udc.udc_model_close(model);
        model.close();
    }

    static Shape shape(Udc.udc_tensor tensor) {
        return new Shape(tensor.channels(), tensor.height(), tensor.width());
    }

    static void check(int status, Udc.udc_error error) {
        if (status != Udc.UDC_OK) {
            throw new InputException(error.message().getString());
        }
    }
}
