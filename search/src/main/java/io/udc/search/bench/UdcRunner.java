package io.udc.search.bench;

import io.udc.embed.NativeModel;
import io.udc.embed.NativeSession;
import org.bytedeco.javacpp.BytePointer;

/** The executor behind the C API for embedding. */
final class UdcRunner implements PictureRunner {

    private final NativeModel model;
    private final NativeSession session;
    private final BytePointer input;
    private final BytePointer output;

    /** @param file content of a .udc file */
    UdcRunner(byte[] file) {
        model = NativeModel.open(file, NativeModel.Instructions.BEST);
        session = model.session();
        input = new BytePointer(session.input().elements());
        output = new BytePointer(session.output().elements());
    }

    @Override
    public String executor() {
        return "udc, " + model.instructions();
    }

    @Override
    public void setPicture(byte[] values) {
        input.put(values);
    }

    @Override
    public void run() {
        session.run(input, output, 1);
    }

    @Override
    public byte[] answer() {
        byte[] values = new byte[Math.toIntExact(output.limit())];
        output.get(values);
        return values;
    }

    @Override
    public long sessionBytes() {
        return session.bytes();
    }

    @Override
    public void close() {
        output.close();
        input.close();
        session.close();
        model.close();
    }
}
