package io.udc.embed;

import io.udc.arch.Shape;
import io.udc.bindings.Udc;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.SizeTPointer;

/** Room to run pictures one after the other on the calling thread. Not thread-safe; holds native memory. */
public final class NativeSession implements AutoCloseable {

    private final Udc.udc_session session;
    private final Shape input;
    private final Shape output;
    private final long bytes;
    private final Udc.udc_error error = new Udc.udc_error();

    NativeSession(Udc.udc_model model, int height, int width) {
        try (Udc.udc_session_options options = new Udc.udc_session_options();
                Udc.udc_session opened = new Udc.udc_session();
                SizeTPointer size = new SizeTPointer(1);
                Udc.udc_tensor in = new Udc.udc_tensor();
                Udc.udc_tensor out = new Udc.udc_tensor()) {
            options.zero();
            options.struct_bytes(options.sizeof()).height(height).width(width);
            NativeModel.check(Udc.udc_session_bytes(model, options, size, error), error);
            NativeModel.check(Udc.udc_session_create(model, options, opened, error), error);
            this.session = new Udc.udc_session(opened);
            this.bytes = size.get();
            NativeModel.check(Udc.udc_session_describe(session, in, out, error), error);
            this.input = NativeModel.shape(in);
            this.output = NativeModel.shape(out);
        }
    }

    public Shape input() {
        return input;
    }

    public Shape output() {
        return output;
    }

    /** All memory that the session takes. */
    public long bytes() {
        return bytes;
    }

    /**
     * Runs pictures.
     *
     * @param values int8 values [picture, row, column, channel]
     * @return the answers in the same order
     */
    public byte[] run(byte[] values, int pictures) {
        byte[] answers = new byte[Math.toIntExact(pictures * output.elements())];
        try (BytePointer from = new BytePointer(values);
                BytePointer to = new BytePointer(answers.length)) {
            run(from, to, pictures);
            to.get(answers);
        }
        return answers;
    }

    /** The same between buffers in native memory, without copies. */
    public void run(BytePointer values, BytePointer answers, int pictures) {
        NativeModel.check(
                Udc.udc_session_run(
                        session, values, values.limit(), answers, answers.limit(), pictures, error),
                error);
    }

    @Override
    public void close() {
        Udc.udc_session_destroy(session);
        session.close();
        error.close();
    }
}
